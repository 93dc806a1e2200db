// Original file: proto/boundary.proto


export interface Goodbye {
  'reason'?: (string);
  'replaced'?: (boolean);
}

export interface Goodbye__Output {
  'reason': (string);
  'replaced': (boolean);
}
