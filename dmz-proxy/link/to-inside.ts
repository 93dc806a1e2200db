// Packets on their way to the inside: each is offered to the gateway that its pair belongs to, and ends exactly once.
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Settlement } from '@sallyport/shared/link/frame.ts';
import type { Peer } from '@sallyport/shared/link/peer.ts';
import { rendezvous } from '@sallyport/shared/link/rendezvous.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import { createSlotMap } from '@sallyport/shared/slot-map.ts';

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
  const waiting = createSlotMap<PacketId, Waiting>();
  let homeless = 0;

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
        waiting.delete(each.packet.id);
        each.taken();
      },
      settled: (settlement) => {
        const untaken = waiting.delete(each.packet.id);
        each.settled(settlement, !untaken);
      },
    });
  }

  function refuse(each: Waiting, note: string): void {
    waiting.delete(each.packet.id);
    if (each.peer === undefined) homeless--;
    each.settled({ state: 'refused', refusal: { code: 'inside-away', stage: 'send-inside', note } }, false);
  }

  const sweep = setInterval(() => {
    const now = world.clock.now();
    for (const each of waiting.values()) {
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
      const each: Waiting = { packet, settled, taken, since: world.clock.now(), peer: undefined };
      waiting.set(packet.id, each);
      offer(each);
    },
    onUp() {
      if (homeless === 0) return;
      homeless = 0;
      for (const each of waiting.values()) if (each.peer === undefined) offer(each);
    },
    untaken: waiting.size,
    async stop() {
      const deadline = world.clock.now() + lastMomentMs;
      const isUp = () => [...world.peers().values()].some((peer) => peer.facts().up);
      while (waiting.size() > 0 && isUp() && world.clock.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      clearInterval(sweep);
      for (const each of [...waiting.values()]) {
        if (each.peer === undefined || each.peer.withdraw(each.packet.id, true))
          refuse(each, 'this proxy is going down');
      }
    },
  };
}
