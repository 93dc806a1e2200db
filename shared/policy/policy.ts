// The policy in force, as stages see it: one whole revision, compiled, never changed.
import type { Jid } from '../address/jid.ts';

export type Direction = 'inward' | 'outward';

export type Policy = {
  /** SHA-256 over the sorted list of (path, SHA-256 of its bytes) of every policy file, in hex. */
  readonly revision: string;
  readonly partners: ReadonlyMap<string, Partner>;
  readonly content: ContentRules;
};

/** A remote XMPP domain that we federate with, and on what terms. */
export type Partner = {
  readonly domain: string;
  /** Where we dial it: tried in this order. No DNS query is made for a partner (N9). */
  readonly connect: readonly { readonly host: string; readonly port: number }[];
  /** The CA certificates that its certificate must lead to, PEM. */
  readonly trust: readonly string[];
  /** Whether this internal user may talk with this external one; both bare or full. */
  readonly mayTalk: (external: Jid, internal: Jid) => boolean;
  readonly rate: { readonly stanzasPerSecond: number; readonly burst: number; readonly bytesPerSecond: number };
  /** What a stanza that breaks the grammar does: refuse it (and close after repeated ones), or close at the first. */
  readonly invalid: 'refuse' | 'close';
  /** Unknown children of messages and presence: strip them and count, or refuse the stanza. */
  readonly unknown: 'strip' | 'refuse';
};

export type ContentRules = {
  /** The first rule that one of the texts breaks in this direction, or undefined. */
  readonly judge: (
    direction: Direction,
    texts: readonly string[],
  ) => { readonly rule: string; readonly publicText: string } | undefined;
};
