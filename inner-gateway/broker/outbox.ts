// Owns every kept packet until its end: order per pair, one end each, the bounce in the same commit (architecture §4.1).
import { bounceOf, withIncident } from '@sallyport/shared/bounce.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { bouncedKind, type Outcome, type Packet, type PacketId } from '@sallyport/shared/packet.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { createSlotMap } from '@sallyport/shared/slot-map.ts';
import { refuse } from '@sallyport/shared/verdict.ts';
import type { Delivery, Network } from '../adapters/adapter.ts';
import type { End, Kept, Store } from '../store/store.ts';
import { type Account, createBounds, perPair, sizeOf } from './bounds.ts';
import type { NewsDesk } from './news.ts';
import { createPairs } from './pairs.ts';
import { goes, type Pair, type Place } from './place.ts';
import { outboxKept, type Records } from './records.ts';
import { createUnderWay } from './under-way.ts';

export type DeliveryEnd = Exclude<Outcome, { readonly state: 'written' }>;
type Refused = Extract<DeliveryEnd, { state: 'refused' }>;

export type Outbox = {
  readonly find: (id: PacketId) => Place | undefined;
  /** Takes a place in the order; undefined at a bound (32 a pair; 1,000 or 16 MiB a partner and direction). */
  readonly reserve: (packet: Packet, origin: Network) => Place | undefined;
  /** Gives the place back: refused at the door, or known already. */
  readonly leave: (place: Place) => void;
  /** It is kept: deliver it in its turn. */
  readonly ready: (place: Place) => void;
  /** Takes over what an earlier process has kept, in its order, without a bound. */
  readonly recover: (kept: Kept) => Place;
  /** Delivers in its turn what was kept with the end of something else, without a bound. */
  readonly follow: (kept: Kept) => void;
  /** Ends a packet that was kept and must not be delivered; its sender is told by whoever calls this. */
  readonly withdraw: (place: Place, code: 'internal-fault') => Promise<void>;
  /** Ends a packet that was recovered and must not be delivered; its sender gets the bounce. */
  readonly refuse: (place: Place, end: Refused) => Promise<void>;
  /** Nothing is offered before this. */
  readonly open: () => void;
  /** Nothing is offered any more; what ends with `shutting-down` stays kept. */
  readonly close: () => void;
  /** Resolves when everything that has ended is on disk, or cannot be written. */
  readonly written: () => Promise<void>;
  readonly waiting: () => number;
  readonly unsettled: () => number;
};

type World = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly news: NewsDesk;
  readonly records: Records;
  readonly nextId: () => PacketId;
  /** Where the packet goes. */
  readonly networkOf: (packet: Packet) => Network;
  /** Never rejects. */
  readonly deliver: (delivery: Delivery) => Promise<DeliveryEnd>;
};

const settleAgainMs = 1_000;

