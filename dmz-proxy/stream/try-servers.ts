// The walk over a partner's servers: each in its order, and each of its addresses (RFC 6120 §3.2; N2, N6, N10).
import type { Socket } from 'node:net';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Dns } from '../dns/ask-dns.ts';
import { addressesOf, findPartner, type NotFound, type Target } from '../dns/find-partner.ts';
import { connectTcp, placeOf } from './connect-tcp.ts';
import type { Times } from './times.ts';

/** `refused`: one of the two ends said no, so that trying again in a moment would not help. */
export type DialFailure = {
  readonly code: 'partner-unreachable' | 'partner-not-found' | 'far-trust-broken';
  readonly refused: boolean;
  readonly certificate: boolean;
  readonly text: string;
};

/** An attempt that failed. What says most about the partner is told: that it refused, then that it did not answer. */
export type Failed = {
  readonly ok: false;
  /** Both ends have authenticated, so that another server would not do better (N10). */
  readonly authenticated: boolean;
  readonly absent?: true;
  /** TLS stood, and the other end has answered our header. */
  readonly reached?: true;
} & DialFailure;

/** What is done with one connection that stands; `place` is its address and port, for the log. */
export type Speak<T> = (
  socket: Socket,
  tls: Target['tls'],
  place: string,
) => Promise<{ readonly ok: true; readonly stream: T } | Failed>;

export type ServersWorld = {
  readonly partner: Partner;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly times: Times;
};

/** The next address of one server is tried beside the first after so long (RFC 8305 §8). */
const staggerMs = 250;

/**
 * Connects to the partner's servers in their order, and to all addresses of each, until `speak` has come to something.
 * No further one is tried once both ends have authenticated, nor begun after `times.connect` (N6, N10).
 */
export async function tryServers<T>(
  { partner, dns, clock, times }: ServersWorld,
  speak: Speak<T>,
): Promise<{ readonly ok: true; readonly stream: T } | Failed> {
  const found = await findPartner(partner, dns);
  if (!found.ok) return notFound(found);
  const until = clock.now() + times.connect;
  const spoken = new Set<string>();
  let worst: Failed | undefined;
  for (const target of found.targets) {
    const { port, tls } = target;
    const looked = await addressesOf(target, partner, dns);
    if (!looked.ok) worst = worseOf(worst, notFound(looked));
    // INVARIANT: where direct TLS was spoken and failed, no plain text follows on the same port (N10).
    let left = looked.ok ? looked.addresses.filter((each) => !spoken.has(placeOf(each, port))) : [];
    while (left.length > 0) {
      const connected = await connectTcp(left, port, { attempt: times.attempt, stagger: staggerMs });
      if (!connected.ok) {
        worst = worseOf(worst, failed('partner-unreachable', false, connected.note));
        break;
      }
      const place = placeOf(connected.address, port);
      if (tls === 'direct') spoken.add(place);
      const dialled = await speak(connected.socket, tls, place);
      if (dialled.ok || dialled.authenticated) return dialled;
      worst = worseOf(worst, dialled);
      left = clock.now() < until ? left.filter((each) => each !== connected.address) : [];
    }
    if (clock.now() >= until) break;
  }
  return worst ?? failed('partner-not-found', true, 'the partner has no address');
}

function failed(code: DialFailure['code'], refused: boolean, text: string): Failed {
  return { ok: false, code, refused, certificate: false, authenticated: false, text };
}

function notFound({ absent, note }: NotFound): Failed {
  if (!absent) return failed('partner-unreachable', false, note);
  return { ...failed('partner-not-found', true, note), absent: true };
}

function worseOf(before: Failed | undefined, now: Failed): Failed {
  if (before === undefined || before.absent === true) return now;
  return now.absent === true || (before.refused && !now.refused) ? before : now;
}
