// Original file: proto/boundary.proto


export interface Link {
  'url'?: (string);
  'description'?: (string);
}

export interface Link__Output {
  'url': (string);
  'description': (string);
}
