// Original file: proto/boundary.proto


export interface DiagnoseRequest {
  'domain'?: (string);
  'from'?: (string);
}

export interface DiagnoseRequest__Output {
  'domain': (string);
  'from': (string);
}
