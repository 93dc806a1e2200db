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
import type { Credentials } from '../tls/credentials.ts';
import type { Channel, ChannelEvent } from './channel.ts';
import { dialStream } from './dial-stream.ts';
import { describeEnding, type Ending, streamError } from './ending.ts';
import { provenName, type StreamFacts } from './facts.ts';
import { farewell } from './farewell.ts';
import type { DialledStream } from './negotiate-outbound.ts';
import { createOutboundQueue } from './outbound-queue.ts';
import { createOutboundWriter, type OutboundWriter } from './outbound-writer.ts';
import type { Shipment } from './shipment.ts';
import { readStreamError } from './stream-error.ts';
import { type Supervised, superviseStream } from './supervise-stream.ts';
import type { Times } from './times.ts';
import type { DialFailure } from './try-servers.ts';

export type OutboundWorld = {
  readonly settings: ProxySettings;
  readonly policy: () => Policy;
  readonly credentials: () => Credentials;
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
  /** Tests make times shorter. */
  readonly times?: Partial<Times>;
};

export type OutboundPair = {
  readonly ship: (shipment: Shipment) => void;
  readonly flush: () => void;
  readonly pingAnswered: (id: string) => boolean;
  readonly check: (now: Instant) => void;
  readonly facts: () => StreamFacts | undefined;
  readonly waiting: () => number;
  readonly lastError: () => { readonly text: string; readonly at: Instant } | undefined;
  readonly drop: (condition: StreamCondition) => void;
  /** No more shipments; what waits is refused, what was written has a moment to be confirmed. */
  readonly stop: (condition: StreamCondition) => Promise<void>;
};

type Live = DialledStream & { readonly writer: OutboundWriter; readonly supervised: Supervised };

/** How long a stream that we end waits for the partner to confirm what was written. */
const confirmMs = 2_000;
const endless = Number.POSITIVE_INFINITY;

