// What a stage of the proxy may know besides its subject: the stream it came on, the terms, the time. No I/O.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import type { RefusalCode, StreamCondition } from '@sallyport/shared/refusals.ts';

/** A token bucket: takes `amount` if it is there, or says no and takes nothing. */
export type Bucket = { readonly take: (amount: number, now: Instant) => boolean };

/** How fast one stream may be; both are filled as the partner's entry says. */
export type Rates = { readonly stanzas: Bucket; readonly bytes: Bucket };

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
  readonly limits: { readonly bodyCharacters: number };
  /** All internal domains that this proxy stands for. */
  readonly domains: ReadonlySet<string>;
  /** Counts what this stream broke, so that a stream which goes on breaking rules ends. One per stream. */
  readonly faults?: Faults;
};

/** The same for what leaves: there is no stream yet, and no rate of a partner. */
export type ReleaseSituation = {
  readonly partner: Partner;
  readonly policy: Policy;
  readonly now: Instant;
  readonly limits: { readonly bodyCharacters: number };
  readonly domains: ReadonlySet<string>;
};
