// A stanza: what an XMPP peer said, once our grammar has understood it. Nothing else of the element goes on.

import type { Jid } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Content, QuarantineMark } from '@sallyport/shared/packet.ts';
import type { Labels } from '@sallyport/shared/policy/label-schema.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Vocabulary } from '@sallyport/shared/policy/vocabulary.ts';

export type StanzaName = 'message' | 'presence' | 'iq';

/** Who says it to whom, before anybody looks at what. */
export type Envelope = {
  readonly name: StanzaName;
  readonly from: Jid;
  readonly to: Jid;
  /** Empty where the sender gave none. */
  readonly id: string;
  /** The attribute as it came, or empty. */
  readonly type: string;
  /** BCP 47: of the stanza, else of the stream, else empty. */
  readonly lang: string;
  /** Its raw size on the stream. */
  readonly bytes: number;
};

/** Something for a user inside; becomes a packet. */
export type UserStanza = Envelope & {
  readonly kind: 'user';
  readonly content: Exclude<Content, { kind: 'avatar-query' }>;
  /** When it was said, if its sender's server had kept it (XEP-0203). */
  readonly delayedSince?: Instant;
  /** A content rule holds it: it goes inside marked so. */
  readonly quarantine?: QuarantineMark;
};

/** A question to our domain that the proxy answers by itself. */
export type LocalQuery = Envelope & {
  readonly kind: 'query';
  readonly query: 'ping' | 'disco-info' | 'disco-items' | 'time';
};

/** The answer, or the error, to an iq that may have been ours. */
export type Answer = Envelope & { readonly kind: 'answer' };

export type Stanza = UserStanza | LocalQuery | Answer;

/** What the grammar must know besides the stanza. */
export type Terms = {
  readonly unknown: Partner['unknown'];
  readonly vocabulary: Vocabulary;
  /** The rooms that the partner may invite people to. */
  readonly rooms: Partner['rooms'];
  readonly bodyCharacters: number;
  /** What labels mean; usual where the policy says nothing. */
  readonly labels?: Labels | undefined;
  readonly streamLang: string;
  readonly now: number;
};
