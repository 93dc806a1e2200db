// What is done with each packet from inside: it is judged once more, the audit has it on disk, then it is shipped.
import type { Audit, AuditEntry } from '@sallyport/shared/audit.ts';
import { withIncident } from '@sallyport/shared/bounce.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import type { Watcher } from '@sallyport/shared/judge.ts';
import type { ArrivalNews, Receive } from '@sallyport/shared/link/arrivals.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import { isKept, type Packet } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import { auditEntryOf, auditRefusal } from './from-partner.ts';
import { release } from './outbound.ts';
import { packetToStanza } from './stanza/packet-to-stanza.ts';
import type { Shipment } from './stream/shipment.ts';

export type ToPartnerWorld = {
  readonly policy: () => Policy;
  readonly domains: ReadonlySet<string>;
  readonly bodyCharacters: number;
  readonly ship: (shipment: Shipment) => void;
  readonly audit: Audit;
  /** Hears of each packet that may leave. */
  readonly onReleased: (packet: Packet) => void;
  readonly onRefused: (refusal: Refusal, from: string, to: string) => void;
  readonly watcher?: Watcher;
  /** What was said last, for content rules. */
  readonly tails?: Tails;
  readonly clock: Clock;
};

type AuditLine = ReturnType<typeof auditEntryOf>;
/** Judged, and on its way to the audit. */
type Recorded = {
  readonly packet: Packet;
  readonly released: Packet;
  readonly line: AuditLine;
  readonly again: boolean;
  readonly news: ArrivalNews;
};

const packetsOut = counter('packets_out', 'Packets from inside, by what became of them', ['outcome']);
// Looked up once: a label costs more to find than the packet to count.
const delivered = packetsOut.labels('delivered');
const refusedOut = counter('refused_out', 'Packets from inside that were refused', ['code']);
// A message that was written to a stream which then broke is sent once more, marked, if it is not older than this.
const repeatWithinMs = 60_000;

/** The receiver of the wall's link. */
export function createToPartner(world: ToPartnerWorld): Receive {
  let batch: Promise<void> | undefined;
  let inBatch: Recorded[] = [];

  function end(packet: Packet, news: ArrivalNews, found: Refusal, noticed?: string): void {
    const refusal = withIncident(found);
    packetsOut.inc({ outcome: 'refused' });
    refusedOut.inc({ code: refusal.code });
    world.audit.record({
      ...auditEntryOf(packet),
      ...auditRefusal(refusal),
      event: 'refused',
      direction: 'outward',
      revision: world.policy().revision,
      noticed,
    });
    world.onRefused(refusal, packet.from.bare, packet.to.bare);
    news.settled({ state: 'refused', refusal });
  }

  function ship(packet: Packet, line: AuditLine, again: boolean, mayRepeat: boolean, news: ArrivalNews): void {
    const xml = packetToStanza(packet, again, world.policy());
    if (xml === undefined) {
      end(packet, news, { code: 'not-carried', stage: 'packetToStanza' });
      return;
    }
    world.ship({
      xml,
      localDomain: packet.from.domain,
      remoteDomain: packet.to.domain,
      written: news.taken,
      settled(refusal) {
        if (refusal === undefined) {
          delivered.inc();
          world.audit.record(recordOf('delivered', line));
          news.settled({ state: 'delivered' });
          return;
        }
        const lostAfterWrite = refusal.note === 'lost-after-write';
        if (lostAfterWrite && mayRepeat && world.clock.now() - packet.at < repeatWithinMs)
          ship(packet, line, true, false, news);
        else end(packet, news, refusal);
      },
    });
  }

  // All records of a batch are on disk at once, and their promise is one: it is waited for once.
  function recorded(written: Promise<void>, each: Recorded): void {
    if (written === batch) {
      inBatch.push(each);
      return;
    }
    const all = [each];
    const over = (): void => {
      if (inBatch !== all) return;
      batch = undefined;
      inBatch = [];
    };
    batch = written;
    inBatch = all;
    written.then(
      () => {
        over();
        // State of the moment is not said again: it may be another by now, and the newer one be overtaken.
        for (const { released, line, again, news } of all)
          ship(released, line, again, isKept(released.content.kind), news);
      },
      () => {
        over();
        for (const { packet, news } of all)
          end(packet, news, { code: 'internal-fault', stage: 'audit', note: 'the audit cannot be written' });
      },
    );
  }

  return (packet, again, news) => {
    const policy = world.policy();
    let noticed: string | undefined;
    const verdict = judgeRelease(packet, policy, world, (notice) => {
      noticed = notice;
    });
    if (!verdict.passed) {
      end(packet, news, verdict.refusal, noticed);
      return;
    }
    const released = verdict.subject;
    const line = auditEntryOf(released);
    world.onReleased(released);
    const entry = recordOf('released', line, policy.revision, noticed, released.quarantine?.incident);
    recorded(world.audit.recordDurably(entry), { packet, released, line, again, news });
  };
}

// Field by field: two are made for each message, and spreads would cost as much as the rest of the record.
function recordOf(
  event: 'released' | 'delivered',
  line: AuditLine,
  revision?: string,
  noticed?: string,
  incident?: string,
): AuditEntry {
  return {
    event,
    direction: 'outward',
    packet: line.packet,
    from: line.from,
    to: line.to,
    kind: line.kind,
    stanzaId: line.stanzaId,
    digest: line.digest,
    noticed,
    incident,
    revision,
  };
}

function judgeRelease(
  packet: Packet,
  policy: Policy,
  world: ToPartnerWorld,
  noticed: (notice: string) => void,
): Verdict<Packet> {
  const partner = policy.partners.get(packet.to.domain);
  if (partner === undefined) return refuse('partner-unknown', { stage: 'checkPartner' });
  if (!world.domains.has(packet.from.domain))
    return refuse('not-permitted', { stage: 'checkPartner', note: 'the sender is of no domain of ours' });
  return release(
    packet,
    {
      partner,
      policy,
      now: world.clock.now(),
      limits: { bodyCharacters: world.bodyCharacters },
      domains: world.domains,
      noticed,
      tails: world.tails,
    },
    world.watcher,
  );
}
