// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Asked {
  'seq'?: (number | string | Long);
  'id'?: (string);
}

export interface Asked__Output {
  'seq': (number);
  'id': (string);
}
