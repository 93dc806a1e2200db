// All that goes from one of our domains to one partner: a bounded queue, one stream, dialled when it is needed
// (RFC 6120 §3.3, §10.1; xmpp-boundary §0.2, S13, L1; architecture §4.1 point 2).
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Refusal, StreamCondition } from '@sallyport/shared/refusals.ts';
import type { DialbackKeys } from '../dialback/keys.ts';
import type { Dns } from '../dns/ask-dns.ts';
import type { ProxySettings } from '../settings.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import { type AttendedStream, attendStream } from './attend-stream.ts';
import type { Channel } from './channel.ts';
import { dialStream } from './dial-stream.ts';
import { describeEnding, type Ending, streamError } from './ending.ts';
import { provenName, type Receive, type StreamFacts } from './facts.ts';
import { farewell } from './farewell.ts';
import type { DialledStream } from './negotiate-outbound.ts';
import { createOutboundQueue, type OutboundQueue } from './outbound-queue.ts';
import { createOutboundWriter } from './outbound-writer.ts';
import { createPatience } from './patience.ts';
import type { Shipment } from './shipment.ts';
import { createInboundManagement } from './stream-management-inbound.ts';
import { advertisedLimits, type Times } from './times.ts';
import type { DialFailure } from './try-servers.ts';
import { type Carried, createWays, type PartnersStream, type Way } from './ways.ts';

export type OutboundWorld = {
  readonly settings: ProxySettings;
  readonly policy: () => Policy;
  readonly credentials: CredentialsOf;
  readonly log: Log;
  readonly audit: (entry: AuditEntry) => void;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly keys: DialbackKeys;
  /** When the partner's own streams of this pair were last heard; 0: never. */
  readonly heardFrom?: (localDomain: string, remoteDomain: string) => Instant;
  /** Told with which certificates a partner is proved, and when these no longer hold. */
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
  /** Takes what a partner sends on a stream of ours, where both have agreed on bidi. */
  readonly receive?: Receive;
  /** Tests make times shorter. */
  readonly times?: Partial<Times>;
};

export type OutboundPair = {
  readonly ship: (shipment: Shipment) => void;
  readonly flush: () => void;
  readonly pingAnswered: (id: string) => boolean;
  readonly check: (now: Instant) => void;
  /** The streams that we have dialled. */
  readonly facts: () => readonly StreamFacts[];
  readonly waiting: () => number;
  readonly lastError: () => { readonly text: string; readonly at: Instant } | undefined;
  readonly carry: (stream: PartnersStream) => Carried;
  readonly drop: (condition: StreamCondition) => void;
  /** No more shipments; what waits is refused, what was written has a moment to be confirmed. */
  readonly stop: (condition: StreamCondition) => Promise<void>;
};

