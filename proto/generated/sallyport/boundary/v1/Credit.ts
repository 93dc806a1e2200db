// Original file: proto/boundary.proto


export interface Credit {
  'packets'?: (number);
}

export interface Credit__Output {
  'packets': (number);
}
