// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Heartbeat {
  'clockMs'?: (number | string | Long);
  'policyRevision'?: (string);
}

export interface Heartbeat__Output {
  'clockMs': (number);
  'policyRevision': (string);
}
