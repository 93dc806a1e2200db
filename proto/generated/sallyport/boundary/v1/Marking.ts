// Original file: proto/boundary.proto

import type { MarkingScheme as _sallyport_boundary_v1_MarkingScheme, MarkingScheme__Output as _sallyport_boundary_v1_MarkingScheme__Output } from '../../../sallyport/boundary/v1/MarkingScheme.ts';
import type { MarkingLevel as _sallyport_boundary_v1_MarkingLevel, MarkingLevel__Output as _sallyport_boundary_v1_MarkingLevel__Output } from '../../../sallyport/boundary/v1/MarkingLevel.ts';

export interface Marking {
  'scheme'?: (_sallyport_boundary_v1_MarkingScheme);
  'level'?: (_sallyport_boundary_v1_MarkingLevel);
  'caveats'?: (string)[];
  'isLimited'?: (boolean);
  'releasableTo'?: (string)[];
}

export interface Marking__Output {
  'scheme': (_sallyport_boundary_v1_MarkingScheme__Output);
  'level': (_sallyport_boundary_v1_MarkingLevel__Output);
  'caveats': (string)[];
  'isLimited': (boolean);
  'releasableTo': (string)[];
}
