// What content rules hold goes to the quarantine: on disk there, written down, and only then taken from its sender.
import type { Audit, AuditEntry } from '@sallyport/shared/audit.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import type { Network, Origin } from '../adapters/adapter.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import { directionFrom } from '../stages/situation.ts';
import type { Store } from '../store/store.ts';
import type { Outbox } from './outbox.ts';
import { digestOf, lineOf } from './records.ts';

type World = {
  /** Without it what would be held is refused. */
  readonly quarantine: Quarantine | undefined;
  readonly store: Store;
  readonly outbox: Pick<Outbox, 'follow'>;
  readonly policy: () => Policy;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
  readonly nextId: () => PacketId;
  readonly networkOf: (packet: Packet) => Network;
  /** Under the id by which it leaves. */
  readonly withSentId: (packet: Packet) => Packet;
  /** Something is held that was not. */
  readonly onHeld: () => void;
};

/** Holds a packet that the stages refused with `content-held`; resolves with the refusal where it cannot be held. */
export type Hold = (
  packet: Packet,
  origin: Origin,
  refusal: Refusal,
  heard: Pick<AuditEntry, 'noticed'>,
) => Promise<Refusal | undefined>;

const notHeld = counter('quarantine_full_total', 'packets that were refused since there was no room to hold them', [
  'bound',
]);

/**
 * Makes the `hold` of one broker. The order is: on disk in the quarantine, written down in the audit, ended in the store
 * together with what its sender is told. Killed anywhere between, the same packet is offered again and known again.
 */
export function createHold(world: World): Hold {
  const { quarantine, store, audit, clock, log } = world;

  return async (packet, origin, refusal, heard) => {
    if (quarantine === undefined) return { ...refusal, note: 'there is no quarantine in the settings' };
    const direction = directionFrom(origin);
    const rule = refusal.rule ?? 'content';
    let id: string;
    try {
      // Delivered or refused before, under other rules maybe: what has ended is not held.
      const before = await store.lookUp(packet.id);
      if (before !== undefined && (before === 'kept' || before.state !== 'held')) return undefined;
      const holding = await quarantine.hold(packet, direction, rule);
      if (!holding.held) {
        notHeld.inc({ bound: holding.full });
        return { ...refusal, note: `the quarantine is full: ${fullWords[holding.full]}` };
      }
      if (holding.known) {
        await settle(packet, '', '');
        return undefined;
      }
      id = holding.id;
    } catch (error) {
      log.error({ why: error instanceof Error ? error.message : '' }, 'the quarantine holds nothing');
      return { code: 'internal-fault', stage: 'hold', note: 'the quarantine did not hold it' };
    }
    world.onHeld();
    try {
      await audit.recordDurably({
        ...lineOf('held', packet, direction),
        ...digestOf(packet),
        ...{ code: refusal.code, stage: refusal.stage ?? 'checkContent', rule, incident: id },
        ...(refusal.note === undefined ? {} : { note: refusal.note }),
        ...heard,
        revision: world.policy().revision,
      });
    } catch {
      await quarantine.end(id, 'refused').catch(() => false);
      world.onHeld();
      return { code: 'internal-fault', stage: 'hold', note: 'the audit did not record it' };
    }
    void quarantine.recorded(id).catch(() => {});
    await settle(packet, refusal.publicText ?? '', refusal.lang ?? packet.lang);
    return undefined;
  };

  // It is in the quarantine whatever happens here; a store that fails costs its sender the notice.
  async function settle(packet: Packet, text: string, lang: string): Promise<void> {
    const notice = noticeFor(packet, text, lang);
    try {
      await store.settle({ id: packet.id, state: 'held' }, notice);
      if (notice !== undefined) world.outbox.follow(notice);
    } catch (error) {
      log.error({ why: error instanceof Error ? error.message : '' }, 'the store did not take the end of what is held');
    }
  }

  // An error would be the end of a message that may still arrive; so the contact says it, in the policy's words.
  function noticeFor(packet: Packet, text: string, lang: string) {
    if (text === '' || packet.content.kind !== 'message' || packet.content.type === 'headline') return undefined;
    const { from, to } = packet;
    const at = clock.now();
    const notice: Packet = {
      ...{ id: world.nextId(), from: to, to: from, at, delayed: false, stanzaId: '', lang },
      content: { kind: 'message', type: 'headline', body: text },
    };
    const said = world.networkOf(notice) === 'xmpp' ? world.withSentId(notice) : notice;
    return { packet: said, origin: world.networkOf(packet), keptAt: at };
  }
}

const fullWords = {
  items: 'so many packets are held',
  bytes: 'so much is held',
  sender: 'so many packets of this sender are held',
  partner: 'so much of this partner is held',
  direction: 'so much of this direction is held',
} as const;
