// Original file: proto/boundary.proto

import type { StreamState as _sallyport_boundary_v1_StreamState, StreamState__Output as _sallyport_boundary_v1_StreamState__Output } from '../../../sallyport/boundary/v1/StreamState.ts';
import type { Standing as _sallyport_boundary_v1_Standing, Standing__Output as _sallyport_boundary_v1_Standing__Output } from '../../../sallyport/boundary/v1/Standing.ts';
import type { PolicyStanding as _sallyport_boundary_v1_PolicyStanding, PolicyStanding__Output as _sallyport_boundary_v1_PolicyStanding__Output } from '../../../sallyport/boundary/v1/PolicyStanding.ts';
import type { Long } from '@grpc/proto-loader';

export interface PartnerState {
  'domain'?: (string);
  'streams'?: (_sallyport_boundary_v1_StreamState)[];
  'lastError'?: (string);
  'lastErrorAtMs'?: (number | string | Long);
  'waiting'?: (number);
  'unsettled'?: (number);
  'standing'?: (_sallyport_boundary_v1_Standing);
  'policy'?: (_sallyport_boundary_v1_PolicyStanding | null);
}

export interface PartnerState__Output {
  'domain': (string);
  'streams': (_sallyport_boundary_v1_StreamState__Output)[];
  'lastError': (string);
  'lastErrorAtMs': (number);
  'waiting': (number);
  'unsettled': (number);
  'standing': (_sallyport_boundary_v1_Standing__Output);
  'policy': (_sallyport_boundary_v1_PolicyStanding__Output | null);
}
