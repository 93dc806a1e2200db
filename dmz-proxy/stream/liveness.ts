// Whether a partner that says nothing still lives: asked now and then by a ping (XEP-0199; xmpp-boundary L5).
import { randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Times } from './times.ts';

export type Liveness = {
  /** `ask`: a ping is due. `dead`: two have had no answer. `lastInput` tells when the partner was last heard. */
  readonly check: (now: Instant, lastInput: () => Instant) => 'alive' | 'ask' | 'dead';
  /** Pings without an answer since the partner was last heard. */
  readonly missed: () => number;
};

const missesAtMost = 2;

/** One stream's watch over its partner. Any input counts as an answer, an error as well. */
export function createLiveness(since: Instant, times: Pick<Times, 'ping' | 'pong'>): Liveness {
  let lookAt = since + times.ping;
  let askedAt: Instant | undefined;
  let misses = 0;

  return {
    check(now, lastInput) {
      if (now < lookAt) return 'alive';
      const heard = Math.max(since, lastInput());
      if (askedAt !== undefined && heard < askedAt) {
        misses += 1;
        lookAt = askedAt + times.ping;
        askedAt = undefined;
        return misses < missesAtMost ? 'alive' : 'dead';
      }
      askedAt = undefined;
      if (now - heard < times.ping) {
        misses = 0;
        lookAt = heard + times.ping;
        return 'alive';
      }
      askedAt = now;
      lookAt = now + times.pong;
      return 'ask';
    },
    missed: () => misses,
  };
}

/** A ping from our domain to the partner's. */
export function printPing(
  pair: { readonly localDomain: string; readonly remoteDomain: string },
  id: string = newPingId(),
): string {
  return (
    `<iq type="get" id="${id}" from="${pair.localDomain}" to="${pair.remoteDomain}">` +
    '<ping xmlns="urn:xmpp:ping"/></iq>'
  );
}

/** Nobody can guess it, or anybody could answer in the partner's place. */
export function newPingId(): string {
  return randomBytes(12).toString('base64url');
}
