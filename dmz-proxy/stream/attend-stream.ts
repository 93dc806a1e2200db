// One stream that we have dialled, from its first stanza to its end: read, supervised, ended in order (RFC 6120 §4.4; L1,
// L2, B2; architecture §4.1 point 2).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import type { XmlElement } from '../xml/element.ts';
import { type Ending, streamError } from './ending.ts';
import type { Receive, ServedStream, StreamFacts } from './facts.ts';
import { endsInPeace, farewell, sayEnding } from './farewell.ts';
import { isStanza } from './first-level.ts';
import type { DialledStream } from './negotiate-outbound.ts';
import { confirmed, type OutboundWriter } from './outbound-writer.ts';
import { createStanzaReader } from './read-stanzas.ts';
import type { InboundManagement } from './stream-management-inbound.ts';
import { superviseStream } from './supervise-stream.ts';
import type { Times } from './times.ts';

export type AttendWorld = {
  readonly partner: Partner;
  readonly policy: () => Policy;
  readonly credentials: CredentialsOf;
  readonly clock: Clock;
  readonly times: Times;
  readonly log: Log;
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
  /** Takes the partner's stanzas where both have agreed on bidi. */
  readonly receive: Receive | undefined;
  /** Nothing more is written: `confirming` resolves when what was written is confirmed, or need not be. */
  readonly retired: (confirming: Promise<void>) => void;
  /** It has ended; what is not settled is lost behind its write. */
  readonly ended: (last: Ending) => void;
};

export type AttendedStream = {
  readonly facts: StreamFacts;
  readonly isLeaving: () => boolean;
  readonly check: (now: Instant) => void;
  /** Ends it. Unless it hurries, what was written is confirmed first, and what has come is kept. */
  readonly leave: (last: Ending, hurry?: boolean) => Promise<void>;
  /** Resolves, never rejects, when the connection is over. */
  readonly over: Promise<void>;
};

const endless = Number.POSITIVE_INFINITY;

export function attendStream(
  dialled: DialledStream,
  writer: OutboundWriter,
  management: InboundManagement,
  world: AttendWorld,
): AttendedStream {
  const { channel, chain, generation, facts, limits } = dialled;
  const shown = { domain: facts.localDomain, generation };
  const { times, partner } = world;
  const supervised = superviseStream({
    ...world,
    channel,
    chain,
    partner,
    shown,
    certificate: facts.certificate,
    bidi: facts.bidi,
    idleSeconds: limits.idleSeconds,
  });
  const stream: ServedStream = Object.assign(facts, {
    close: (condition: Parameters<ServedStream['close']>[0], application?: string) =>
      void leave(streamError(condition, 'closed by a check', application === undefined ? {} : { application }), true),
  });
  const receive = facts.bidi ? world.receive : undefined;
  const reader = createStanzaReader({
    channel,
    management,
    streamOf: () => stream,
    writer: () => writer,
    receive,
    now: world.clock.now,
  });
  let leaving = false;

  async function leave(last: Ending, hurry = false): Promise<void> {
    if (leaving && !hurry) return;
    leaving = true;
    writer.retire();
    const kept = hurry ? [] : [management.settled(times.confirm), confirmed(writer, times.confirm)];
    const confirming = Promise.all(kept).then(() => {});
    world.retired(confirming);
    await confirming;
    management.acknowledge();
    // At once, even while a stanza waits inside and nothing is read.
    sayEnding(channel, last, '');
    channel.interrupt(last);
  }

  async function lastWords(): Promise<Ending> {
    try {
      return await reader.read();
    } catch (error) {
      world.log.error({ err: error }, 'a stream fell over a fault of our own');
      return streamError('internal-server-error', 'a fault of our own');
    }
  }

  async function run(): Promise<void> {
    const last = await lastWords();
    leaving = true;
    world.ended(last);
    if (endsInPeace(last)) await management.settled(times.confirm);
    management.acknowledge();
    management.over();
    // What a peer with stream management still says can be acknowledged no more: it stays with the peer.
    const late = (element: XmlElement, bytes: number) =>
      receive !== undefined && isStanza(element) ? receive(element, bytes, stream, () => {}) : undefined;
    await farewell(channel, last, { ourHeader: '', closeMs: times.close, ...(management.isOn() ? {} : { late }) });
  }

  function check(now: Instant): void {
    channel.check(now, { assembly: times.assembly, idle: endless });
    management.check(now);
    if (writer.check(now, reader.holdsBack()) === 'dead') {
      void leave(streamError('connection-timeout', 'the partner no longer answers'), true);
    }
    if (leaving) return;
    supervised.check(now, (last) => {
      // Only our own certificate's renewal can wait.
      void leave(last, world.credentials(shown.domain).generation === generation);
    });
    const lastStanza = receive === undefined ? writer.lastStanza() : Math.max(writer.lastStanza(), reader.lastStanza());
    if (now - lastStanza >= times.idle) {
      void leave({ kind: 'closed', by: 'us', note: 'nothing to say for a while' });
    }
  }

  const over = run().catch((error: unknown) => {
    world.log.error({ err: error }, 'a stream could not be ended in order');
    channel.destroy();
  });
  return { facts, isLeaving: () => leaving, check, leave, over };
}
