// The questions of dialback that are under way: bounded, one at a time to each partner, so that nobody can use us to scan,
// to reflect, or to make two servers dial each other for ever (xmpp-boundary D7, D13, L7).
import type { Instant } from '@sallyport/shared/clock.ts';
import { charged, excessMs, paceOf } from '@sallyport/shared/rate.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import { network } from './address-limits.ts';
import { type KeyInQuestion, type Verified, type VerifyWorld, verifyKey } from './verify-key.ts';

export type Verifications = {
  /** Asks the partner's own server, when those before it have been asked. `address`: who wants it, by its IP address. */
  readonly verify: (question: KeyInQuestion, address: string) => Promise<Verified>;
  /** Whether this address may ask us once more about a key of ours. */
  readonly mayAsk: (address: string, now: Instant) => boolean;
};

const underWayAtMost = 64;
const perPartnerAtMost = 16;
const perAddressAtMost = 4;
const askPace = paceOf(10, 20);
const askersAtMost = 10_000;

/**
 * At most 64 questions wait or are asked, 16 for one partner, 4 for one address (or IPv6 /64); one more is answered with
 * `resource-constraint`. A partner's server is asked one question at a time. Of our own keys an address may ask 10 a
 * second, 20 at once; 10,000 addresses are remembered, the first is forgotten for one more.
 */
export function createVerifications(
  world: Omit<VerifyWorld, 'credentials'> & { readonly credentials: CredentialsOf },
): Verifications {
  const lines = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, number>();
  const askers = new Map<string, Instant>();
  let underWay = 0;

  const countOf = (key: string): number => waiting.get(key) ?? 0;
  function count(key: string, change: 1 | -1): void {
    const now = countOf(key) + change;
    if (now > 0) waiting.set(key, now);
    else waiting.delete(key);
  }

  return {
    async verify(question, address) {
      const partner = `to ${question.partner.domain}`;
      const asker = `of ${network(address)}`;
      const full = underWay >= underWayAtMost || countOf(partner) >= perPartnerAtMost;
      if (full || countOf(asker) >= perAddressAtMost) {
        return { answer: 'error', condition: 'resource-constraint', note: 'too many keys are being asked about' };
      }
      underWay += 1;
      count(partner, 1);
      count(asker, 1);
      const before = lines.get(partner);
      const { clock, times } = world;
      const until = clock.now() + times.dialback;
      const mine = (async (): Promise<Verified> => {
        await before;
        if (clock.now() < until)
          return verifyKey({ ...world, credentials: world.credentials(question.localDomain) }, question);
        return { answer: 'error', condition: 'remote-server-timeout', note: 'others were asked about for too long' };
      })();
      lines.set(partner, mine);
      const verified = await mine;
      underWay -= 1;
      count(partner, -1);
      count(asker, -1);
      if (lines.get(partner) === mine) lines.delete(partner);
      return verified;
    },
    mayAsk(address, now) {
      const asker = network(address);
      const due = charged(askers.get(asker) ?? 0, now, 1, askPace);
      if (excessMs(due, now, askPace) > 0) return false;
      const [first] = askers.keys();
      if (askers.size >= askersAtMost && first !== undefined) askers.delete(first);
      askers.set(asker, due);
      return true;
    },
  };
}
