// Original file: proto/boundary.proto

import type { Message as _sallyport_boundary_v1_Message, Message__Output as _sallyport_boundary_v1_Message__Output } from '../../../sallyport/boundary/v1/Message.ts';
import type { ChatState as _sallyport_boundary_v1_ChatState, ChatState__Output as _sallyport_boundary_v1_ChatState__Output } from '../../../sallyport/boundary/v1/ChatState.ts';
import type { Receipt as _sallyport_boundary_v1_Receipt, Receipt__Output as _sallyport_boundary_v1_Receipt__Output } from '../../../sallyport/boundary/v1/Receipt.ts';
import type { Presence as _sallyport_boundary_v1_Presence, Presence__Output as _sallyport_boundary_v1_Presence__Output } from '../../../sallyport/boundary/v1/Presence.ts';
import type { Subscription as _sallyport_boundary_v1_Subscription, Subscription__Output as _sallyport_boundary_v1_Subscription__Output } from '../../../sallyport/boundary/v1/Subscription.ts';
import type { Probe as _sallyport_boundary_v1_Probe, Probe__Output as _sallyport_boundary_v1_Probe__Output } from '../../../sallyport/boundary/v1/Probe.ts';
import type { CardQuery as _sallyport_boundary_v1_CardQuery, CardQuery__Output as _sallyport_boundary_v1_CardQuery__Output } from '../../../sallyport/boundary/v1/CardQuery.ts';
import type { Card as _sallyport_boundary_v1_Card, Card__Output as _sallyport_boundary_v1_Card__Output } from '../../../sallyport/boundary/v1/Card.ts';
import type { AvatarQuery as _sallyport_boundary_v1_AvatarQuery, AvatarQuery__Output as _sallyport_boundary_v1_AvatarQuery__Output } from '../../../sallyport/boundary/v1/AvatarQuery.ts';
import type { Avatar as _sallyport_boundary_v1_Avatar, Avatar__Output as _sallyport_boundary_v1_Avatar__Output } from '../../../sallyport/boundary/v1/Avatar.ts';
import type { Bounce as _sallyport_boundary_v1_Bounce, Bounce__Output as _sallyport_boundary_v1_Bounce__Output } from '../../../sallyport/boundary/v1/Bounce.ts';
import type { Reactions as _sallyport_boundary_v1_Reactions, Reactions__Output as _sallyport_boundary_v1_Reactions__Output } from '../../../sallyport/boundary/v1/Reactions.ts';
import type { Retraction as _sallyport_boundary_v1_Retraction, Retraction__Output as _sallyport_boundary_v1_Retraction__Output } from '../../../sallyport/boundary/v1/Retraction.ts';
import type { Invitation as _sallyport_boundary_v1_Invitation, Invitation__Output as _sallyport_boundary_v1_Invitation__Output } from '../../../sallyport/boundary/v1/Invitation.ts';
import type { Long } from '@grpc/proto-loader';

export interface Packet {
  'from'?: (string);
  'to'?: (string);
  'atMs'?: (number | string | Long);
  'stanzaId'?: (string);
  'lang'?: (string);
  'delayed'?: (boolean);
  'message'?: (_sallyport_boundary_v1_Message | null);
  'chatState'?: (_sallyport_boundary_v1_ChatState | null);
  'receipt'?: (_sallyport_boundary_v1_Receipt | null);
  'presence'?: (_sallyport_boundary_v1_Presence | null);
  'subscription'?: (_sallyport_boundary_v1_Subscription | null);
  'probe'?: (_sallyport_boundary_v1_Probe | null);
  'cardQuery'?: (_sallyport_boundary_v1_CardQuery | null);
  'card'?: (_sallyport_boundary_v1_Card | null);
  'avatarQuery'?: (_sallyport_boundary_v1_AvatarQuery | null);
  'avatar'?: (_sallyport_boundary_v1_Avatar | null);
  'bounce'?: (_sallyport_boundary_v1_Bounce | null);
  'reactions'?: (_sallyport_boundary_v1_Reactions | null);
  'retraction'?: (_sallyport_boundary_v1_Retraction | null);
  'invitation'?: (_sallyport_boundary_v1_Invitation | null);
  'content'?: "message"|"chatState"|"receipt"|"presence"|"subscription"|"probe"|"cardQuery"|"card"|"avatarQuery"|"avatar"|"bounce"|"reactions"|"retraction"|"invitation";
}

export interface Packet__Output {
  'from': (string);
  'to': (string);
  'atMs': (number);
  'stanzaId': (string);
  'lang': (string);
  'delayed': (boolean);
  'message'?: (_sallyport_boundary_v1_Message__Output | null);
  'chatState'?: (_sallyport_boundary_v1_ChatState__Output | null);
  'receipt'?: (_sallyport_boundary_v1_Receipt__Output | null);
  'presence'?: (_sallyport_boundary_v1_Presence__Output | null);
  'subscription'?: (_sallyport_boundary_v1_Subscription__Output | null);
  'probe'?: (_sallyport_boundary_v1_Probe__Output | null);
  'cardQuery'?: (_sallyport_boundary_v1_CardQuery__Output | null);
  'card'?: (_sallyport_boundary_v1_Card__Output | null);
  'avatarQuery'?: (_sallyport_boundary_v1_AvatarQuery__Output | null);
  'avatar'?: (_sallyport_boundary_v1_Avatar__Output | null);
  'bounce'?: (_sallyport_boundary_v1_Bounce__Output | null);
  'reactions'?: (_sallyport_boundary_v1_Reactions__Output | null);
  'retraction'?: (_sallyport_boundary_v1_Retraction__Output | null);
  'invitation'?: (_sallyport_boundary_v1_Invitation__Output | null);
  'content'?: "message"|"chatState"|"receipt"|"presence"|"subscription"|"probe"|"cardQuery"|"card"|"avatarQuery"|"avatar"|"bounce"|"reactions"|"retraction"|"invitation";
}
