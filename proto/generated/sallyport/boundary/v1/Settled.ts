// Original file: proto/boundary.proto

import type { SettledState as _sallyport_boundary_v1_SettledState, SettledState__Output as _sallyport_boundary_v1_SettledState__Output } from '../../../sallyport/boundary/v1/SettledState.ts';
import type { Long } from '@grpc/proto-loader';

export interface Settled {
  'seq'?: (number | string | Long);
  'state'?: (_sallyport_boundary_v1_SettledState);
  'code'?: (string);
  'publicText'?: (string);
  'incident'?: (string);
  'lang'?: (string);
}

export interface Settled__Output {
  'seq': (number);
  'state': (_sallyport_boundary_v1_SettledState__Output);
  'code': (string);
  'publicText': (string);
  'incident': (string);
  'lang': (string);
}
