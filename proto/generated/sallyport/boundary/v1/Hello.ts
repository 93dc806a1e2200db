// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'protocolVersion'?: (number);
  'software'?: (string);
  'node'?: (string);
  'boot'?: (string);
  'policyRevision'?: (string);
  'clockMs'?: (number | string | Long);
  'credit'?: (number);
}

export interface Hello__Output {
  'protocolVersion': (number);
  'software': (string);
  'node': (string);
  'boot': (string);
  'policyRevision': (string);
  'clockMs': (number);
  'credit': (number);
}
