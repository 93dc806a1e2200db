// Original file: proto/boundary.proto


export interface Reply {
  'to'?: (string);
  'id'?: (string);
  'quotedStart'?: (number);
  'quotedEnd'?: (number);
}

export interface Reply__Output {
  'to': (string);
  'id': (string);
  'quotedStart': (number);
  'quotedEnd': (number);
}
