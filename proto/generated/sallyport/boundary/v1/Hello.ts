// Original file: proto/boundary.proto

import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'protocolVersion'?: (number);
  'software'?: (string);
  'node'?: (string);
  'boot'?: (string);
  'policyRevision'?: (string);
  'clockMs'?: (number | string | Long);
  'initialCredit'?: (number);
}

export interface Hello__Output {
  'protocolVersion': (number);
  'software': (string);
  'node': (string);
  'boot': (string);
  'policyRevision': (string);
  'clockMs': (number);
  'initialCredit': (number);
}