/** `wantsFlush` is called when something is to be written at the end of this turn of the event loop. */
export function createOutboundPair(
  pair: { readonly localDomain: string; readonly remoteDomain: string },
  world: OutboundWorld & { readonly times: Times },
  wantsFlush: () => void,
): OutboundPair {
  const { clock, times, log, settings } = world;
  const { queuePackets, queueBytes } = settings.limits;
  const about = { from: pair.localDomain, to: pair.remoteDomain };
  const closing = { ourHeader: '', closeMs: times.close };
  const queue = createOutboundQueue({ packets: queuePackets, bytes: queueBytes });
  const heardFrom = () => world.heardFrom?.(pair.localDomain, pair.remoteDomain) ?? 0;
  const ours = new Set<AttendedStream>();
  const ways = createWays(() => {
    if (ways.live() === undefined) dialIfTime();
    else wantsFlush();
  });
  let dialling: Channel | 'connecting' | undefined;
  const patience = createPatience(times);
  let freshTraffic = false;
  let error: { readonly text: string; readonly at: Instant } | undefined;
  let stopped = false;

  function ship(shipment: Shipment): void {
    const refusal = refusalOf(shipment);
    if (refusal !== undefined) {
      shipment.settled(refusal);
      return;
    }
    freshTraffic = true;
    if (ways.live() === undefined) dialIfTime();
    else wantsFlush();
  }

  function refusalOf(shipment: Shipment): Refusal | undefined {
    if (stopped) return { code: 'shutting-down' };
    const now = clock.now();
    const live = ways.live();
    if (live === undefined) {
      if (shipment.mayWait === false) return { code: 'partner-unreachable', note: 'no stream, and it may not wait' };
      const refusal = patience.refusal(now);
      if (refusal !== undefined) return refusal;
    } else if (live.maxBytes !== undefined && Buffer.byteLength(shipment.xml) > live.maxBytes) {
      return { code: 'too-large', note: `the partner takes ${live.maxBytes} bytes` };
    }
    return queue.push(shipment, now) ? undefined : { code: 'queue-full' };
  }

  function dialIfTime(): void {
    if (ways.any() || dialling !== undefined || stopped || queue.size() === 0) return;
    if (!patience.mayDial(clock.now(), freshTraffic)) return;
    const partner = world.policy().partners.get(pair.remoteDomain);
    if (partner === undefined) {
      refuseAll(queue.takeAll(), { code: 'partner-not-found', note: 'not a partner' });
      return;
    }
    freshTraffic = false;
    dialling = 'connecting';
    const watch = (channel: Channel): void => {
      dialling = channel;
    };
    const { localDomain } = pair;
    const credentials = world.credentials(localDomain);
    const advertised = advertisedLimits(settings.limits);
    const { dns, keys } = world;
    dialStream({ localDomain, partner, credentials, dns, keys, clock, times, advertised, watch }).then(
      (dialled) => {
        dialling = undefined;
        if (dialled.ok) goLive(dialled.stream);
        else fail(dialled);
      },
      (fault: unknown) => {
        dialling = undefined;
        log.error({ ...about, err: fault }, 'dialling a partner fell over a fault of our own');
        fail({ code: 'partner-unreachable', refused: true, certificate: false, text: 'a fault of our own' });
      },
    );
  }

  function fail(failed: DialFailure): void {
    const { code, refused, text } = failed;
    noteFailure({ code, note: text }, refused);
    log.warn({ ...about, note: text, failures: patience.failures() }, 'partner is not reached');
    if (failed.certificate) {
      const entry = { event: 'stream-refused', direction: 'outward', kind: 'stream' } as const;
      world.audit({
        ...entry,
        ...about,
        code: 'certificate-refused',
        stage: 'dialStream',
        note: text,
        revision: world.policy().revision,
      });
    }
    if (refused && !ways.any()) refuseAll(queue.takeAll(), { code, note: text });
  }

  function noteFailure(refusal: Refusal, refused: boolean): void {
    const at = clock.now();
    patience.failed(refusal, refused, at);
    error = { text: refusal.note ?? refusal.code, at };
  }

  function goLive(dialled: DialledStream): void {
    const { channel, facts, limits } = dialled;
    const partner = world.policy().partners.get(pair.remoteDomain);
    if (stopped || partner === undefined) {
      void farewell(channel, { kind: 'closed', by: 'us', note: 'not wanted any more' }, closing);
      refuseAll(queue.takeAll(), { code: 'partner-not-found', note: 'not a partner any more' });
      return;
    }
    const management = createInboundManagement(channel, clock, times);
    const way: Way = {
      writer: createOutboundWriter(
        dialled,
        queueFor(() => way),
        clock,
        times,
        heardFrom,
        management.begin,
      ),
      maxBytes: limits.maxBytes,
    };
    const { writer } = way;
    const attended = attendStream(dialled, writer, management, {
      ...world,
      partner,
      receive: world.receive,
      retired: (confirming) => ways.retire(way, confirming),
      ended: (last) => end(way, facts, last),
    });
    ours.add(attended);
    void attended.over.then(() => ours.delete(attended));
    log.info({ ...about, stream: facts.id, tls: facts.tls, name: provenName(facts) }, 'partner is reached');
    join(way);
  }

  // A stream that does not carry now has nothing to write.
  function queueFor(way: () => Way): Pick<OutboundQueue, 'size' | 'take'> {
    return { size: () => (ways.live() === way() ? queue.size() : 0), take: queue.take };
  }

  function join(way: Way): void {
    patience.reached();
    ways.join(way);
  }

  function end(way: Way, facts: StreamFacts, last: Ending): void {
    const note = describeEnding(last);
    log.info({ ...about, stream: facts.id, note }, 'the stream to a partner has ended');
    const lived = clock.now() - facts.since >= times.lived;
    if (lived) patience.lived();
    // A partner that lets us in and is gone again at once is not dialled in a circle.
    const byUs = last.kind === 'closed' && last.by === 'us';
    if (!lived && !byUs && !stopped) noteFailure({ code: 'partner-unreachable', note }, false);
    if (last.kind !== 'closed' || last.condition !== undefined) error = { text: note, at: clock.now() };
    freshTraffic = true;
    ways.part(way);
    if (last.kind === 'closed' && (last.condition === 'host-unknown' || last.condition === 'host-gone')) {
      refuseAll(queue.takeAll(), { code: 'partner-not-found', note });
    }
  }

  function carry({ channel, facts, limits }: PartnersStream): Carried {
    // The partner is the one to ask for stream management here.
    const carrier = { channel, facts, streamManagement: false };
    const way: Way = {
      writer: createOutboundWriter(
        carrier,
        queueFor(() => way),
        clock,
        times,
        heardFrom,
      ),
      maxBytes: limits.maxBytes,
    };
    const { writer } = way;
    join(way);
    return {
      ...writer,
      retire(confirming) {
        writer.retire();
        ways.retire(way, confirming);
      },
      over() {
        freshTraffic = true;
        ways.part(way);
      },
    };
  }

  return {
    ship,
    flush: () => ways.live()?.writer.flush(),
    pingAnswered(id) {
      for (const { writer } of ways.all()) if (writer.answered(id)) return true;
      return false;
    },
    check(now) {
      refuseAll(queue.takeOlder(now - times.connect), {
        code: 'partner-unreachable',
        note: error?.text ?? 'not reached in time',
      });
      if (typeof dialling === 'object')
        dialling.check(now, { assembly: times.assembly, idle: Number.POSITIVE_INFINITY });
      for (const stream of ours) stream.check(now);
      dialIfTime();
    },
    facts: () => [...ours].filter((stream) => !stream.isLeaving()).map(({ facts }) => facts),
    waiting: queue.size,
    lastError: () => error,
    carry,
    drop(condition) {
      for (const stream of ours) void stream.leave(streamError(condition, 'dropped by the operator'), true);
      if (!world.policy().partners.has(pair.remoteDomain)) {
        refuseAll(queue.takeAll(), { code: 'partner-not-found', note: 'not a partner any more' });
      }
    },
    async stop(condition) {
      ways.live()?.writer.flush();
      stopped = true;
      refuseAll(queue.takeAll(), { code: 'shutting-down' });
      if (typeof dialling === 'object') dialling.destroy();
      await Promise.all([...ours].map((each) => each.leave(streamError(condition, 'this node is going down'))));
      await Promise.all([...ours].map((each) => each.over));
    },
  };
}

function refuseAll(shipments: readonly Shipment[], refusal: Refusal): void {
  for (const shipment of shipments) shipment.settled(refusal);
}
