// Original file: proto/boundary.proto

import type { Marking as _sallyport_boundary_v1_Marking, Marking__Output as _sallyport_boundary_v1_Marking__Output } from '../../../sallyport/boundary/v1/Marking.ts';

export interface SecurityLabel {
  'marking'?: (_sallyport_boundary_v1_Marking | null);
  'privacyMark'?: (string);
}

export interface SecurityLabel__Output {
  'marking': (_sallyport_boundary_v1_Marking__Output | null);
  'privacyMark': (string);
}
