// What operators do with held packets, and what time does: shown, released, refused, expired. Each ends once, and is told.
import type { Audit, AuditEntry } from '@sallyport/shared/audit.ts';
import { bounceOf } from '@sallyport/shared/bounce.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { counter, gauge } from '@sallyport/shared/metrics.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import { publicTextOf } from '@sallyport/shared/policy/judge-content.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Verdict } from '@sallyport/shared/verdict.ts';
import type { Network, Origin } from '../adapters/adapter.ts';
import type { Done, HeldActions, HeldEnd, HeldItem, HeldPacket, Quarantine } from '../quarantine/quarantine.ts';
import type { Kept, Store } from '../store/store.ts';
import type { Outbox } from './outbox.ts';
import { digestOf, type Records } from './records.ts';

type World = {
  readonly quarantine: Quarantine;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly records: Records;
  readonly audit: Audit;
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly log: Log;
  readonly nextId: () => PacketId;
  readonly networkOf: (packet: Packet) => Network;
  readonly judgeHeld: (packet: Packet, origin: Origin) => Verdict<Packet> | Promise<Verdict<Packet>>;
  readonly withSentId: (packet: Packet) => Packet;
};

export type HeldDesk = HeldActions & {
  /** Ends what an earlier process had released or refused and could not end here any more. */
  readonly reconcile: (left: readonly Kept[]) => Promise<void>;
  /** Writes down what an earlier process could not, and begins to look for what has been held too long. */
  readonly start: () => Promise<void>;
  /** Looks for it now. */
  readonly sweep: () => Promise<void>;
  /** The metrics are no longer what they were. */
  readonly changed: () => void;
  readonly stop: () => void;
};

const sweepMs = 60_000;
const items = gauge('quarantine_items', 'packets that are held');
const bytes = gauge('quarantine_bytes', 'what the held packets take');
const ended = counter('quarantine_ended_total', 'held packets that have ended', ['end']);
let oldest: number | undefined;
let nowOf = Date.now;
gauge('quarantine_oldest_seconds', 'for how long the oldest held packet is held', [], (self) =>
  self.set(oldest === undefined ? 0 : Math.max(0, nowOf() - oldest) / 1000),
);

