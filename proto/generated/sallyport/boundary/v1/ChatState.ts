// Original file: proto/boundary.proto

import type { ChatStateKind as _sallyport_boundary_v1_ChatStateKind, ChatStateKind__Output as _sallyport_boundary_v1_ChatStateKind__Output } from '../../../sallyport/boundary/v1/ChatStateKind.ts';

export interface ChatState {
  'kind'?: (_sallyport_boundary_v1_ChatStateKind);
  'thread'?: (string);
}

export interface ChatState__Output {
  'kind': (_sallyport_boundary_v1_ChatStateKind__Output);
  'thread': (string);
}
