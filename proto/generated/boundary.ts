import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Activation as _sallyport_boundary_v1_Activation, Activation__Output as _sallyport_boundary_v1_Activation__Output } from './sallyport/boundary/v1/Activation.ts';
import type { Asked as _sallyport_boundary_v1_Asked, Asked__Output as _sallyport_boundary_v1_Asked__Output } from './sallyport/boundary/v1/Asked.ts';
import type { Avatar as _sallyport_boundary_v1_Avatar, Avatar__Output as _sallyport_boundary_v1_Avatar__Output } from './sallyport/boundary/v1/Avatar.ts';
import type { AvatarQuery as _sallyport_boundary_v1_AvatarQuery, AvatarQuery__Output as _sallyport_boundary_v1_AvatarQuery__Output } from './sallyport/boundary/v1/AvatarQuery.ts';
import type { Bounce as _sallyport_boundary_v1_Bounce, Bounce__Output as _sallyport_boundary_v1_Bounce__Output } from './sallyport/boundary/v1/Bounce.ts';
import type { BoundaryClient as _sallyport_boundary_v1_BoundaryClient, BoundaryDefinition as _sallyport_boundary_v1_BoundaryDefinition } from './sallyport/boundary/v1/Boundary.ts';
import type { Card as _sallyport_boundary_v1_Card, Card__Output as _sallyport_boundary_v1_Card__Output } from './sallyport/boundary/v1/Card.ts';
import type { CardAddress as _sallyport_boundary_v1_CardAddress, CardAddress__Output as _sallyport_boundary_v1_CardAddress__Output } from './sallyport/boundary/v1/CardAddress.ts';
import type { CardQuery as _sallyport_boundary_v1_CardQuery, CardQuery__Output as _sallyport_boundary_v1_CardQuery__Output } from './sallyport/boundary/v1/CardQuery.ts';
import type { ChainHead as _sallyport_boundary_v1_ChainHead, ChainHead__Output as _sallyport_boundary_v1_ChainHead__Output } from './sallyport/boundary/v1/ChainHead.ts';
import type { ChatState as _sallyport_boundary_v1_ChatState, ChatState__Output as _sallyport_boundary_v1_ChatState__Output } from './sallyport/boundary/v1/ChatState.ts';
import type { Countersigned as _sallyport_boundary_v1_Countersigned, Countersigned__Output as _sallyport_boundary_v1_Countersigned__Output } from './sallyport/boundary/v1/Countersigned.ts';
import type { DiagnoseRequest as _sallyport_boundary_v1_DiagnoseRequest, DiagnoseRequest__Output as _sallyport_boundary_v1_DiagnoseRequest__Output } from './sallyport/boundary/v1/DiagnoseRequest.ts';
import type { DiagnosisPart as _sallyport_boundary_v1_DiagnosisPart, DiagnosisPart__Output as _sallyport_boundary_v1_DiagnosisPart__Output } from './sallyport/boundary/v1/DiagnosisPart.ts';
import type { FromInside as _sallyport_boundary_v1_FromInside, FromInside__Output as _sallyport_boundary_v1_FromInside__Output } from './sallyport/boundary/v1/FromInside.ts';
import type { FromOutside as _sallyport_boundary_v1_FromOutside, FromOutside__Output as _sallyport_boundary_v1_FromOutside__Output } from './sallyport/boundary/v1/FromOutside.ts';
import type { Goodbye as _sallyport_boundary_v1_Goodbye, Goodbye__Output as _sallyport_boundary_v1_Goodbye__Output } from './sallyport/boundary/v1/Goodbye.ts';
import type { Heartbeat as _sallyport_boundary_v1_Heartbeat, Heartbeat__Output as _sallyport_boundary_v1_Heartbeat__Output } from './sallyport/boundary/v1/Heartbeat.ts';
import type { Held as _sallyport_boundary_v1_Held, Held__Output as _sallyport_boundary_v1_Held__Output } from './sallyport/boundary/v1/Held.ts';
import type { Hello as _sallyport_boundary_v1_Hello, Hello__Output as _sallyport_boundary_v1_Hello__Output } from './sallyport/boundary/v1/Hello.ts';
import type { Invitation as _sallyport_boundary_v1_Invitation, Invitation__Output as _sallyport_boundary_v1_Invitation__Output } from './sallyport/boundary/v1/Invitation.ts';
import type { Link as _sallyport_boundary_v1_Link, Link__Output as _sallyport_boundary_v1_Link__Output } from './sallyport/boundary/v1/Link.ts';
import type { Marking as _sallyport_boundary_v1_Marking, Marking__Output as _sallyport_boundary_v1_Marking__Output } from './sallyport/boundary/v1/Marking.ts';
import type { Message as _sallyport_boundary_v1_Message, Message__Output as _sallyport_boundary_v1_Message__Output } from './sallyport/boundary/v1/Message.ts';
import type { Offered as _sallyport_boundary_v1_Offered, Offered__Output as _sallyport_boundary_v1_Offered__Output } from './sallyport/boundary/v1/Offered.ts';
import type { Packet as _sallyport_boundary_v1_Packet, Packet__Output as _sallyport_boundary_v1_Packet__Output } from './sallyport/boundary/v1/Packet.ts';
import type { PartnerState as _sallyport_boundary_v1_PartnerState, PartnerState__Output as _sallyport_boundary_v1_PartnerState__Output } from './sallyport/boundary/v1/PartnerState.ts';
import type { PartnersRequest as _sallyport_boundary_v1_PartnersRequest, PartnersRequest__Output as _sallyport_boundary_v1_PartnersRequest__Output } from './sallyport/boundary/v1/PartnersRequest.ts';
import type { PolicyFile as _sallyport_boundary_v1_PolicyFile, PolicyFile__Output as _sallyport_boundary_v1_PolicyFile__Output } from './sallyport/boundary/v1/PolicyFile.ts';
import type { PolicyStanding as _sallyport_boundary_v1_PolicyStanding, PolicyStanding__Output as _sallyport_boundary_v1_PolicyStanding__Output } from './sallyport/boundary/v1/PolicyStanding.ts';
import type { PostalAddress as _sallyport_boundary_v1_PostalAddress, PostalAddress__Output as _sallyport_boundary_v1_PostalAddress__Output } from './sallyport/boundary/v1/PostalAddress.ts';
import type { Presence as _sallyport_boundary_v1_Presence, Presence__Output as _sallyport_boundary_v1_Presence__Output } from './sallyport/boundary/v1/Presence.ts';
import type { Probe as _sallyport_boundary_v1_Probe, Probe__Output as _sallyport_boundary_v1_Probe__Output } from './sallyport/boundary/v1/Probe.ts';
import type { Reactions as _sallyport_boundary_v1_Reactions, Reactions__Output as _sallyport_boundary_v1_Reactions__Output } from './sallyport/boundary/v1/Reactions.ts';
import type { Receipt as _sallyport_boundary_v1_Receipt, Receipt__Output as _sallyport_boundary_v1_Receipt__Output } from './sallyport/boundary/v1/Receipt.ts';
import type { Reply as _sallyport_boundary_v1_Reply, Reply__Output as _sallyport_boundary_v1_Reply__Output } from './sallyport/boundary/v1/Reply.ts';
import type { Retraction as _sallyport_boundary_v1_Retraction, Retraction__Output as _sallyport_boundary_v1_Retraction__Output } from './sallyport/boundary/v1/Retraction.ts';
import type { SecurityLabel as _sallyport_boundary_v1_SecurityLabel, SecurityLabel__Output as _sallyport_boundary_v1_SecurityLabel__Output } from './sallyport/boundary/v1/SecurityLabel.ts';
import type { Settled as _sallyport_boundary_v1_Settled, Settled__Output as _sallyport_boundary_v1_Settled__Output } from './sallyport/boundary/v1/Settled.ts';
import type { SignedPolicy as _sallyport_boundary_v1_SignedPolicy, SignedPolicy__Output as _sallyport_boundary_v1_SignedPolicy__Output } from './sallyport/boundary/v1/SignedPolicy.ts';
import type { StreamState as _sallyport_boundary_v1_StreamState, StreamState__Output as _sallyport_boundary_v1_StreamState__Output } from './sallyport/boundary/v1/StreamState.ts';
import type { Subscription as _sallyport_boundary_v1_Subscription, Subscription__Output as _sallyport_boundary_v1_Subscription__Output } from './sallyport/boundary/v1/Subscription.ts';
import type { Taken as _sallyport_boundary_v1_Taken, Taken__Output as _sallyport_boundary_v1_Taken__Output } from './sallyport/boundary/v1/Taken.ts';
import type { Text as _sallyport_boundary_v1_Text, Text__Output as _sallyport_boundary_v1_Text__Output } from './sallyport/boundary/v1/Text.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  sallyport: {
    boundary: {
      v1: {
        Activation: MessageTypeDefinition<_sallyport_boundary_v1_Activation, _sallyport_boundary_v1_Activation__Output>
        Asked: MessageTypeDefinition<_sallyport_boundary_v1_Asked, _sallyport_boundary_v1_Asked__Output>
        Availability: EnumTypeDefinition
        Avatar: MessageTypeDefinition<_sallyport_boundary_v1_Avatar, _sallyport_boundary_v1_Avatar__Output>
        AvatarQuery: MessageTypeDefinition<_sallyport_boundary_v1_AvatarQuery, _sallyport_boundary_v1_AvatarQuery__Output>
        AvatarState: EnumTypeDefinition
        Bounce: MessageTypeDefinition<_sallyport_boundary_v1_Bounce, _sallyport_boundary_v1_Bounce__Output>
        BouncedKind: EnumTypeDefinition
        Boundary: SubtypeConstructor<typeof grpc.Client, _sallyport_boundary_v1_BoundaryClient> & { service: _sallyport_boundary_v1_BoundaryDefinition }
        Card: MessageTypeDefinition<_sallyport_boundary_v1_Card, _sallyport_boundary_v1_Card__Output>
        CardAddress: MessageTypeDefinition<_sallyport_boundary_v1_CardAddress, _sallyport_boundary_v1_CardAddress__Output>
        CardQuery: MessageTypeDefinition<_sallyport_boundary_v1_CardQuery, _sallyport_boundary_v1_CardQuery__Output>
        CardUse: EnumTypeDefinition
        ChainHead: MessageTypeDefinition<_sallyport_boundary_v1_ChainHead, _sallyport_boundary_v1_ChainHead__Output>
        ChatState: MessageTypeDefinition<_sallyport_boundary_v1_ChatState, _sallyport_boundary_v1_ChatState__Output>
        ChatStateKind: EnumTypeDefinition
        Countersigned: MessageTypeDefinition<_sallyport_boundary_v1_Countersigned, _sallyport_boundary_v1_Countersigned__Output>
        DiagnoseRequest: MessageTypeDefinition<_sallyport_boundary_v1_DiagnoseRequest, _sallyport_boundary_v1_DiagnoseRequest__Output>
        DiagnosisPart: MessageTypeDefinition<_sallyport_boundary_v1_DiagnosisPart, _sallyport_boundary_v1_DiagnosisPart__Output>
        Direction: EnumTypeDefinition
        FindingLevel: EnumTypeDefinition
        FindingTopic: EnumTypeDefinition
        FindingWho: EnumTypeDefinition
        FromInside: MessageTypeDefinition<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromInside__Output>
        FromOutside: MessageTypeDefinition<_sallyport_boundary_v1_FromOutside, _sallyport_boundary_v1_FromOutside__Output>
        Goodbye: MessageTypeDefinition<_sallyport_boundary_v1_Goodbye, _sallyport_boundary_v1_Goodbye__Output>
        Heartbeat: MessageTypeDefinition<_sallyport_boundary_v1_Heartbeat, _sallyport_boundary_v1_Heartbeat__Output>
        Held: MessageTypeDefinition<_sallyport_boundary_v1_Held, _sallyport_boundary_v1_Held__Output>
        Hello: MessageTypeDefinition<_sallyport_boundary_v1_Hello, _sallyport_boundary_v1_Hello__Output>
        Invitation: MessageTypeDefinition<_sallyport_boundary_v1_Invitation, _sallyport_boundary_v1_Invitation__Output>
        Link: MessageTypeDefinition<_sallyport_boundary_v1_Link, _sallyport_boundary_v1_Link__Output>
        Marking: MessageTypeDefinition<_sallyport_boundary_v1_Marking, _sallyport_boundary_v1_Marking__Output>
        MarkingLevel: EnumTypeDefinition
        MarkingScheme: EnumTypeDefinition
        Message: MessageTypeDefinition<_sallyport_boundary_v1_Message, _sallyport_boundary_v1_Message__Output>
        MessageType: EnumTypeDefinition
        Offered: MessageTypeDefinition<_sallyport_boundary_v1_Offered, _sallyport_boundary_v1_Offered__Output>
        Packet: MessageTypeDefinition<_sallyport_boundary_v1_Packet, _sallyport_boundary_v1_Packet__Output>
        PartnerState: MessageTypeDefinition<_sallyport_boundary_v1_PartnerState, _sallyport_boundary_v1_PartnerState__Output>
        PartnersRequest: MessageTypeDefinition<_sallyport_boundary_v1_PartnersRequest, _sallyport_boundary_v1_PartnersRequest__Output>
        PolicyFile: MessageTypeDefinition<_sallyport_boundary_v1_PolicyFile, _sallyport_boundary_v1_PolicyFile__Output>
        PolicyStanding: MessageTypeDefinition<_sallyport_boundary_v1_PolicyStanding, _sallyport_boundary_v1_PolicyStanding__Output>
        PostalAddress: MessageTypeDefinition<_sallyport_boundary_v1_PostalAddress, _sallyport_boundary_v1_PostalAddress__Output>
        Presence: MessageTypeDefinition<_sallyport_boundary_v1_Presence, _sallyport_boundary_v1_Presence__Output>
        Probe: MessageTypeDefinition<_sallyport_boundary_v1_Probe, _sallyport_boundary_v1_Probe__Output>
        Reactions: MessageTypeDefinition<_sallyport_boundary_v1_Reactions, _sallyport_boundary_v1_Reactions__Output>
        Receipt: MessageTypeDefinition<_sallyport_boundary_v1_Receipt, _sallyport_boundary_v1_Receipt__Output>
        ReceiptKind: EnumTypeDefinition
        Reply: MessageTypeDefinition<_sallyport_boundary_v1_Reply, _sallyport_boundary_v1_Reply__Output>
        Retraction: MessageTypeDefinition<_sallyport_boundary_v1_Retraction, _sallyport_boundary_v1_Retraction__Output>
        SecurityLabel: MessageTypeDefinition<_sallyport_boundary_v1_SecurityLabel, _sallyport_boundary_v1_SecurityLabel__Output>
        Settled: MessageTypeDefinition<_sallyport_boundary_v1_Settled, _sallyport_boundary_v1_Settled__Output>
        SettledState: EnumTypeDefinition
        SignedPolicy: MessageTypeDefinition<_sallyport_boundary_v1_SignedPolicy, _sallyport_boundary_v1_SignedPolicy__Output>
        Standing: EnumTypeDefinition
        StreamState: MessageTypeDefinition<_sallyport_boundary_v1_StreamState, _sallyport_boundary_v1_StreamState__Output>
        Subscription: MessageTypeDefinition<_sallyport_boundary_v1_Subscription, _sallyport_boundary_v1_Subscription__Output>
        SubscriptionStep: EnumTypeDefinition
        Taken: MessageTypeDefinition<_sallyport_boundary_v1_Taken, _sallyport_boundary_v1_Taken__Output>
        Text: MessageTypeDefinition<_sallyport_boundary_v1_Text, _sallyport_boundary_v1_Text__Output>
      }
    }
  }
}

