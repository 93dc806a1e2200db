// What a stage of the proxy may know besides its subject: the stream it came on, the terms, the time. No I/O.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import type { RefusalCode, StreamCondition } from '@sallyport/shared/refusals.ts';

/** What a stream, or all streams of a partner, have used up: when it is paid back (shared/rate.ts). */
export type FlowAccount = { stanzas: Instant; bytes: Instant };

/** What one person outside has used up, and with whom that person talks. */
export type Person = {
  messages: Instant;
  chatStates: Instant;
  newContacts: Instant;
  unknownRecipients: Instant;
  contentRefusals: Instant;
  contacts: Set<string> | undefined;
};

/** The people of one partner, by their bare addresses. */
export type People = {
  readonly sender: (bare: string) => Person;
  readonly recipient: (bare: string) => { messages: Instant };
  /** What all of them together have used up. */
  readonly all: { newContacts: Instant; unknownRecipients: Instant };
  /** Whether the two have talked before. */
  readonly knows: (person: Person, to: string) => boolean;
  readonly meet: (person: Person, to: string) => void;
  /** They have not talked after all. */
  readonly forget: (person: Person, to: string) => void;
};

/** All that is counted for rates: of the stream, of its partner, of the partner's people. */
export type Rates = { readonly stream: FlowAccount; readonly partner: FlowAccount; readonly people: People };

/** What one stream has broken so far. */
export type Faults = {
  /** Counts a refusal; says how the stream ends when it was one too many. */
  readonly count: (code: RefusalCode) => StreamCondition | undefined;
};

export type Situation = {
  readonly stream: {
    readonly id: string;
    /** Our domain of the pair, and the one that the partner has proved. */
    readonly localDomain: string;
    readonly remoteDomain: string;
    /** The language of the stream's header, or empty. */
    readonly lang: string;
  };
  readonly partner: Partner;
  readonly policy: Policy;
  readonly rates: Rates;
  readonly now: Instant;
  /** The audit can be written: what it cannot record is not let pass. */
  readonly recording: boolean;
  readonly limits: { readonly bodyCharacters: number };
  /** All internal domains that this proxy stands for. */
  readonly domains: ReadonlySet<string>;
  /** Counts what this stream broke, so that a stream which goes on breaking rules ends. One per stream. */
  readonly faults?: Faults;
  /** Hears when a person has been refused by content rules as often as is allowed. */
  readonly onProbing?: (from: string) => void;
  /** What was said last between two people, for terms that are split over messages. */
  readonly tails?: Tails | undefined;
  /** Hears which content rules fired, or would have, in one line for the audit. */
  readonly noticed?: (notice: string) => void;
};

/** The same for what leaves: there is no stream yet, and no rate of a partner. */
export type ReleaseSituation = {
  readonly partner: Partner;
  readonly policy: Policy;
  readonly now: Instant;
  readonly limits: { readonly bodyCharacters: number };
  readonly domains: ReadonlySet<string>;
  /** What was said last between two people, for terms that are split over messages. */
  readonly tails?: Tails | undefined;
  /** Hears which content rules fired, or would have, in one line for the audit. */
  readonly noticed?: (notice: string) => void;
};
