// A Packet: one thing that a user of one network says to a user of another. It belongs to no network,
// and it is the only thing that crosses the wall in the main flow.
import type { Jid } from './address/jid.ts';
import type { Instant } from './clock.ts';
import type { Marking } from './content/markings/marking.ts';
import type { Refusal, RefusalCode } from './refusals.ts';

/** Names a packet for ever and everywhere: the boot id of the process that made it, and a number. */
export type PacketId = string;

export type Packet = {
  readonly id: PacketId;
  readonly from: Jid;
  readonly to: Jid;
  /** When its sender said it. */
  readonly at: Instant;
  /** `at` is older than the packet itself, and worth showing. */
  readonly delayed: boolean;
  /**
   * The id by which the receiving side may name it: an XMPP stanza id; towards partners an id that only the gateway can
   * have made. May be empty.
   */
  readonly stanzaId: string;
  /** BCP 47, or empty. */
  readonly lang: string;
  readonly content: Content;
  /** What content rules have done with it already; absent for nearly all. */
  readonly quarantine?: QuarantineMark;
};

/**
 * `held`: a rule outside holds it, so it goes to the quarantine and nowhere else. `released`: it comes from the
 * quarantine, by a release or as the bounce that ends it; made inside alone, and believed from inside alone.
 */
export type QuarantineMark =
  | { readonly state: 'held'; readonly rule: string; readonly incident: string }
  | { readonly state: 'released'; readonly incident: string };

export type Content =
  | Message
  | ChatState
  | Receipt
  | Presence
  | Subscription
  | { readonly kind: 'probe' }
  | { readonly kind: 'card-query' }
  | Card
  | { readonly kind: 'avatar-query'; readonly hash: Uint8Array }
  | Avatar
  | Bounce
  | { readonly kind: 'reactions'; readonly toId: string; readonly emojis: readonly string[] }
  | { readonly kind: 'retraction'; readonly ofId: string }
  | { readonly kind: 'invitation'; readonly room: Jid; readonly reason: string };

export type PacketKind = Content['kind'];
export type PacketOf<K extends PacketKind> = Packet & { readonly content: Extract<Content, { kind: K }> };

export type Message = {
  readonly kind: 'message';
  readonly type: 'chat' | 'normal' | 'headline';
  readonly body: string;
  readonly subject?: string;
  readonly thread?: string;
  readonly chatState?: ChatStateKind;
  readonly receiptRequested?: boolean;
  readonly markable?: boolean;
  readonly nick?: string;
  readonly replaces?: string;
  readonly reply?: {
    readonly to: string;
    readonly id: string;
    readonly quotedStart: number;
    readonly quotedEnd: number;
  };
  readonly label?: SecurityLabel;
  readonly links?: readonly { readonly url: string; readonly description: string }[];
  readonly originId?: string;
  readonly otherLanguages?: readonly Text[];
};

export type Text = { readonly lang: string; readonly text: string };

/** A security label (XEP-0258) as the policy has read it, or has made it for a message that leaves. */
export type SecurityLabel = {
  readonly marking: Marking;
  /** Words for people that an ESS label has besides; one line, never empty. */
  readonly privacyMark?: string;
};

export type ChatStateKind = 'active' | 'composing' | 'paused' | 'inactive' | 'gone';
export type ChatState = { readonly kind: 'chat-state'; readonly state: ChatStateKind; readonly thread?: string };

export type Receipt = { readonly kind: 'receipt'; readonly what: 'received' | 'displayed'; readonly ofId: string };

export type Availability = 'available' | 'free-to-chat' | 'away' | 'extended-away' | 'do-not-disturb' | 'unavailable';
export type Presence = {
  readonly kind: 'presence';
  readonly availability: Availability;
  readonly statuses: readonly Text[];
  readonly priority: number;
  readonly idleSince?: Instant;
  /** null: the user has no avatar; absent: nothing was said. */
  readonly avatarHash?: Uint8Array | null;
  readonly nick?: string;
};

export type SubscriptionStep = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed';
export type Subscription = {
  readonly kind: 'subscription';
  readonly step: SubscriptionStep;
  readonly nick?: string;
  readonly note?: string;
};

export type CardUse = 'work' | 'home' | 'mobile' | 'fax' | 'other';
export type Card = {
  readonly kind: 'card';
  readonly fullName: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly nickname: string;
  readonly organisation: string;
  readonly department: string;
  readonly title: string;
  readonly role: string;
  readonly emails: readonly { readonly use: CardUse; readonly value: string }[];
  readonly phones: readonly { readonly use: CardUse; readonly value: string }[];
  readonly url: string;
  readonly address?: {
    readonly street: string;
    readonly locality: string;
    readonly region: string;
    readonly postalCode: string;
    readonly country: string;
    readonly office: string;
  };
  readonly note: string;
};

export type Avatar = {
  readonly kind: 'avatar';
  readonly hash: Uint8Array;
  readonly mediaType: string;
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
};

/** What kind of thing was refused; decides the shape of the error stanza. */
export type BouncedKind = 'message' | 'subscription' | 'query' | 'presence';

/** The refusal of an earlier packet, on its way to the one who sent that. Never answered, never bounced (I7). */
export type Bounce = {
  readonly kind: 'bounce';
  readonly ofId: string;
  readonly ofKind: BouncedKind;
  readonly code: RefusalCode;
  readonly publicText: string;
  readonly incident: string;
};

/** What became of a packet. `written`: to an authenticated live stream; more is to come. */
export type Outcome =
  | { readonly state: 'written' }
  | {
      readonly state: 'delivered';
      /** How SIP knows it, where it went there: Call-ID and the number of its CSeq. For the audit. */
      readonly callId?: string;
    }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/**
 * Which packets the outbox keeps: messages, subscription steps, queries and the refusals of these. The rest is
 * state of the moment: it may be lost with a process, the next one replaces it (architecture §4.1 point 6).
 */
export function isKept(kind: PacketKind): boolean {
  switch (kind) {
    case 'message':
    case 'subscription':
    case 'card-query':
    case 'card':
    case 'avatar-query':
    case 'bounce':
    case 'reactions':
    case 'retraction':
    case 'invitation':
      return true;
    case 'chat-state':
    case 'receipt':
    case 'presence':
    case 'probe':
    case 'avatar':
      return false;
    default:
      return kind satisfies never;
  }
}

/** Whether content rules can have such a packet held: what a person wrote, and may be read later. The rest is refused. */
export function isHoldable({ kind }: Content): boolean {
  return kind === 'message' || kind === 'invitation';
}

/** Whether the refusal of such a packet is told to its sender, and as what (I7: an error never answers an error). */
export function bouncedKind(kind: PacketKind): BouncedKind | undefined {
  switch (kind) {
    case 'message':
    case 'reactions':
    case 'retraction':
    case 'invitation':
      return 'message';
    case 'subscription':
      return 'subscription';
    case 'card-query':
    case 'avatar-query':
      return 'query';
    case 'probe':
    case 'presence':
    case 'chat-state':
    case 'receipt':
    case 'card':
    case 'avatar':
    case 'bounce':
      return undefined;
    default:
      return kind satisfies never;
  }
}