export function createOutbox(world: World): Outbox {
  const { store, clock, log, news, records } = world;
  const bounds = createBounds();
  const places = createSlotMap<PacketId, Place>();
  const pairs = createPairs();
  const ending = createUnderWay();
  let waiting = 0;
  let opened = false;
  let closing = false;
  let stuck = false;

  function take(
    packet: Packet,
    origin: Network,
    account: Account,
    bytes: number,
    since: Instant,
    again: boolean,
    pair = pairs.of(packet),
  ): Place {
    const place: Place = {
      packet,
      origin,
      since,
      again,
      story: news.open(),
      pair,
      account,
      bytes,
      ready: false,
      gone: false,
      whenGone: undefined,
      acceptance: undefined,
    };
    pairs.add(pair);
    pair.waiting.push(place);
    pair.unsettled += 1;
    waiting += 1;
    bounds.charge(account, bytes);
    if (!places.has(packet.id)) places.set(packet.id, place);
    return place;
  }

  function forget(place: Place): void {
    const { pair, packet } = place;
    if (places.get(packet.id) === place) places.delete(packet.id);
    bounds.release(place.account, place.bytes);
    pair.unsettled -= 1;
    if (pair.unsettled === 0) pairs.idle();
    goes(place);
  }

  function leave(place: Place): void {
    stepOut(place);
    forget(place);
    advance(place.pair);
  }

  function stepOut(place: Place): void {
    const at = place.pair.waiting.indexOf(place);
    if (at < 0) return;
    place.pair.waiting.splice(at, 1);
    waiting -= 1;
  }

  function ready(place: Place): void {
    place.ready = true;
    outboxKept.inc();
    advance(place.pair);
  }

  // INVARIANT: at most one packet of a pair is `offered`; the next one goes when the far side has this one.
  function advance(pair: Pair): void {
    const next = pair.waiting[0];
    if (!opened || closing || pair.offered !== undefined || next === undefined || !next.ready) return;
    pair.waiting.shift();
    waiting -= 1;
    pair.offered = next;
    void offer(next);
  }

  async function offer(place: Place): Promise<void> {
    const unlockedByWritten = world.networkOf(place.packet) === 'xmpp';
    const written = () => {
      news.written(place.story);
      if (unlockedByWritten) unlock(place);
    };
    const end = await world.deliver({ packet: place.packet, again: place.again, written });
    unlock(place);
    ending.track(finish(place, end));
  }

  function unlock(place: Place): void {
    if (place.pair.offered !== place) return;
    place.pair.offered = undefined;
    advance(place.pair);
  }

  function finish(place: Place, end: DeliveryEnd): Promise<unknown> {
    if (end.state === 'refused') return finishUndelivered(place, end);
    const { packet, origin, story, since } = place;
    news.end(story, end);
    records.delivered(packet, origin, since, end.callId);
    return settle(place, { id: packet.id, state: 'delivered' });
  }

  async function finishUndelivered(place: Place, end: Refused): Promise<void> {
    if (closing && end.refusal.code === 'shutting-down') return news.end(place.story, { state: 'kept' });
    // Who has just been told that the packet is kept may be about to ask for news.
    await nextTurn();
    await finishRefused(place, end);
  }

  async function finishRefused(place: Place, end: Refused): Promise<void> {
    const { packet, origin, story, since } = place;
    const refusal = numbered(packet, end.refusal);
    const answer = { state: 'refused', refusal } as const;
    const told = news.claim(story);
    const bounce = told ? undefined : bounceOf(packet, refusal, world.nextId(), clock.now());
    const from = world.networkOf(packet);
    records.refused(packet, origin, refusal, since);
    const kept = bounce === undefined ? undefined : { packet: bounce, origin: from, keptAt: clock.now() };
    // The end is on disk before the waiting one hears of it, so that no crash delivers what was called refused.
    const settled = await settle(place, { id: packet.id, state: 'refused', code: refusal.code }, kept, () =>
      news.end(story, answer),
    );
    news.end(story, answer);
    if (bounce === undefined || !settled) return;
    records.bounced(bounce, from);
    // The bounce stays on its packet's account: an account never grows by being refused.
    ready(take(bounce, from, place.account, sizeOf(bounce), clock.now(), false));
  }

  // A store that fails is asked again every second; until then the packet stays known, and counts at the bounds.
  async function settle(place: Place, end: End, bounce?: Kept, onTrouble?: () => void): Promise<boolean> {
    for (;;) {
      try {
        await store.settle(end, bounce);
        if (stuck) log.info('the store takes the ends of packets again');
        stuck = false;
        outboxKept.dec();
        forget(place);
        return true;
      } catch (error) {
        if (!stuck)
          log.error(
            { why: error instanceof Error ? error.message : '' },
            'the store does not take the ends of packets; trying on',
          );
        stuck = true;
        onTrouble?.();
        if (closing) return false;
        await new Promise((resolve) => setTimeout(resolve, settleAgainMs).unref());
      }
    }
  }

  return {
    find: (id) => places.get(id),
    reserve(packet, origin) {
      const account = bounds.accountOf(packet, origin);
      const bytes = sizeOf(packet);
      const pair = pairs.of(packet);
      if (bounds.isFull(account, bytes) || pair.unsettled >= perPair) return undefined;
      return take(packet, origin, account, bytes, clock.now(), false, pair);
    },
    leave,
    ready,
    recover({ packet, origin, keptAt }) {
      return take(packet, origin, bounds.accountOf(packet, origin), sizeOf(packet), keptAt, true);
    },
    follow({ packet, origin, keptAt }) {
      ready(take(packet, origin, bounds.accountOf(packet, origin), sizeOf(packet), keptAt, false));
    },
    async withdraw(place, code) {
      stepOut(place);
      outboxKept.inc();
      advance(place.pair);
      await new Promise<void>((resolve) => {
        ending.track(
          settle(place, { id: place.packet.id, state: 'refused', code }, undefined, resolve).then(() => resolve()),
        );
      });
    },
    async refuse(place, end) {
      stepOut(place);
      outboxKept.inc();
      await finishRefused(place, end);
      advance(place.pair);
    },
    open() {
      opened = true;
      for (const pair of pairs.all()) advance(pair);
    },
    close() {
      closing = true;
    },
    async written() {
      await nextTurn();
      await ending.none();
    },
    waiting: () => waiting,
    unsettled: places.size,
  };
}

/** What a delivery comes to when the adapter itself breaks: fail closed (I3). */
export function faultOf(error: unknown): DeliveryEnd {
  const { refusal } = refuse('internal-fault', { note: `the adapter threw ${whyOf(error)}` });
  return { state: 'refused', refusal };
}

// The type alone: the message of an exception may quote what it choked on (I6).
function whyOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

// Only what a person will see needs a number.
function numbered(packet: Packet, refusal: Refusal): Refusal {
  return bouncedKind(packet.content.kind) === undefined ? refusal : withIncident(refusal);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
