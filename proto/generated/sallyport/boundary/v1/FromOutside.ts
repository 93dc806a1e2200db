// Original file: proto/boundary.proto

import type { Hello as _sallyport_boundary_v1_Hello, Hello__Output as _sallyport_boundary_v1_Hello__Output } from '../../../sallyport/boundary/v1/Hello.ts';
import type { Offered as _sallyport_boundary_v1_Offered, Offered__Output as _sallyport_boundary_v1_Offered__Output } from '../../../sallyport/boundary/v1/Offered.ts';
import type { Asked as _sallyport_boundary_v1_Asked, Asked__Output as _sallyport_boundary_v1_Asked__Output } from '../../../sallyport/boundary/v1/Asked.ts';
import type { Taken as _sallyport_boundary_v1_Taken, Taken__Output as _sallyport_boundary_v1_Taken__Output } from '../../../sallyport/boundary/v1/Taken.ts';
import type { Settled as _sallyport_boundary_v1_Settled, Settled__Output as _sallyport_boundary_v1_Settled__Output } from '../../../sallyport/boundary/v1/Settled.ts';
import type { Heartbeat as _sallyport_boundary_v1_Heartbeat, Heartbeat__Output as _sallyport_boundary_v1_Heartbeat__Output } from '../../../sallyport/boundary/v1/Heartbeat.ts';
import type { Goodbye as _sallyport_boundary_v1_Goodbye, Goodbye__Output as _sallyport_boundary_v1_Goodbye__Output } from '../../../sallyport/boundary/v1/Goodbye.ts';
import type { ChainHead as _sallyport_boundary_v1_ChainHead, ChainHead__Output as _sallyport_boundary_v1_ChainHead__Output } from '../../../sallyport/boundary/v1/ChainHead.ts';

export interface FromOutside {
  'hello'?: (_sallyport_boundary_v1_Hello | null);
  'offered'?: (_sallyport_boundary_v1_Offered)[];
  'asked'?: (_sallyport_boundary_v1_Asked)[];
  'taken'?: (_sallyport_boundary_v1_Taken)[];
  'settled'?: (_sallyport_boundary_v1_Settled)[];
  'heartbeat'?: (_sallyport_boundary_v1_Heartbeat | null);
  'goodbye'?: (_sallyport_boundary_v1_Goodbye | null);
  'chainHeads'?: (_sallyport_boundary_v1_ChainHead)[];
}

export interface FromOutside__Output {
  'hello': (_sallyport_boundary_v1_Hello__Output | null);
  'offered': (_sallyport_boundary_v1_Offered__Output)[];
  'asked': (_sallyport_boundary_v1_Asked__Output)[];
  'taken': (_sallyport_boundary_v1_Taken__Output)[];
  'settled': (_sallyport_boundary_v1_Settled__Output)[];
  'heartbeat': (_sallyport_boundary_v1_Heartbeat__Output | null);
  'goodbye': (_sallyport_boundary_v1_Goodbye__Output | null);
  'chainHeads': (_sallyport_boundary_v1_ChainHead__Output)[];
}
