// Original file: proto/boundary.proto

import type { Availability as _sallyport_boundary_v1_Availability, Availability__Output as _sallyport_boundary_v1_Availability__Output } from '../../../sallyport/boundary/v1/Availability.ts';
import type { Text as _sallyport_boundary_v1_Text, Text__Output as _sallyport_boundary_v1_Text__Output } from '../../../sallyport/boundary/v1/Text.ts';
import type { AvatarState as _sallyport_boundary_v1_AvatarState, AvatarState__Output as _sallyport_boundary_v1_AvatarState__Output } from '../../../sallyport/boundary/v1/AvatarState.ts';
import type { Long } from '@grpc/proto-loader';

export interface Presence {
  'availability'?: (_sallyport_boundary_v1_Availability);
  'statuses'?: (_sallyport_boundary_v1_Text)[];
  'priority'?: (number);
  'idleSinceMs'?: (number | string | Long);
  'avatarState'?: (_sallyport_boundary_v1_AvatarState);
  'avatarHash'?: (Buffer | Uint8Array | string);
  'nick'?: (string);
}

export interface Presence__Output {
  'availability': (_sallyport_boundary_v1_Availability__Output);
  'statuses': (_sallyport_boundary_v1_Text__Output)[];
  'priority': (number);
  'idleSinceMs': (number);
  'avatarState': (_sallyport_boundary_v1_AvatarState__Output);
  'avatarHash': (Buffer);
  'nick': (string);
}
