// Original file: proto/boundary.proto

import type { BouncedKind as _sallyport_boundary_v1_BouncedKind, BouncedKind__Output as _sallyport_boundary_v1_BouncedKind__Output } from '../../../sallyport/boundary/v1/BouncedKind.ts';

export interface Bounce {
  'ofId'?: (string);
  'ofKind'?: (_sallyport_boundary_v1_BouncedKind);
  'code'?: (string);
  'publicText'?: (string);
  'incident'?: (string);
}

export interface Bounce__Output {
  'ofId': (string);
  'ofKind': (_sallyport_boundary_v1_BouncedKind__Output);
  'code': (string);
  'publicText': (string);
  'incident': (string);
}
