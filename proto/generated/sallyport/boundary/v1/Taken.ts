// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Taken {
  'seq'?: (number | string | Long);
}

export interface Taken__Output {
  'seq': (number);
}
