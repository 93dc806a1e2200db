// Original file: proto/boundary.proto


export interface Avatar {
  'hash'?: (Buffer | Uint8Array | string);
  'mediaType'?: (string);
  'data'?: (Buffer | Uint8Array | string);
  'width'?: (number);
  'height'?: (number);
}

export interface Avatar__Output {
  'hash': (Buffer);
  'mediaType': (string);
  'data': (Buffer);
  'width': (number);
  'height': (number);
}
