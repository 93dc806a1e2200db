// Original file: proto/boundary.proto


export interface Invitation {
  'room'?: (string);
  'reason'?: (string);
}

export interface Invitation__Output {
  'room': (string);
  'reason': (string);
}
