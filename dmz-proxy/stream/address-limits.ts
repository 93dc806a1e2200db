// How much one IP address may ask of us, before a byte of it is read (XEP-0205; xmpp-boundary L7, A7).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';

export type AddressLimits = {
  /** Takes one more connection of this address, or says no. A connection that was taken must `leave` once. */
  readonly enter: (address: string) => boolean;
  readonly leave: (address: string) => void;
  /** A failed authentication counts twice. */
  readonly penalise: (address: string) => void;
};

type Visitor = { open: number; attempts: number; windowStart: Instant };

const windowMs = 60_000;
const penalty = 1;
const visitorsAtMost = 20_000;

/**
 * `connections` open at once and `attempts` a minute, per IPv4 address or IPv6 /64. 20,000 addresses are remembered;
 * beyond that those without a connection are forgotten, and if all have one, newcomers are refused.
 */
export function createAddressLimits(limits: { connections: number; attempts: number }, clock: Clock): AddressLimits {
  const visitors = new Map<string, Visitor>();

  function visitor(address: string, now: Instant): Visitor | undefined {
    const key = network(address);
    const known = visitors.get(key);
    if (known !== undefined) {
      if (now - known.windowStart >= windowMs) {
        known.attempts = 0;
        known.windowStart = now;
      }
      return known;
    }
    if (visitors.size >= visitorsAtMost) {
      for (const [other, each] of visitors) if (each.open === 0) visitors.delete(other);
      if (visitors.size >= visitorsAtMost) return undefined;
    }
    const fresh = { open: 0, attempts: 0, windowStart: now };
    visitors.set(key, fresh);
    return fresh;
  }

  return {
    enter(address) {
      const known = visitor(address, clock.now());
      if (known === undefined) return false;
      known.attempts += 1;
      if (known.attempts > limits.attempts || known.open >= limits.connections) return false;
      known.open += 1;
      return true;
    },
    leave(address) {
      const known = visitors.get(network(address));
      if (known !== undefined) known.open = Math.max(0, known.open - 1);
    },
    penalise(address) {
      const known = visitor(address, clock.now());
      if (known !== undefined) known.attempts += penalty;
    },
  };
}

/** What counts as one address: one household or host of IPv6 has a whole /64; IPv4 may come as ::ffff:a.b.c.d. */
export function network(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  if (!plain.includes(':')) return plain;
  const [front = ''] = plain.split('%');
  const double = front.indexOf('::');
  const head = (double < 0 ? front : front.slice(0, double)).split(':').filter((group) => group !== '');
  const tail =
    double < 0
      ? []
      : front
          .slice(double + 2)
          .split(':')
          .filter((group) => group !== '');
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
