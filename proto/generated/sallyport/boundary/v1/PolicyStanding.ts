// Original file: proto/boundary.proto


export interface PolicyStanding {
  'published'?: (string);
  'received'?: (string);
  'verified'?: (string);
  'active'?: (string);
}

export interface PolicyStanding__Output {
  'published': (string);
  'received': (string);
  'verified': (string);
  'active': (string);
}
