// Original file: proto/boundary.proto

import type { FindingTopic as _sallyport_boundary_v1_FindingTopic, FindingTopic__Output as _sallyport_boundary_v1_FindingTopic__Output } from '../../../sallyport/boundary/v1/FindingTopic.ts';
import type { FindingLevel as _sallyport_boundary_v1_FindingLevel, FindingLevel__Output as _sallyport_boundary_v1_FindingLevel__Output } from '../../../sallyport/boundary/v1/FindingLevel.ts';
import type { FindingWho as _sallyport_boundary_v1_FindingWho, FindingWho__Output as _sallyport_boundary_v1_FindingWho__Output } from '../../../sallyport/boundary/v1/FindingWho.ts';

export interface DiagnosisPart {
  'proxy'?: (string);
  'code'?: (string);
  'topic'?: (_sallyport_boundary_v1_FindingTopic);
  'level'?: (_sallyport_boundary_v1_FindingLevel);
  'at'?: (string);
  'says'?: (string);
  'who'?: (_sallyport_boundary_v1_FindingWho);
  'mend'?: (string);
}

export interface DiagnosisPart__Output {
  'proxy': (string);
  'code': (string);
  'topic': (_sallyport_boundary_v1_FindingTopic__Output);
  'level': (_sallyport_boundary_v1_FindingLevel__Output);
  'at': (string);
  'says': (string);
  'who': (_sallyport_boundary_v1_FindingWho__Output);
  'mend': (string);
}
