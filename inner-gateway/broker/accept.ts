// What every adapter calls for everything that it received: judge it, keep it, and only then say so.
import { withIncident } from '@sallyport/shared/bounce.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import { judge, type Watcher } from '@sallyport/shared/judge.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { bouncedKind, isHoldable, isKept, type Packet, type PacketId } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { worded } from '@sallyport/shared/policy/texts.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Accept, Acceptance, Network, Origin } from '../adapters/adapter.ts';
import { checkAnswer } from '../stages/check-answer.ts';
import { checkContent } from '../stages/check-content.ts';
import { checkLabel } from '../stages/check-label.ts';
import { checkLoop } from '../stages/check-loop.ts';
import { checkOrigin } from '../stages/check-origin.ts';
import { checkPermission } from '../stages/check-permission.ts';
import { checkProbing } from '../stages/check-probing.ts';
import { byItself, directionFrom, type Situation } from '../stages/situation.ts';
import type { Store } from '../store/store.ts';
import type { Hold } from './hold.ts';
import type { Moments } from './moments.ts';
import type { Asker, NewsDesk, Story } from './news.ts';
import type { Outbox } from './outbox.ts';
import { type Place, untilGone } from './place.ts';
import type { RememberedProbing } from './probing.ts';
import type { Records } from './records.ts';
import type { SentIds } from './sent-ids.ts';

/** What the audit is told besides the packet: what content rules had to say, and how it is known in SIP. */
type Heard = { noticed?: string; callId?: string };

type World = {
  readonly domains: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly policy: () => Policy;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly watcher?: Watcher;
  readonly outbox: Outbox;
  readonly moments: Moments;
  readonly news: NewsDesk;
  readonly records: Records;
  readonly sentIds: SentIds;
  readonly hold: Hold;
  /** What was said last, and who tries what is refused: for content rules. */
  readonly tails: Tails;
  readonly probing: RememberedProbing;
  readonly stopping: () => boolean;
};

export type Doors = {
  readonly accept: Accept;
  /** What the stages say today of a packet that was held; never rejects. */
  readonly judgeHeld: (packet: Packet, origin: Origin) => Verdict<Packet> | Promise<Verdict<Packet>>;
  /** The packet under the id that it leaves by. */
  readonly withSentId: (packet: Packet) => Packet;
};

const stages = [checkOrigin, checkLoop, checkAnswer, checkPermission, checkProbing, checkLabel, checkContent];

/**
 * Makes the `accept` of one broker. What is kept is accepted when it is on disk; what goes out, when its audit line
 * is on disk as well. A packet whose id is kept or ended is answered like the first one and not delivered again.
 * Refuses with the stages' codes, `queue-full`, `shutting-down`, and `internal-fault` when store or audit fail.
 */
