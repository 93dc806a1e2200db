// Original file: proto/boundary.proto

import type { PolicyFile as _sallyport_boundary_v1_PolicyFile, PolicyFile__Output as _sallyport_boundary_v1_PolicyFile__Output } from '../../../sallyport/boundary/v1/PolicyFile.ts';

export interface SignedPolicy {
  'manifest'?: (string);
  'signatures'?: (string);
  'files'?: (_sallyport_boundary_v1_PolicyFile)[];
}

export interface SignedPolicy__Output {
  'manifest': (string);
  'signatures': (string);
  'files': (_sallyport_boundary_v1_PolicyFile__Output)[];
}
