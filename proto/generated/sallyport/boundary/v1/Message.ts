// Original file: proto/boundary.proto

import type { MessageType as _sallyport_boundary_v1_MessageType, MessageType__Output as _sallyport_boundary_v1_MessageType__Output } from '../../../sallyport/boundary/v1/MessageType.ts';
import type { ChatStateKind as _sallyport_boundary_v1_ChatStateKind, ChatStateKind__Output as _sallyport_boundary_v1_ChatStateKind__Output } from '../../../sallyport/boundary/v1/ChatStateKind.ts';
import type { Reply as _sallyport_boundary_v1_Reply, Reply__Output as _sallyport_boundary_v1_Reply__Output } from '../../../sallyport/boundary/v1/Reply.ts';
import type { SecurityLabel as _sallyport_boundary_v1_SecurityLabel, SecurityLabel__Output as _sallyport_boundary_v1_SecurityLabel__Output } from '../../../sallyport/boundary/v1/SecurityLabel.ts';
import type { Link as _sallyport_boundary_v1_Link, Link__Output as _sallyport_boundary_v1_Link__Output } from '../../../sallyport/boundary/v1/Link.ts';
import type { Text as _sallyport_boundary_v1_Text, Text__Output as _sallyport_boundary_v1_Text__Output } from '../../../sallyport/boundary/v1/Text.ts';

export interface Message {
  'body'?: (string);
  'subject'?: (string);
  'thread'?: (string);
  'type'?: (_sallyport_boundary_v1_MessageType);
  'chatState'?: (_sallyport_boundary_v1_ChatStateKind);
  'receiptRequested'?: (boolean);
  'markable'?: (boolean);
  'nick'?: (string);
  'replaces'?: (string);
  'reply'?: (_sallyport_boundary_v1_Reply | null);
  'label'?: (_sallyport_boundary_v1_SecurityLabel | null);
  'links'?: (_sallyport_boundary_v1_Link)[];
  'originId'?: (string);
  'otherLanguages'?: (_sallyport_boundary_v1_Text)[];
}

export interface Message__Output {
  'body': (string);
  'subject': (string);
  'thread': (string);
  'type': (_sallyport_boundary_v1_MessageType__Output);
  'chatState': (_sallyport_boundary_v1_ChatStateKind__Output);
  'receiptRequested': (boolean);
  'markable': (boolean);
  'nick': (string);
  'replaces': (string);
  'reply': (_sallyport_boundary_v1_Reply__Output | null);
  'label': (_sallyport_boundary_v1_SecurityLabel__Output | null);
  'links': (_sallyport_boundary_v1_Link__Output)[];
  'originId': (string);
  'otherLanguages': (_sallyport_boundary_v1_Text__Output)[];
}
