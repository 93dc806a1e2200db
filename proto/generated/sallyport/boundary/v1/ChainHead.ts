// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface ChainHead {
  'file'?: (string);
  'sequence'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
}

export interface ChainHead__Output {
  'file': (string);
  'sequence': (number);
  'hash': (Buffer);
}
