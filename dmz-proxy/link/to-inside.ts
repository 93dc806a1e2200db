// Packets on their way to the inside: each is offered to the gateway that its pair belongs to, and ends exactly once.
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Settlement } from '@sallyport/shared/link/frame.ts';
import type { Peer } from '@sallyport/shared/link/peer.ts';
import { rendezvous } from '@sallyport/shared/link/rendezvous.ts';
import type { Packet } from '@sallyport/shared/packet.ts';

export type ToInside = {
  /** `settled` is called once; `taken` at most once, before it, when a gateway has kept the packet. */
  readonly send: (packet: Packet, settled: InsideSettled, taken?: () => void) => void;
  /** A gateway has come: what waited is offered. */
  readonly onUp: () => void;
  /** Packets that no gateway has taken yet. */
  readonly untaken: () => number;
  /** For the end of the process: waits a moment for what is under way, and refuses what has not been taken by then. */
  readonly stop: () => Promise<void>;
};

/**
 * Delivered, or refused (`inside-away` after 10 s without a gateway). `taken`: a gateway has kept the packet before,
 * so that a refusal reaches its sender as a packet of its own and is not to be answered here.
 */
export type InsideSettled = (settlement: Settlement, taken: boolean) => void;

type Waiting = {
  readonly packet: Packet;
  readonly settled: InsideSettled;
  readonly taken: () => void;
  readonly since: Instant;
  peer: Peer | undefined;
  /** False once a gateway has taken it, or it has ended. */
  isUntaken: boolean;
  /** Its neighbours, in the order in which they came: to be found and taken out, it needs no table. */
  previous: Waiting | undefined;
  next: Waiting | undefined;
};

const awayAfterMs = 10_000;
// Offered on a link that was cut, and the inside has not come back to be asked.
const lostAfterMs = 600_000;
const sweepMs = 500;
const lastMomentMs = 3_000;

export function createToInside(world: {
  readonly peers: () => ReadonlyMap<string, Peer>;
  readonly clock: Clock;
}): ToInside {
  let first: Waiting | undefined;
  let last: Waiting | undefined;
  let untaken = 0;
  let homeless = 0;

  function add(each: Waiting): void {
    each.previous = last;
    if (last === undefined) first = each;
    else last.next = each;
    last = each;
    untaken++;
  }

  // False where it was out already.
  function takeOut(each: Waiting): boolean {
    if (!each.isUntaken) return false;
    const { previous, next } = each;
    each.isUntaken = false;
    each.previous = undefined;
    each.next = undefined;
    if (previous === undefined) first = next;
    else previous.next = next;
    if (next === undefined) last = previous;
    else next.previous = previous;
    untaken--;
    return true;
  }

  function allUntaken(): readonly Waiting[] {
    const all: Waiting[] = [];
    for (let each = first; each !== undefined; each = each.next) all.push(each);
    return all;
  }

  function peerOf({ from, to }: Packet): Peer | undefined {
    const peers = world.peers();
    const live: string[] = [];
    for (const [uri, peer] of peers) if (peer.facts().up) live.push(uri);
    const uri = live.length > 1 ? rendezvous(live, `${from.bare} ${to.bare}`) : live[0];
    return uri === undefined ? undefined : peers.get(uri);
  }

  function offer(each: Waiting): void {
    const peer = peerOf(each.packet);
    if (peer === undefined) {
      homeless++;
      return;
    }
    each.peer = peer;
    peer.offer({
      packet: each.packet,
      again: false,
      taken: () => {
        takeOut(each);
        each.taken();
      },
      settled: (settlement) => {
        const wasUntaken = takeOut(each);
        each.settled(settlement, !wasUntaken);
      },
    });
  }

  function refuse(each: Waiting, note: string): void {
    takeOut(each);
    if (each.peer === undefined) homeless--;
    each.settled({ state: 'refused', refusal: { code: 'inside-away', stage: 'send-inside', note } }, false);
  }

  const sweep = setInterval(() => {
    const now = world.clock.now();
    if (first === undefined || now - first.since < awayAfterMs) return;
    for (const each of allUntaken()) {
      const age = now - each.since;
      if (age < awayAfterMs) break;
      const id = each.packet.id;
      if (each.peer === undefined || each.peer.withdraw(id)) refuse(each, 'no gateway within 10 s');
      else if (age > lostAfterMs && each.peer.withdraw(id, true))
        refuse(each, 'the link was cut and nobody came back to tell');
    }
  }, sweepMs);
  sweep.unref();

  return {
    send(packet, settled, taken = () => {}) {
      const each: Waiting = {
        packet,
        settled,
        taken,
        since: world.clock.now(),
        peer: undefined,
        isUntaken: true,
        previous: undefined,
        next: undefined,
      };
      add(each);
      offer(each);
    },
    onUp() {
      if (homeless === 0) return;
      homeless = 0;
      for (const each of allUntaken()) if (each.peer === undefined) offer(each);
    },
    untaken: () => untaken,
    async stop() {
      const deadline = world.clock.now() + lastMomentMs;
      const isUp = () => [...world.peers().values()].some((peer) => peer.facts().up);
      while (untaken > 0 && isUp() && world.clock.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      clearInterval(sweep);
      for (const each of allUntaken()) {
        if (each.peer === undefined || each.peer.withdraw(each.packet.id, true))
          refuse(each, 'this proxy is going down');
      }
    },
  };
}