/** `wantsFlush` is called when something is to be written at the end of this turn of the event loop. */
export function createOutboundPair(
  pair: { readonly localDomain: string; readonly remoteDomain: string },
  world: OutboundWorld & { readonly times: Times },
  wantsFlush: () => void,
): OutboundPair {
  const { clock, times, log, settings } = world;
  const { queuePackets, queueBytes, stanzaBytes } = settings.limits;
  const about = { from: pair.localDomain, to: pair.remoteDomain };
  const closing = { ourHeader: '', closeMs: times.close };
  const queue = createOutboundQueue({ packets: queuePackets, bytes: queueBytes });
  const all = new Set<Live>();
  const attended = new Set<Promise<void>>();
  let live: Live | undefined;
  let dialling: Channel | 'connecting' | undefined;
  let failure: { readonly refusal: Refusal; readonly refused: boolean; readonly at: Instant } | undefined;
  let failures = 0;
  let retryAt: Instant = 0;
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
    if (live === undefined) dialIfTime();
    else wantsFlush();
  }

  function refusalOf(shipment: Shipment): Refusal | undefined {
    if (stopped) return { code: 'shutting-down' };
    const now = clock.now();
    if (live === undefined) {
      if (shipment.mayWait === false) return { code: 'partner-unreachable', note: 'no stream, and it may not wait' };
      if (failure?.refused === true && now - failure.at < times.retryRefused) return failure.refusal;
    } else if (live.maxBytes !== undefined && Buffer.byteLength(shipment.xml) > live.maxBytes) {
      return { code: 'too-large', note: `the partner takes ${live.maxBytes} bytes` };
    }
    return queue.push(shipment, now) ? undefined : { code: 'queue-full' };
  }

  // Traffic that came after the last failure shortens the pause to `retry`; what was waiting already does not.
  function dialIfTime(): void {
    if (live !== undefined || dialling !== undefined || stopped || queue.size() === 0) return;
    const soonest = failure === undefined ? 0 : failure.at + times.retry;
    if (clock.now() < (freshTraffic ? soonest : retryAt)) return;
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
    const credentials = world.credentials();
    const { dns, keys } = world;
    dialStream({ localDomain, partner, credentials, dns, keys, clock, times, stanzaBytes, watch }).then(
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
    log.warn({ ...about, note: text, failures }, 'partner is not reached');
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
    if (refused) refuseAll(queue.takeAll(), { code, note: text });
  }

  // Full jitter, so that many who lost the same partner do not come back as one.
  function noteFailure(refusal: Refusal, refused: boolean): void {
    const at = clock.now();
    failure = { refusal, refused, at };
    failures += 1;
    retryAt = at + Math.max(times.retry, Math.random() * Math.min(times.backoffCap, times.retry * 2 ** failures));
    error = { text: refusal.note ?? refusal.code, at };
  }

  function goLive(dialled: DialledStream): void {
    const { channel, chain, generation, facts } = dialled;
    const partner = world.policy().partners.get(pair.remoteDomain);
    if (stopped || partner === undefined) {
      void farewell(channel, { kind: 'closed', by: 'us', note: 'not wanted any more' }, closing);
      refuseAll(queue.takeAll(), { code: 'partner-not-found', note: 'not a partner any more' });
      return;
    }
    failure = undefined;
    const heardFrom = () => world.heardFrom?.(pair.localDomain, pair.remoteDomain) ?? 0;
    const writer = createOutboundWriter(dialled, queue, clock, times, heardFrom);
    const { certificate } = facts;
    const supervised = superviseStream({ ...world, channel, chain, partner, generation, certificate });
    live = { ...dialled, writer, supervised };
    all.add(live);
    log.info({ ...about, stream: facts.id, tls: facts.tls, name: provenName(facts) }, 'partner is reached');
    const attending = attend(live)
      .catch((fault: unknown) => log.error({ ...about, err: fault }, 'a stream fell over a fault of our own'))
      .finally(() => attended.delete(attending));
    attended.add(attending);
    wantsFlush();
  }

  /** Reads what the partner may say here: acknowledgements, an error, its closing tag. It has its own stream (no bidi). */
  async function attend(stream: Live): Promise<void> {
    const last = await lastWordsOf(stream);
    if (live === stream) live = undefined;
    all.delete(stream);
    const note = describeEnding(last);
    log.info({ ...about, stream: stream.facts.id, note }, 'the stream to a partner has ended');
    const lived = clock.now() - stream.facts.since >= times.lived;
    if (lived) failures = 0;
    // A partner that lets us in and is gone again at once is not dialled in a circle.
    const byUs = last.kind === 'closed' && last.by === 'us';
    if (!lived && !byUs && !stopped) noteFailure({ code: 'partner-unreachable', note }, false);
    if (last.kind !== 'closed' || last.condition !== undefined) error = { text: note, at: clock.now() };
    stream.writer.lost();
    if (last.kind === 'closed' && (last.condition === 'host-unknown' || last.condition === 'host-gone')) {
      refuseAll(queue.takeAll(), { code: 'partner-not-found', note });
    }
    freshTraffic = true;
    dialIfTime();
    await farewell(stream.channel, last, closing);
  }

  /** Ends a stream of ours. Unless it hurries, what was written is confirmed first; new stanzas take a new stream. */
  async function leave(stream: Live, last: Ending, hurry = false): Promise<void> {
    stream.writer.retire();
    if (live === stream) live = undefined;
    for (let waited = 0; !hurry && waited < confirmMs && stream.writer.unsettled() > 0; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    stream.channel.interrupt(last);
  }

  function checkStream(stream: Live, now: Instant): void {
    stream.channel.check(now, { assembly: times.assembly, idle: endless });
    if (stream.writer.check(now) === 'dead') {
      void leave(stream, streamError('connection-timeout', 'the partner no longer answers'), true);
    }
    if (stream !== live) return;
    stream.supervised.check(now, (last) => {
      // Only our own certificate's renewal can wait.
      void leave(stream, last, world.credentials().generation === stream.generation);
    });
    if (now - stream.writer.lastStanza() >= times.idle) {
      void leave(stream, { kind: 'closed', by: 'us', note: 'nothing to say for a while' });
    }
  }

  return {
    ship,
    flush: () => live?.writer.flush(),
    pingAnswered(id) {
      for (const stream of all) if (stream.writer.answered(id)) return true;
      return false;
    },
    check(now) {
      refuseAll(queue.takeOlder(now - times.connect), {
        code: 'partner-unreachable',
        note: error?.text ?? 'not reached in time',
      });
      if (typeof dialling === 'object') dialling.check(now, { assembly: times.assembly, idle: endless });
      for (const stream of all) checkStream(stream, now);
      dialIfTime();
    },
    facts: () => live?.facts,
    waiting: queue.size,
    lastError: () => error,
    drop(condition) {
      if (live !== undefined) void leave(live, streamError(condition, 'dropped by the operator'), true);
      if (!world.policy().partners.has(pair.remoteDomain)) {
        refuseAll(queue.takeAll(), { code: 'partner-not-found', note: 'not a partner any more' });
      }
    },
    async stop(condition) {
      live?.writer.flush();
      stopped = true;
      refuseAll(queue.takeAll(), { code: 'shutting-down' });
      if (typeof dialling === 'object') dialling.destroy();
      await Promise.all([...all].map((stream) => leave(stream, streamError(condition, 'this node is going down'))));
      await Promise.all(attended);
    },
  };
}

function refuseAll(shipments: readonly Shipment[], refusal: Refusal): void {
  for (const shipment of shipments) shipment.settled(refusal);
}

async function lastWordsOf({ channel, writer }: Live): Promise<Ending> {
  for (;;) {
    const event = await channel.next();
    const heard = event.kind === 'element' ? writer.hear(event.element) : 'other';
    if (heard === 'other') return lastWords(event);
    if (heard !== 'taken') return heard;
  }
}

function lastWords(event: ChannelEvent): Ending {
  if (event.kind === 'ends') return event.ending;
  if (event.kind === 'close') return { kind: 'closed', by: 'peer', note: 'the partner closed the stream' };
  const said = event.kind === 'element' ? readStreamError(event.element) : undefined;
  return said ?? streamError('unsupported-stanza-type', 'the partner sends on a stream that is ours');
}
