// Original file: proto/boundary.proto


export interface Activation {
  'active'?: (boolean);
  'published'?: (string);
  'received'?: (string);
  'verified'?: (string);
  'revision'?: (string);
  'problems'?: (string)[];
}

export interface Activation__Output {
  'active': (boolean);
  'published': (string);
  'received': (string);
  'verified': (string);
  'revision': (string);
  'problems': (string)[];
}