export function createHeldDesk(world: World): HeldDesk {
  const { quarantine, store, outbox, records, audit, clock, log } = world;
  /** Under way: two operators at once end nothing twice. */
  const busy = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  nowOf = clock.now;

  function changed(): void {
    quarantine.counts().then(
      (counts) => {
        items.set(counts.items);
        bytes.set(counts.bytes);
        oldest = counts.oldest;
      },
      () => {},
    );
  }

  async function withHeld<T>(id: string, work: (held: HeldPacket) => Promise<Done<T>>): Promise<Done<T>> {
    if (busy.has(id)) return no(`${id} is just being released, refused or shown; ask again`);
    busy.add(id);
    try {
      const held = await quarantine.open(id);
      return held === undefined ? no(`nothing is held as ${id}; see sallyport quarantine list`) : await work(held);
    } catch (error) {
      log.error({ id, why: error instanceof Error ? error.message : '' }, 'a held packet could not be dealt with');
      return no(`${id}: ${error instanceof Error ? error.message : 'it failed'}; it stays held`);
    } finally {
      busy.delete(id);
      changed();
    }
  }

  // On disk before anything happens; rejects where it cannot be.
  function writeDown(event: AuditEntry['event'], { item, packet }: HeldPacket, note: string): Promise<void> {
    return audit.recordDurably({
      ...{ event, direction: item.direction, packet: item.packet, from: item.from, to: item.to },
      ...(packet === undefined ? {} : { kind: packet.content.kind, ...digestOf(packet) }),
      ...(packet === undefined || packet.stanzaId === '' ? {} : { stanzaId: packet.stanzaId }),
      ...{ rule: item.rule, note, incident: item.id, revision: world.policy().revision },
    });
  }

  async function release(held: HeldPacket, by: string): Promise<Done> {
    const { item, packet } = held;
    if (packet === undefined) return no(`${item.id}: its seal is broken, so it cannot be released; refuse it`);
    const outward = item.direction === 'outward';
    const origin: Origin = { network: outward ? 'sip' : 'xmpp', peer: 'quarantine' };
    const marked: Packet = { ...packet, delayed: true, quarantine: { state: 'released', incident: item.id } };
    const verdict = await world.judgeHeld(marked, origin);
    if (!verdict.passed) {
      const { code, rule } = verdict.refusal;
      const which = rule === undefined ? code : `${code}, rule ${rule}`;
      return no(`${item.id} stays held: today it would be refused (${which}); change the policy, or refuse it`);
    }
    const released = { ...(outward ? world.withSentId(verdict.subject) : verdict.subject), id: world.nextId() };
    const place = outbox.reserve(released, origin.network);
    if (place === undefined) {
      return no(`${item.id} stays held: too much is under way between the two, or for the partner; try again later`);
    }
    let isKept = false;
    try {
      await writeDown('held-released', held, by);
      await records.accepted(released, origin.network, world.policy().revision, {
        ...{ note: 'released from the quarantine', incident: item.id },
        ...(outward ? { callId: packet.stanzaId } : {}),
      });
      // INVARIANT: kept, then ended in the quarantine, then offered. Killed in between, `reconcile` ends it.
      await store.keep({ packet: released, origin: origin.network, keptAt: place.since });
      isKept = true;
      if (!(await quarantine.end(item.id, 'released'))) throw new Error('it had ended before');
    } catch (error) {
      if (isKept) await outbox.withdraw(place, 'internal-fault');
      else outbox.leave(place);
      throw error;
    }
    ended.inc({ end: 'released' });
    outbox.ready(place);
    return { done: true };
  }

  async function refuse(held: HeldPacket, end: Exclude<HeldEnd, 'released'>, by: string): Promise<Done> {
    const { item, packet } = held;
    const bounce = packet === undefined ? undefined : bounceFor(item, packet);
    await writeDown(end === 'expired' ? 'held-expired' : 'held-refused', held, by);
    if (bounce !== undefined) await store.keep(bounce);
    try {
      // INVARIANT: kept, then ended in the quarantine, then offered. Killed in between, `reconcile` ends it.
      if (!(await quarantine.end(item.id, end))) throw new Error('it had ended before');
    } catch (error) {
      if (bounce !== undefined) await store.settle({ id: bounce.packet.id, state: 'refused' });
      throw error;
    }
    ended.inc({ end });
    if (bounce !== undefined) {
      records.bounced(bounce.packet, bounce.origin);
      outbox.follow(bounce);
    }
    return { done: true };
  }

  function bounceFor({ id, rule }: HeldItem, packet: Packet): Kept | undefined {
    const said = publicTextOf('content-refused', rule, packet.lang, world.policy());
    const refusal = { code: 'content-refused', rule, ...said, incident: id } as const;
    const bounce = bounceOf(packet, refusal, world.nextId(), clock.now());
    if (bounce === undefined) return undefined;
    const marked: Packet = { ...bounce, quarantine: { state: 'released', incident: id } };
    return { packet: marked, origin: world.networkOf(packet), keptAt: clock.now() };
  }

  async function sweep(): Promise<void> {
    for (;;) {
      const old = (await quarantine.expired()).filter(({ item }) => !busy.has(item.id));
      for (const held of old) {
        const { item, packet } = held;
        const note = packet === undefined ? 'its seal is broken: its sender cannot be told' : 'held for too long';
        const done = await withHeld(item.id, (still) => refuse(still, 'expired', note));
        // A disk that fails now is asked again at the next sweep.
        if (!done.done) return;
      }
      if (old.length === 0) return;
    }
  }

  // An earlier process died between the two; what cannot be written down now is left to the next start.
  async function recordTheUnrecorded(): Promise<void> {
    for (const item of await quarantine.unrecorded()) {
      const held = await quarantine.open(item.id);
      if (held !== undefined) await writeDown('held', held, 'found after a restart');
      await quarantine.recorded(item.id);
    }
  }

  function sweepSoon(): void {
    sweep().catch((error: unknown) => {
      log.error({ why: error instanceof Error ? error.message : '' }, 'the quarantine could not be swept; trying on');
    });
    changed();
  }

  return {
    list: quarantine.list,
    show: (id, by) =>
      withHeld(id, async (held) => {
        const { item, packet } = held;
        if (packet === undefined) return no(`${id}: its seal is broken, so it cannot be shown; refuse it`);
        await writeDown('held-shown', held, by);
        return { done: true, item, packet };
      }),
    release: (id, by) => withHeld(id, (held) => release(held, by)),
    refuse: (id, by) => withHeld(id, (held) => refuse(held, 'refused', by)),
    async reconcile(left) {
      for (const { packet } of left) {
        if (packet.quarantine?.state !== 'released') continue;
        await quarantine.end(packet.quarantine.incident, packet.content.kind === 'bounce' ? 'refused' : 'released');
      }
    },
    async start() {
      await recordTheUnrecorded().catch((error: unknown) => {
        log.error({ why: error instanceof Error ? error.message : '' }, 'what was held last could not be written down');
      });
      timer = setInterval(sweepSoon, sweepMs);
      timer.unref();
      sweepSoon();
    },
    sweep,
    changed,
    stop: () => clearInterval(timer),
  };
}

function no(why: string): { readonly done: false; readonly why: string } {
  return { done: false, why };
}
