// Original file: proto/boundary.proto

import type { Direction as _sallyport_boundary_v1_Direction, Direction__Output as _sallyport_boundary_v1_Direction__Output } from '../../../sallyport/boundary/v1/Direction.ts';
import type { Long } from '@grpc/proto-loader';

export interface StreamState {
  'direction'?: (_sallyport_boundary_v1_Direction);
  'localDomain'?: (string);
  'remoteAddress'?: (string);
  'sinceMs'?: (number | string | Long);
  'tls'?: (string);
  'certificateSha256'?: (string);
  'certificateNotAfterMs'?: (number | string | Long);
  'matchedName'?: (string);
  'stanzasIn'?: (number | string | Long);
  'stanzasOut'?: (number | string | Long);
}

export interface StreamState__Output {
  'direction': (_sallyport_boundary_v1_Direction__Output);
  'localDomain': (string);
  'remoteAddress': (string);
  'sinceMs': (number);
  'tls': (string);
  'certificateSha256': (string);
  'certificateNotAfterMs': (number);
  'matchedName': (string);
  'stanzasIn': (number);
  'stanzasOut': (number);
}
