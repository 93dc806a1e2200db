// All that a stage of the gateway may know besides the packet.
import type { Jid } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import type { PacketId } from '@sallyport/shared/packet.ts';
import type { Direction, Policy } from '@sallyport/shared/policy/policy.ts';
import type { Pace } from '@sallyport/shared/rate.ts';
import type { Network, Origin } from '../adapters/adapter.ts';

export type Probing = {
  /** Whether content rules have refused as much of this user lately as this pace allows. */
  readonly isFull: (user: string, now: Instant, pace: Pace) => boolean;
};

export type Situation = {
  readonly origin: Origin;
  /** Which way that is. */
  readonly direction: Direction;
  /** The internal domains. */
  readonly domains: ReadonlySet<string>;
  /** The internal users who may talk to partners, as bare addresses. */
  readonly users: ReadonlySet<string>;
  readonly policy: Policy;
  readonly now: Instant;
  /** Whether a packet of this id went out from here to the network that it now comes from. */
  readonly sentByUs: (id: PacketId, from: Network) => boolean;
  /** Whether this id, named by `external`, is of something that `internal` said, and asked so; true once for each. */
  readonly isAnswered: (id: string, internal: Jid, external: Jid, by: 'answer' | 'received' | 'displayed') => boolean;
  /** Who finds out by trying what content rules refuse; without it nobody does. */
  readonly probing?: Probing;
  /** What was said last between two people, for terms that are split over messages. */
  readonly tails?: Tails;
  /** Hears which content rules fired, or would have, in one line for the audit. */
  readonly noticed?: (notice: string) => void;
};

/** XMPP is the outside; every other network is inside. */
export function directionFrom(origin: Pick<Origin, 'network'>): Direction {
  return origin.network === 'xmpp' ? 'inward' : 'outward';
}

/** The same for a packet that was held: what was said before it, and whether its sender tries things out, was judged then. */
export function byItself({ tails, probing, ...situation }: Situation): Situation {
  return situation;
}
