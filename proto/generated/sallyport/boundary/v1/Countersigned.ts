// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Countersigned {
  'file'?: (string);
  'sequence'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
}

export interface Countersigned__Output {
  'file': (string);
  'sequence': (number);
  'hash': (Buffer);
}
