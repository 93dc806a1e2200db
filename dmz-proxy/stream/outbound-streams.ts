// All streams that we dial: one for each pair of an own domain and a partner, none shared (xmpp-boundary B8, finding 9).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { StreamCondition } from '@sallyport/shared/refusals.ts';
import { type Dns, openDns } from '../dns/ask-dns.ts';
import type { StreamFacts } from './facts.ts';
import { createOutboundPair, type OutboundPair, type OutboundWorld } from './outbound-pair.ts';
import type { Shipment } from './shipment.ts';
import { timesOf } from './times.ts';
import type { Carried, PartnersStream } from './ways.ts';

export type OutboundStreams = {
  /**
   * Takes a stanza for a partner. Refusal codes: `partner-not-found`, `partner-unreachable` (with the note
   * `lost-after-write` where it may have arrived), `queue-full`, `too-large`, `shutting-down`.
   */
  readonly ship: (shipment: Shipment) => void;
  /** An answer or an error to an iq with this id came from the domain `from` to our domain `to`. True: it was ours. */
  readonly pingAnswered: (from: string, to: string, id: string) => boolean;
  /** The live, authenticated ones. */
  readonly streams: () => readonly StreamFacts[];
  /** How many stanzas wait for this partner. */
  readonly waiting: (domain: string) => number;
  readonly lastError: (domain: string) => { readonly text: string; readonly at: Instant } | undefined;
  /** Has a stream that the partner dialled carry what goes to it, as both have agreed (XEP-0288). */
  readonly carry: (stream: PartnersStream) => Carried;
  readonly stop: (condition: StreamCondition) => Promise<void>;
  /** Ends the streams to one partner; what waits for it is refused if it is no partner any more. */
  readonly dropPartner: (domain: string, condition: StreamCondition) => void;
};

/** `dns` is there for tests; the process asks the name servers of its settings. */
export function createOutboundStreams(world: Omit<OutboundWorld, 'dns'> & { readonly dns?: Dns }): OutboundStreams {
  const dns = world.dns ?? openDns(world.clock, world.settings.dns);
  const times = timesOf(world.settings.limits, world.times);
  // By partner, then by our domain. Bounded by the policy: own domains times partners.
  const pairs = new Map<string, Map<string, OutboundPair>>();
  const ourDomains = new Set(world.settings.domains);
  const unflushed = new Set<OutboundPair>();
  let stopped = false;

  // All that was shipped in one turn of the event loop is one write.
  function flushAll(): void {
    const due = [...unflushed];
    unflushed.clear();
    for (const pair of due) pair.flush();
  }

  function pairOf(localDomain: string, remoteDomain: string): OutboundPair {
    const ofPartner = pairs.get(remoteDomain) ?? new Map<string, OutboundPair>();
    const known = ofPartner.get(localDomain);
    if (known !== undefined) return known;
    const pair: OutboundPair = createOutboundPair({ localDomain, remoteDomain }, { ...world, dns, times }, () => {
      if (unflushed.size === 0) setImmediate(flushAll);
      unflushed.add(pair);
    });
    ofPartner.set(localDomain, pair);
    pairs.set(remoteDomain, ofPartner);
    return pair;
  }

  function pairsOf(domain: string): Iterable<OutboundPair> {
    return pairs.get(domain)?.values() ?? [];
  }

  function allPairs(): readonly OutboundPair[] {
    return [...pairs.values()].flatMap((ofPartner) => [...ofPartner.values()]);
  }

  const sweep = setInterval(() => {
    const now = world.clock.now();
    for (const pair of allPairs()) pair.check(now);
  }, times.sweep);

  return {
    ship(shipment) {
      const { localDomain, remoteDomain } = shipment;
      if (stopped) shipment.settled({ code: 'shutting-down' });
      else if (!ourDomains.has(localDomain) || !world.policy().partners.has(remoteDomain)) {
        shipment.settled({ code: 'partner-not-found', note: 'not a partner' });
      } else pairOf(localDomain, remoteDomain).ship(shipment);
    },
    carry: (stream) => pairOf(stream.facts.localDomain, stream.facts.remoteDomain).carry(stream),
    pingAnswered: (from, to, id) => pairs.get(from)?.get(to)?.pingAnswered(id) ?? false,
    streams: () => allPairs().flatMap((pair) => pair.facts()),
    waiting(domain) {
      let count = 0;
      for (const pair of pairsOf(domain)) count += pair.waiting();
      return count;
    },
    lastError(domain) {
      let latest: ReturnType<OutboundPair['lastError']>;
      for (const pair of pairsOf(domain)) {
        const error = pair.lastError();
        if (error !== undefined && error.at >= (latest?.at ?? 0)) latest = error;
      }
      return latest;
    },
    async stop(condition) {
      stopped = true;
      await Promise.all(allPairs().map((pair) => pair.stop(condition)));
      clearInterval(sweep);
      dns.close();
    },
    dropPartner(domain, condition) {
      for (const pair of pairsOf(domain)) pair.drop(condition);
    },
  };
}
