// Original file: proto/boundary.proto


export interface PolicyFile {
  'path'?: (string);
  'content'?: (Buffer | Uint8Array | string);
}

export interface PolicyFile__Output {
  'path': (string);
  'content': (Buffer);
}
