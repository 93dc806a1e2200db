// What the broker writes down: the audit's lines, the metrics, and the last refusals that `sallyport status` shows.
import { hash } from 'node:crypto';
import type { Audit, AuditEntry } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { counter, gauge, histogram, tally } from '@sallyport/shared/metrics.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import type { Direction } from '@sallyport/shared/policy/policy.ts';
import type { Refusal, RefusalCode } from '@sallyport/shared/refusals.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import type { Network } from '../adapters/adapter.ts';
import { directionFrom } from '../stages/situation.ts';

export type PastRefusal = {
  readonly at: Instant;
  readonly code: RefusalCode;
  readonly stage: string;
  readonly from: string;
  readonly to: string;
};

export type Records = {
  /** For what goes out, resolves when the line is on disk and rejects when it cannot be; else it is written soon. */
  readonly accepted: (
    packet: Packet,
    origin: Network,
    revision: string,
    more?: {
      readonly callId?: string;
      readonly note?: string;
      readonly noticed?: string;
      readonly incident?: string;
    },
  ) => Promise<void> | undefined;
  readonly refusedAtDoor: (
    packet: Packet,
    origin: Network,
    refusal: Refusal,
    more: { readonly revision: string; readonly noticed?: string },
  ) => void;
  /** An internal user was refused by content rules as often as is allowed. */
  readonly probing: (from: string, to: string) => void;
  readonly delivered: (packet: Packet, origin: Network, acceptedAt: Instant, callId?: string) => void;
  /** False while nothing can be written down: then nothing is let pass. */
  readonly works: () => boolean;
  readonly refused: (packet: Packet, origin: Network, refusal: Refusal, acceptedAt: Instant) => void;
  readonly bounced: (bounce: Packet, origin: Network) => void;
  readonly lastRefusals: () => readonly PastRefusal[];
};

/** A record while it is put together, field by field: a spread of what may be absent costs several times as much. */
type Line = { -readonly [Field in keyof AuditEntry]: AuditEntry[Field] };

const refusalsShown = 50;
const ways = ['inward', 'outward'] as const;
const countAccepted = tally('broker_accepted_total', 'packets that the broker accepted', 'direction', ways);
const refusedCount = counter('broker_refused_total', 'packets refused, at the door or in the end', ['code', 'stage']);
const countDelivered = tally('broker_delivered_total', 'packets delivered', 'direction', ways);
const bouncedCount = counter('broker_bounced_total', 'refusals that were sent to their sender', ['code']);
const probingCount = counter('probing_inside', 'internal users whom content rules refused as often as is allowed');
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const outcomeSeconds = histogram('broker_outcome_seconds', 'from accepted to the end', seconds);

/** Packets kept and not ended, all together. */
export const outboxKept = gauge('outbox_kept', 'packets in the outbox without an end');

export function createRecords(audit: Audit, clock: Clock): Records {
  const past: PastRefusal[] = [];

  function remember(packet: Packet, { code, stage }: Refusal): void {
    refusedCount.inc({ code, stage: stage ?? 'outcome' });
    past.push({ at: clock.now(), code, stage: stage ?? 'outcome', from: packet.from.bare, to: packet.to.bare });
    if (past.length > refusalsShown) past.shift();
  }

  return {
    accepted(packet, origin, revision, more) {
      const direction = directionFrom({ network: origin });
      const entry: Line = lineOf('accepted', packet, direction);
      const told = digestOf(packet);
      if (told !== undefined) {
        entry.digest = told.digest;
        entry.bytes = told.bytes;
      }
      entry.revision = revision;
      if (more?.callId !== undefined) entry.callId = more.callId;
      if (more?.note !== undefined) entry.note = more.note;
      if (more?.noticed !== undefined) entry.noticed = more.noticed;
      if (more?.incident !== undefined) entry.incident = more.incident;
      countAccepted(direction);
      if (direction === 'outward') return audit.recordDurably(entry);
      audit.record(entry);
      return undefined;
    },
    refusedAtDoor(packet, origin, refusal, more) {
      remember(packet, refusal);
      const line = lineOf('refused', packet, directionFrom({ network: origin }));
      audit.record({ ...line, ...digestOf(packet), ...whyOf(refusal), ...more });
    },
    probing(from, to) {
      probingCount.inc();
      audit.record({ event: 'probing', direction: 'outward', from, to });
    },
    delivered(packet, origin, acceptedAt, callId) {
      const direction = directionFrom({ network: origin });
      countDelivered(direction);
      outcomeSeconds.observe(Math.max(0, clock.now() - acceptedAt) / 1000);
      const line = lineOf('delivered', packet, direction);
      if (callId !== undefined) line.callId = callId;
      audit.record(line);
    },
    refused(packet, origin, refusal, acceptedAt) {
      remember(packet, refusal);
      outcomeSeconds.observe(Math.max(0, clock.now() - acceptedAt) / 1000);
      audit.record({ ...lineOf('refused', packet, directionFrom({ network: origin })), ...whyOf(refusal) });
    },
    bounced(bounce, origin) {
      if (bounce.content.kind !== 'bounce') return;
      const { code, incident, ofId } = bounce.content;
      bouncedCount.inc({ code });
      const line = lineOf('bounced', bounce, directionFrom({ network: origin }));
      audit.record({ ...line, stanzaId: ofId, code, incident });
    },
    works: audit.works,
    lastRefusals: () => [...past],
  };
}

export function lineOf(event: AuditEntry['event'], packet: Packet, direction: Direction): Line {
  const { id, from, to, content, stanzaId } = packet;
  const line: Line = { event, direction, packet: id, from: from.bare, to: to.bare, kind: content.kind };
  if (stanzaId !== '') line.stanzaId = stanzaId;
  return line;
}

function whyOf({ code, stage, rule, note, incident }: Refusal) {
  return {
    code,
    ...(stage === undefined ? {} : { stage }),
    ...(rule === undefined ? {} : { rule }),
    ...(note === undefined ? {} : { note }),
    ...(incident === undefined ? {} : { incident }),
  };
}

/** The texts joined by line feeds, so that the same message has the same digest in both processes. */
export function digestOf(packet: Packet): { digest: string; bytes: number } | undefined {
  const texts = textsOf(packet);
  const text = texts.length === 1 ? (texts[0] ?? '') : texts.join('\n');
  if (text === '') return undefined;
  const digest = hash('sha256', text).slice(0, 32);
  return { digest, bytes: Buffer.byteLength(text) };
}
