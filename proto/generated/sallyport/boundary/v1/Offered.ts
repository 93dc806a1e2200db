// Original file: proto/boundary.proto

import type { Packet as _sallyport_boundary_v1_Packet, Packet__Output as _sallyport_boundary_v1_Packet__Output } from '../../../sallyport/boundary/v1/Packet.ts';
import type { Held as _sallyport_boundary_v1_Held, Held__Output as _sallyport_boundary_v1_Held__Output } from '../../../sallyport/boundary/v1/Held.ts';
import type { Long } from '@grpc/proto-loader';

export interface Offered {
  'seq'?: (number | string | Long);
  'id'?: (string);
  'again'?: (boolean);
  'packet'?: (_sallyport_boundary_v1_Packet | null);
  'held'?: (_sallyport_boundary_v1_Held | null);
  'released'?: (string);
}

export interface Offered__Output {
  'seq': (number);
  'id': (string);
  'again': (boolean);
  'packet': (_sallyport_boundary_v1_Packet__Output | null);
  'held': (_sallyport_boundary_v1_Held__Output | null);
  'released': (string);
}
