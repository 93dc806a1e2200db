// Original file: proto/boundary.proto


export interface Retraction {
  'ofId'?: (string);
}

export interface Retraction__Output {
  'ofId': (string);
}
