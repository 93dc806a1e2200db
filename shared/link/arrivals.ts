// What the other end has offered over the wall, and what we have told of it, across links: duplicates are known by
// their id, and a question about an earlier link is answered (architecture §4.1 point 7).
import type { Asked__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Asked.ts';
import type { Offered__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Offered.ts';
import type { Clock, Instant } from '../clock.ts';
import type { Packet, PacketId } from '../packet.ts';
import { packetFromWire } from '../packet-on-the-wire.ts';
import type { Refusal } from '../refusals.ts';
import { type MarksTaken, withMark } from '../wire/quarantine-marks.ts';
import { type Settlement, settlementToWire } from './frame.ts';
import type { Outgoing } from './outgoing.ts';

/** By which the receiver of a packet tells what becomes of it. Both may be called after the link is gone. */
export type ArrivalNews = {
  readonly taken: () => void;
  readonly settled: (settlement: Settlement) => void;
};

export type Receive = (packet: Packet, again: boolean, news: ArrivalNews) => void;

/** An earlier process of this node took it, and this one has it now; `ended` resolves when it is done with. */
export type Held = { readonly state: 'held'; readonly ended: Promise<void> };

export type ArrivalsWorld = {
  readonly receive: Receive;
  /** What an earlier process of this node knows of an id; absent where nothing outlives the process. */
  readonly lookUp?: (id: PacketId) => Promise<Settlement | Held | undefined>;
  /** A packet was offered that is none; it is refused, and this is for the audit. */
  readonly onUnreadable?: (id: PacketId, refusal: Refusal) => void;
  /** Which marks of the quarantine the other end may make; none unless told. */
  readonly marks?: MarksTaken;
  readonly clock: Clock;
};

export type Arrivals = {
  readonly attach: (outgoing: Outgoing) => void;
  readonly detach: () => void;
  /**
   * Both return false when the other end breaks the contract: a number that does not count up, no credit left, or an
   * id that is longer than any, which would be remembered.
   */
  readonly onOffered: (offered: Offered__Output) => boolean;
  readonly onAsked: (asked: Asked__Output) => boolean;
};

type Entry = { readonly id: PacketId; state: 'pending' | 'taken' | Settlement; seq: number; endedAt: Instant };

const rememberedMs = 600_000;
const rememberedAtMost = 20_000;
const longestId = 64;

/** `credit` is what our hello gave: so many packets may be pending at a time. */
export function createArrivals(world: ArrivalsWorld, credit: number): Arrivals {
  const entries = new Map<PacketId, Entry>();
  // In the order of their ends; those before `oldest` are forgotten. A shift of so long an array would copy it.
  let ended: Entry[] = [];
  let oldest = 0;
  let outgoing: Outgoing | undefined;
  let lastSeq = 0;
  let pending = 0;
  let questions = 0;
  // Each question that the store must answer costs; nobody has more under way than some times the credit.
  const questionsAtMost = world.lookUp === undefined ? Number.POSITIVE_INFINITY : 3 * credit;

  function forgetOld(now: Instant): void {
    for (let entry = ended[oldest]; entry !== undefined; entry = ended[oldest]) {
      if (ended.length - oldest <= rememberedAtMost && now - entry.endedAt < rememberedMs) break;
      entries.delete(entry.id);
      oldest++;
    }
    if (oldest <= rememberedAtMost) return;
    ended = ended.slice(oldest);
    oldest = 0;
  }

  function tell(entry: Entry): void {
    if (outgoing === undefined || entry.seq === 0) return;
    if (entry.state === 'taken') outgoing.taken(entry.seq);
    else if (entry.state !== 'pending') outgoing.settled(settlementToWire(entry.seq, entry.state));
  }

  function take(entry: Entry): void {
    if (entry.state !== 'pending') return;
    entry.state = 'taken';
    pending--;
    tell(entry);
  }

  function settle(entry: Entry, settlement: Settlement): void {
    if (typeof entry.state === 'object') return;
    if (entry.state === 'pending') pending--;
    entry.state = settlement;
    entry.endedAt = world.clock.now();
    tell(entry);
    ended.push(entry);
    forgetOld(entry.endedAt);
  }

  // Kept by an earlier process: it is ours now, and its end is told to its sender as a packet. It goes on to count at
  // the other end's bounds until then, or more would be sent than we have room for.
  function hold(id: PacketId, whenEnded: Promise<void>, seq: number): void {
    const known = entries.get(id);
    const entry = known ?? { id, state: 'taken', seq, endedAt: 0 };
    entry.seq = seq;
    entries.set(id, entry);
    tell(entry);
    if (known === undefined) void whenEnded.then(() => settle(entry, { state: 'delivered' }));
  }

  function counted(seq: number): boolean {
    if (!Number.isSafeInteger(seq) || seq !== lastSeq + 1) return false;
    lastSeq = seq;
    return true;
  }

  return {
    attach(link) {
      outgoing = link;
      lastSeq = 0;
      questions = 0;
      for (const entry of entries.values()) entry.seq = 0;
    },
    detach() {
      outgoing = undefined;
    },
    onOffered(offered) {
      if (!counted(offered.seq) || offered.id.length > longestId) return false;
      const known = entries.get(offered.id);
      if (known !== undefined) {
        known.seq = offered.seq;
        tell(known);
        return true;
      }
      if (pending >= credit) return false;
      const entry: Entry = { id: offered.id, state: 'pending', seq: offered.seq, endedAt: 0 };
      entries.set(offered.id, entry);
      pending++;
      const read = packetFromWire(offered.id, offered.packet);
      const verdict = read.passed ? withMark(read.subject, offered, world.marks ?? 'none') : read;
      if (!verdict.passed) {
        world.onUnreadable?.(offered.id, verdict.refusal);
        settle(entry, { state: 'refused', refusal: verdict.refusal });
        return true;
      }
      world.receive(verdict.subject, offered.again, {
        taken: () => take(entry),
        settled: (settlement) => settle(entry, settlement),
      });
      return true;
    },
    onAsked(asked) {
      if (!counted(asked.seq) || asked.id.length > longestId || ++questions > questionsAtMost) return false;
      const link = outgoing;
      const known = entries.get(asked.id);
      if (known !== undefined) {
        known.seq = asked.seq;
        if (known.state === 'pending') link?.settled({ seq: asked.seq, state: 'PENDING' });
        else tell(known);
        return true;
      }
      if (world.lookUp === undefined) {
        link?.settled({ seq: asked.seq, state: 'UNKNOWN' });
        return true;
      }
      world.lookUp(asked.id).then(
        (found) => {
          if (found === undefined) link?.settled({ seq: asked.seq, state: 'UNKNOWN' });
          else if (found.state === 'held') hold(asked.id, found.ended, link === outgoing ? asked.seq : 0);
          else link?.settled(settlementToWire(asked.seq, found));
        },
        () => link?.settled({ seq: asked.seq, state: 'PENDING' }),
      );
      return true;
    },
  };
}
