// Original file: proto/boundary.proto


export interface Held {
  'rule'?: (string);
  'incident'?: (string);
}

export interface Held__Output {
  'rule': (string);
  'incident': (string);
}
