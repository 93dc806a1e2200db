// Original file: proto/boundary.proto

import type { CardUse as _sallyport_boundary_v1_CardUse, CardUse__Output as _sallyport_boundary_v1_CardUse__Output } from '../../../sallyport/boundary/v1/CardUse.ts';

export interface CardAddress {
  'use'?: (_sallyport_boundary_v1_CardUse);
  'value'?: (string);
}

export interface CardAddress__Output {
  'use': (_sallyport_boundary_v1_CardUse__Output);
  'value': (string);
}