export function createAccept(world: World): Doors {
  const { outbox, moments, news, records, store, clock, log } = world;
  let keeping = true;

  function accept(packet: Packet, origin: Origin): Promise<Acceptance> {
    if (world.stopping()) return Promise.resolve(turnAway(packet, origin, refuse('shutting-down').refusal));
    if (!isKept(packet.content.kind)) return acceptMoment(packet, origin);
    const known = outbox.find(packet.id);
    if (known !== undefined && known.origin === origin.network) {
      return known.acceptance ?? Promise.resolve(acceptance(packet.id, known.story, () => untilGone(known)));
    }
    const place = outbox.reserve(packet, origin.network);
    if (place === undefined) return refuseUnlessKnown(packet, origin);
    place.acceptance = acceptInPlace(place, packet, origin);
    return place.acceptance;
  }

  async function acceptInPlace(place: Place, packet: Packet, origin: Origin): Promise<Acceptance> {
    const heard: Heard = {};
    const verdict = judgePacket(packet, origin, heard);
    const judged = verdict instanceof Promise ? await verdict : verdict;
    if (!judged.passed) return holdOrLeave(place, packet, origin, judged.refusal, heard);
    const outward = directionFrom(origin) === 'outward';
    place.packet = outward ? withSentId(judged.subject) : judged.subject;
    // The id that it came in with: what leaves has another one, and the audit must lead from the one to the other.
    if (origin.network === 'sip') heard.callId = judged.subject.stanzaId;
    const recording = outward ? accepted(place, heard)?.then(works, fails) : undefined;
    let kept: 'kept' | 'known' | undefined;
    try {
      kept = await store.keep({ packet: place.packet, origin: place.origin, keptAt: place.since });
      storeWorks();
    } catch (error) {
      storeFails(error);
    }
    const recorded = recording === undefined || (await recording);
    if (kept === undefined) return leave(place, origin, fault('the store did not keep it'));
    if (kept === 'known') {
      outbox.leave(place);
      return acceptanceOfKnown(packet.id);
    }
    if (!recorded) {
      await outbox.withdraw(place, 'internal-fault');
      return turnAway(packet, origin, fault('the audit did not record it'));
    }
    if (!outward) accepted(place, heard);
    moments.messageFollows(place.packet);
    outbox.ready(place);
    return acceptance(packet.id, place.story, () => untilGone(place));
  }

  // A packet that has ended already is no news, whatever else is waiting.
  async function refuseUnlessKnown(packet: Packet, origin: Origin): Promise<Acceptance> {
    const known = await store.lookUp(packet.id).catch(() => undefined);
    if (known !== undefined) return acceptanceOfKnown(packet.id);
    return turnAway(packet, origin, refuse('queue-full').refusal);
  }

  async function acceptMoment(packet: Packet, origin: Origin): Promise<Acceptance> {
    const heard: Heard = {};
    const verdict = await judgePacket(packet, origin, heard);
    if (!verdict.passed) return turnAway(packet, origin, verdict.refusal, heard);
    const said = directionFrom(origin) === 'outward' ? withSentId(verdict.subject) : verdict.subject;
    try {
      await records.accepted(said, origin.network, world.policy().revision, heard);
    } catch {
      return turnAway(packet, origin, fault('the audit did not record it'));
    }
    const story = moments.offer(said, clock.now());
    return acceptance(packet.id, story, () => news.ended(story));
  }

  function sentByUs(id: PacketId, from: Network): boolean {
    return (from === 'xmpp' && id.startsWith(world.bootId)) || (outbox.find(id)?.origin ?? from) !== from;
  }

  // Fail closed (I3): a policy that cannot be had refuses like a stage that throws.
  function judgePacket(
    packet: Packet,
    origin: Origin,
    heard: Heard,
    isHeld = false,
  ): Verdict<Packet> | Promise<Verdict<Packet>> {
    if (!records.works()) return { passed: false, refusal: fault('the audit cannot be written') };
    try {
      const situation: Situation = {
        origin,
        direction: directionFrom(origin),
        domains: world.domains,
        users: world.users,
        policy: world.policy(),
        now: clock.now(),
        sentByUs,
        isAnswered: world.sentIds.isAnswered,
        tails: world.tails,
        probing: world.probing,
        noticed: (notice) => {
          heard.noticed = notice;
        },
      };
      return judge<Packet, Situation>(stages, packet, isHeld ? byItself(situation) : situation, world.watcher);
    } catch (error) {
      return { passed: false, refusal: fault(`no policy: ${error instanceof Error ? error.name : typeof error}`) };
    }
  }

  function accepted({ packet, origin }: Place, heard: Heard): Promise<void> | undefined {
    return records.accepted(packet, origin, revisionOf(world.policy), heard);
  }

  async function holdOrLeave(
    place: Place,
    packet: Packet,
    origin: Origin,
    refusal: Refusal,
    heard: Heard,
  ): Promise<Acceptance> {
    if (refusal.code !== 'content-held' || !isHoldable(packet.content)) return leave(place, origin, refusal, heard);
    const instead = await world.hold(packet, origin, inWords(refusal, packet), heard);
    if (instead !== undefined) return leave(place, origin, instead, heard);
    outbox.leave(place);
    return acceptanceOfHeld(packet.id);
  }

  function leave(place: Place, origin: Origin, refusal: Refusal, heard: Heard = {}): Acceptance {
    outbox.leave(place);
    return turnAway(place.packet, origin, refusal, heard);
  }

  function turnAway(packet: Packet, origin: Origin, refusal: Refusal, heard: Heard = {}): Acceptance {
    const isTold = bouncedKind(packet.content.kind) !== undefined;
    const numbered = isTold ? withIncident(inWords(refusal, packet)) : refusal;
    records.refusedAtDoor(packet, origin.network, numbered, { revision: revisionOf(world.policy), ...heard });
    if (isTold && directionFrom(origin) === 'outward') countRefusal(packet, refusal);
    return { passed: false, refusal: numbered };
  }

  // A policy that cannot be had says nothing.
  function inWords(refusal: Refusal, { lang }: Packet): Refusal {
    return refusal.says === undefined ? refusal : worded(refusal, world.policy().texts, lang);
  }

  // A refusal that its sender hears of tells him something about the rules; too many of them tell him no more.
  function countRefusal({ from, to }: Packet, { code }: Refusal): void {
    if (code !== 'content-refused' && code !== 'content-held') return;
    const pace = world.policy().partners.get(to.domain)?.rates.contentRefusals;
    if (pace !== undefined && world.probing.count(from.bare, clock.now(), pace)) records.probing(from.bare, to.bare);
  }

  // What leaves does so under an id of ours, so that an error about it can be told from a made-up one. An answer keeps
  // the id of its question; typing and receipts go without, since nobody is told what became of them.
  function withSentId(packet: Packet): Packet {
    const { from, to, content } = packet;
    switch (content.kind) {
      case 'card':
      case 'avatar':
        return packet;
      case 'chat-state':
      case 'receipt':
        return { ...packet, stanzaId: '' };
      default: {
        const asks = content.kind === 'message' && (content.receiptRequested === true || content.markable === true);
        return { ...packet, stanzaId: world.sentIds.idFor(from, to, packet.stanzaId || packet.id, asks) };
      }
    }
  }

  function storeWorks(): void {
    if (!keeping) log.info('the store keeps packets again');
    keeping = true;
  }

  function storeFails(error: unknown): void {
    if (keeping) log.error({ why: String(error) }, 'the store keeps nothing: new packets are refused until it does');
    keeping = false;
  }

  function acceptance(id: PacketId, story: Story, ended: () => Promise<void>): Acceptance {
    const asker: Asker = { toldWritten: false };
    return {
      passed: true,
      id,
      news: (withinMs) => news.ask(story, asker, withinMs),
      ended,
    };
  }

  // Ended before, maybe by an earlier process: who offers it again has not heard of its end.
  function acceptanceOfKnown(id: PacketId): Acceptance {
    return {
      passed: true,
      id,
      ended: () => Promise.resolve(),
      news: async () => {
        const end = await store.lookUp(id).catch(() => undefined);
        if (end === undefined || end === 'kept' || end.state === 'held') return { state: 'kept' };
        if (end.state === 'delivered') return { state: 'delivered' };
        if (end.bounced === true) return { state: 'kept' };
        return { state: 'refused', refusal: { code: end.code ?? 'internal-fault' } };
      },
    };
  }

  return {
    accept,
    withSentId,
    judgeHeld: (packet, origin) => judgePacket(packet, origin, {}, true),
  };
}

// Its sender is told by a packet, if at all: whatever becomes of it comes later.
function acceptanceOfHeld(id: PacketId): Acceptance {
  return { passed: true, id, ended: () => Promise.resolve(), news: async () => ({ state: 'kept' }) };
}

const works = () => true;
const fails = () => false;

function fault(note: string): Refusal {
  return { code: 'internal-fault', note };
}

function revisionOf(policy: () => Policy): string {
  try {
    return policy().revision;
  } catch {
    return '';
  }
}
