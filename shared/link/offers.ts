// What this end has offered over the wall and has no final word of, across links (architecture §4.1 points 5 and 7).
import type { Settled__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Settled.ts';
import type { Packet, PacketId } from '../packet.ts';
import { packetToWire } from '../packet-on-the-wire.ts';
import { createSlotMap } from '../slot-map.ts';
import { marksToWire } from '../wire/quarantine-marks.ts';
import { type Settlement, settlementFromWire } from './frame.ts';
import type { Outgoing } from './outgoing.ts';

export type Offer = {
  readonly packet: Packet;
  /** It may have been delivered before, by a process that is no more. */
  readonly again: boolean;
  /** The other end has it: kept inside, or written to a live stream outside. At most once. */
  readonly taken: () => void;
  /** Its end. Exactly once, unless it is withdrawn. */
  readonly settled: (settlement: Settlement) => void;
};

export type Offers = {
  readonly add: (offer: Offer) => void;
  /**
   * Takes a packet back: one that was never offered on any link, or, with `offeredToo`, one whose link is gone
   * and whose fate nobody can tell. False where it is too late for that. Its `settled` is not called.
   */
  readonly withdraw: (id: PacketId, offeredToo?: boolean) => boolean;
  readonly attach: (outgoing: Outgoing, theirBoot: string, credit: number) => void;
  readonly detach: () => void;
  /** Both return false when the other end speaks of something that was never offered: it breaks the contract. */
  readonly onTaken: (seq: number) => boolean;
  readonly onSettled: (settled: Settled__Output) => boolean;
  /** Not yet offered on the present link. */
  readonly waiting: () => number;
  readonly unsettled: () => number;
};

type Tracked = {
  readonly offer: Offer;
  stage: 'waiting' | 'offered' | 'taken';
  seq: number;
  /** The boot id of the process that it was offered to first. */
  firstOfferedTo: string | undefined;
  /** It was offered to another process than the present one, which may have delivered it. */
  mayBeRepeated: boolean;
};

/**
 * `afterTaken` says what it means when the other end took a packet once and does not know it any more:
 * `forget` where taking is durable (its end was told to a link that was cut), `offer-again` where it is not.
 */
export function createOffers(afterTaken: 'forget' | 'offer-again'): Offers {
  const tracked = createSlotMap<PacketId, Tracked>();
  const bySeq = createSlotMap<number, Tracked>();
  let queue: Tracked[] = [];
  let queueHead = 0;
  let outgoing: Outgoing | undefined;
  let theirBoot = '';
  let credit = 0;
  let untaken = 0;
  let nextSeq = 1;
  // Answers to Asked that are still to come; nothing fresh is offered before, so that order is kept.
  let unanswered = 0;
  const asking = new Set<Tracked>();
  let unknown: Tracked[] = [];

  function send(each: Tracked): void {
    // Where taking is durable, a packet that is not known was never delivered: there is nothing to repeat.
    if (afterTaken === 'offer-again' && each.firstOfferedTo !== undefined && each.firstOfferedTo !== theirBoot) {
      each.mayBeRepeated = true;
    }
    each.stage = 'offered';
    each.seq = nextSeq++;
    each.firstOfferedTo = theirBoot;
    bySeq.set(each.seq, each);
    untaken++;
    const { packet, again } = each.offer;
    const offered = { seq: each.seq, id: packet.id, again: again || each.mayBeRepeated, packet: packetToWire(packet) };
    outgoing?.offer(packet.quarantine === undefined ? offered : { ...offered, ...marksToWire(packet) });
  }

  function sendWhatMayGo(): void {
    if (outgoing === undefined || unanswered > 0) return;
    while (untaken < credit && queueHead < queue.length) {
      const next = queue[queueHead++];
      if (next !== undefined && next.stage === 'waiting' && tracked.has(next.offer.packet.id)) send(next);
    }
    if (queueHead > 1024 || queueHead === queue.length) {
      queue = queue.slice(queueHead);
      queueHead = 0;
    }
  }

  function answered(each: Tracked, known: boolean): void {
    if (!asking.delete(each)) return;
    if (!known) unknown.push(each);
    unanswered--;
    if (unanswered > 0) return;
    const again = unknown.sort((a, b) => a.seq - b.seq);
    unknown = [];
    for (const lost of again) lost.stage = 'waiting';
    queue = [...again, ...queue.slice(queueHead)];
    queueHead = 0;
    sendWhatMayGo();
  }

  function noLongerUntaken(each: Tracked): void {
    if (each.stage === 'offered') untaken--;
  }

  function finish(each: Tracked, settlement: Settlement): void {
    noLongerUntaken(each);
    tracked.delete(each.offer.packet.id);
    bySeq.delete(each.seq);
    answered(each, true);
    each.offer.settled(settlement);
    sendWhatMayGo();
  }

  return {
    add(offer) {
      const each: Tracked = { offer, stage: 'waiting', seq: 0, firstOfferedTo: undefined, mayBeRepeated: false };
      tracked.set(offer.packet.id, each);
      queue.push(each);
      sendWhatMayGo();
    },
    withdraw(id, offeredToo = false) {
      const each = tracked.get(id);
      if (each === undefined) return false;
      if (each.firstOfferedTo !== undefined && (!offeredToo || outgoing !== undefined)) return false;
      tracked.delete(id);
      bySeq.delete(each.seq);
      return true;
    },
    attach(link, boot, theirCredit) {
      outgoing = link;
      theirBoot = boot;
      credit = theirCredit;
      nextSeq = 1;
      bySeq.clear();
      asking.clear();
      unknown = [];
      untaken = 0;
      for (const each of tracked.values()) {
        if (each.firstOfferedTo === undefined) continue;
        each.seq = nextSeq++;
        bySeq.set(each.seq, each);
        if (each.stage !== 'taken') {
          each.stage = 'offered';
          untaken++;
        }
        asking.add(each);
      }
      unanswered = asking.size;
      for (const each of asking) link.ask({ seq: each.seq, id: each.offer.packet.id });
      sendWhatMayGo();
    },
    detach() {
      outgoing = undefined;
    },
    onTaken(seq) {
      const each = bySeq.get(seq);
      if (each === undefined) return seq < nextSeq;
      noLongerUntaken(each);
      const first = each.stage !== 'taken';
      each.stage = 'taken';
      answered(each, true);
      if (first) each.offer.taken();
      sendWhatMayGo();
      return true;
    },
    onSettled(settled) {
      const each = bySeq.get(settled.seq);
      if (each === undefined) return settled.seq < nextSeq;
      const settlement = settlementFromWire(settled);
      if (settlement !== undefined) {
        finish(each, settlement);
        return true;
      }
      if (settled.state === 'PENDING') {
        // Taken may have overtaken it in the same frame.
        answered(each, true);
        return true;
      }
      if (settled.state !== 'UNKNOWN' || !asking.has(each)) return false;
      if (each.stage === 'taken' && afterTaken === 'forget') {
        finish(each, { state: 'delivered' });
        return true;
      }
      noLongerUntaken(each);
      bySeq.delete(each.seq);
      // Taken and forgotten by a process that is no more: it may have been delivered.
      if (each.stage === 'taken') each.mayBeRepeated = true;
      answered(each, false);
      return true;
    },
    waiting: () => queue.length - queueHead,
    unsettled: tracked.size,
  };
}
