// Original file: proto/boundary.proto


export interface AvatarQuery {
  'hash'?: (Buffer | Uint8Array | string);
}

export interface AvatarQuery__Output {
  'hash': (Buffer);
}
