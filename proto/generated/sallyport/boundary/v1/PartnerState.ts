// Original file: proto/boundary.proto

import type { StreamState as _sallyport_boundary_v1_StreamState, StreamState__Output as _sallyport_boundary_v1_StreamState__Output } from '../../../sallyport/boundary/v1/StreamState.ts';
import type { Long } from '@grpc/proto-loader';

export interface PartnerState {
  'domain'?: (string);
  'streams'?: (_sallyport_boundary_v1_StreamState)[];
  'lastError'?: (string);
  'lastErrorAtMs'?: (number | string | Long);
  'waiting'?: (number);
  'unsettled'?: (number);
}

export interface PartnerState__Output {
  'domain': (string);
  'streams': (_sallyport_boundary_v1_StreamState__Output)[];
  'lastError': (string);
  'lastErrorAtMs': (number);
  'waiting': (number);
  'unsettled': (number);
}
