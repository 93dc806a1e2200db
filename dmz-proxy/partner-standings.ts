// Which partners are off, and why: taken out of the policy, or with a certificate that no longer holds. The inside is
// told until it changes, so that their people do not stay online there (invariant I9, T14).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { gauge } from '@sallyport/shared/metrics.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { StreamFacts } from './stream/facts.ts';
import { provePeer } from './stream/prove-peer.ts';

export type Standing = 'good' | 'removed' | 'unproved';

export type PartnerStandings = {
  /** A stream of this partner has been proved with these certificates (DER, leaf first). */
  readonly proved: (domain: string, chain: readonly Uint8Array[]) => void;
  /** Its certificate does not hold any more. */
  readonly unproved: (domain: string) => void;
  /** Another policy is in force. A partner without a stream is looked at again, by the certificate that it showed last. */
  readonly policyChanged: (before: Policy) => void;
  readonly of: (domain: string, streams: readonly StreamFacts[]) => Standing;
  /** The domains that were partners within the last hour, 10,000 at most. */
  readonly removed: () => readonly string[];
};

const removedAtMost = 10_000;
/** A gateway that comes later has never seen anybody of it. */
const toldMs = 3_600_000;
/** A stream that lives on so long after one was found unproved has been looked at since, and holds. */
const recheckedMs = 120_000;
const off = gauge('partners_unproved', 'partners whose certificate no longer holds');

export function createPartnerStandings(world: {
  readonly policy: () => Policy;
  readonly streams: () => readonly StreamFacts[];
  readonly clock: Clock;
  readonly log: Log;
}): PartnerStandings {
  const { clock, log } = world;
  const chains = new Map<string, readonly Uint8Array[]>();
  const unproved = new Map<string, Instant>();
  const removed = new Map<string, Instant>();

  function mark(domain: string): void {
    if (!unproved.has(domain)) log.warn({ domain }, 'the certificate of a partner no longer holds: it is off');
    unproved.set(domain, clock.now());
    off.set(unproved.size);
  }

  function clear(domain: string): void {
    if (unproved.delete(domain)) log.info({ domain }, 'a partner is proved again');
    off.set(unproved.size);
  }

  async function lookAgain(): Promise<void> {
    const live = new Set(world.streams().map(({ remoteDomain }) => remoteDomain));
    for (const [domain, chain] of [...chains]) {
      const partner = world.policy().partners.get(domain);
      if (partner === undefined || live.has(domain)) continue;
      // What cannot be checked does not hold (I3).
      const holds = await provePeer(chain, partner, clock.now()).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!holds) mark(domain);
      else if (chains.get(domain) === chain) clear(domain);
    }
  }

  return {
    proved(domain, chain) {
      chains.set(domain, chain);
    },
    unproved: mark,
    policyChanged(before) {
      const { partners } = world.policy();
      for (const domain of before.partners.keys()) {
        if (partners.has(domain)) continue;
        removed.set(domain, clock.now());
        chains.delete(domain);
        unproved.delete(domain);
        const [oldest] = removed.keys();
        if (removed.size > removedAtMost && oldest !== undefined) removed.delete(oldest);
      }
      for (const domain of removed.keys()) if (partners.has(domain)) removed.delete(domain);
      off.set(unproved.size);
      void lookAgain();
    },
    of(domain, streams) {
      if (removed.has(domain)) return 'removed';
      const since = unproved.get(domain);
      if (since === undefined) return 'good';
      const now = clock.now();
      const live = streams.filter((stream) => stream.remoteDomain === domain);
      if (live.some((stream) => stream.since > since || now - since > recheckedMs)) {
        clear(domain);
        return 'good';
      }
      return 'unproved';
    },
    removed() {
      const now = clock.now();
      for (const [domain, since] of removed) if (now - since > toldMs) removed.delete(domain);
      return [...removed.keys()];
    },
  };
}
