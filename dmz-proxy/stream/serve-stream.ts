// One connection from a partner: negotiated, then read stanza by stanza until it is over (RFC 6120 §4.4, §8; L1 to L3).
import type { Socket } from 'node:net';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import { dialbackNs } from '../dialback/words.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Greeting } from './accept-header.ts';
import { bytesBeforeAuthentication, type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending, streamError } from './ending.ts';
import { provenName, type Receive, type ServedStream, type StreamFacts } from './facts.ts';
import { endsInPeace, farewell, sayEnding } from './farewell.ts';
import { isStanza, notAStanza } from './first-level.ts';
import { newStreamId, printHeader } from './header.ts';
import type { InboundDialback } from './inbound-dialback.ts';
import { type Negotiated, type NegotiationWorld, negotiateInbound } from './negotiate-inbound.ts';
import { createInboundManagement } from './stream-management-inbound.ts';
import { createStreamPairs } from './stream-pairs.ts';
import { type Supervised, superviseStream } from './supervise-stream.ts';

export type ServeWorld = NegotiationWorld & {
  readonly audit: (entry: AuditEntry) => void;
  readonly receive: Receive;
  /** Asked when a pair has authenticated; false: this partner has enough of them. */
  readonly mayJoin: (stream: ServedStream) => boolean;
  /** Told with which certificates a partner is proved, and when these no longer hold. */
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
};

export type Visit = {
  readonly channel: Channel;
  /** The pairs of domains that it carries; none before its peer is proved. */
  readonly pairs: () => readonly StreamFacts[];
  /** Who its header said it is, and whom of ours it asked for; nobody proved it while it carries no pair. */
  readonly claims: () => Pick<Greeting, 'remoteDomain' | 'localDomain'> | undefined;
  /** When its peer was last heard; now, while it is we who do not read. */
  readonly lastInput: () => Instant;
  readonly check: () => void;
  /** Ends it; says so to the peer at once. */
  readonly close: (ending: Ending) => void;
  /** Resolves, never rejects, when the connection is over; with what ended it. */
  readonly over: Promise<Ending>;
};

/** Serves one connection until it is over. `remoteAddress` is the peer's, also where an appliance stands between. */
export function serveStream(
  socket: Socket,
  transport: 'starttls' | 'direct-tls',
  world: ServeWorld,
  remoteAddress?: string,
): Visit {
  const { clock, times, settings } = world;
  const start = clock.now();
  const channel = openChannel(socket, clock, bytesBeforeAuthentication, remoteAddress);
  const management = createInboundManagement(channel, clock, times);
  let greeting: Greeting | undefined;
  let holdsBack = false;
  const pairs = createStreamPairs<Mutable<ServedStream> & { readonly supervised: Supervised }>();

  async function talk(): Promise<Ending> {
    channel.expect(start + Math.min(times.header, times.negotiation), 'the header');
    const greeted = (heard: Greeting): void => {
      greeting = heard;
    };
    const negotiated = await negotiateInbound(channel, transport, world, { start, greeted, pairs: pairs.all });
    if (!negotiated.ok) return negotiated.ending;
    const { tell, dialback } = negotiated.value;
    if (!join(negotiated.value, tell)) return streamError('resource-constraint', 'too many streams of this partner');
    channel.expect(undefined, '');
    return readStanzas(negotiated.value, dialback);
  }

  /** One more pair of domains on this stream; false: its partner has enough of them. `tell` tells the peer. */
  function join(negotiated: Negotiated, tell: (may: boolean) => void): boolean {
    const { id, localDomain, remoteDomain, lang, tls, certificate } = negotiated;
    const stream: Mutable<ServedStream> = {
      id,
      direction: 'inbound',
      localDomain,
      remoteDomain,
      remoteAddress: channel.remoteAddress,
      lang,
      since: clock.now(),
      tls,
      proof: certificate === undefined ? 'dialback' : 'certificate',
      certificate,
      stanzasIn: 0,
      stanzasOut: 0,
      close: (condition, application) =>
        close(streamError(condition, 'closed by a check', application === undefined ? {} : { application })),
    };
    const may = world.mayJoin(stream);
    if (may) pairs.add(Object.assign(stream, { supervised: superviseStream({ ...world, ...negotiated, channel }) }));
    tell(may);
    if (may) world.log.info({ ...named(stream), tls, name: provenName(stream) }, 'partner is connected');
    return may;
  }

  async function readStanzas(negotiated: Negotiated, dialback: InboundDialback | undefined): Promise<Ending> {
    for (;;) {
      const event = await channel.next();
      switch (event.kind) {
        case 'element': {
          const heard = management.hear(event.element);
          if (heard === 'taken') break;
          if (heard !== 'other') return heard;
          if (!isStanza(event.element)) {
            if (dialback === undefined || event.element.ns !== dialbackNs) return notAStanza(event.element);
            void hearDialback(dialback, event.element, negotiated);
            break;
          }
          const stream = pairs.of(event.element);
          if (stream === undefined) return streamError('not-authorized', 'a stanza before authentication');
          stream.stanzasIn += 1;
          const taken = world.receive(event.element, event.bytes, stream, management.arrived());
          if (taken === undefined) break;
          holdsBack = true;
          await taken;
          holdsBack = false;
          break;
        }
        case 'close':
          return { kind: 'closed', by: 'peer', note: 'the peer closed the stream' };
        case 'open':
          return streamError('invalid-xml', 'a second header');
        case 'ends':
          return event.ending;
        default:
          event satisfies never;
      }
    }
  }

  // Stanzas of the pairs that are proved go on while another is asked about.
  async function hearDialback(dialback: InboundDialback, element: XmlElement, negotiated: Negotiated): Promise<void> {
    try {
      const heard = await dialback.hear(element);
      if (heard.kind === 'proved') join({ ...negotiated, ...heard.pair }, heard.tell);
      else if (heard.kind === 'ends') close(heard.ending);
      else if (heard.kind === 'other') close(notAStanza(element));
    } catch (error) {
      world.log.error({ err: error }, 'dialback fell over a fault of our own');
      close(streamError('internal-server-error', 'a fault of our own'));
    }
  }

  // The words go out at once, even while a stanza is waiting inside; the loop ends when it next looks.
  function close(ending: Ending): void {
    if (channel.isOpen()) void say(ending, '');
    channel.interrupt(ending);
  }

  // Stanzas under way get a moment to be kept, so that the peer hears of them before the end (B6, L2).
  async function say(ending: Ending, ourHeader: string): Promise<void> {
    if (management.underWay() > 0 && endsInPeace(ending)) await management.settled(times.confirm);
    management.acknowledge();
    sayEnding(channel, ending, ourHeader);
  }

  async function run(): Promise<Ending> {
    let ending: Ending;
    try {
      ending = await talk();
    } catch (error) {
      world.log.error({ err: error }, 'a stream fell over a fault of our own');
      ending = streamError('internal-server-error', 'a fault of our own');
    }
    try {
      report(ending);
      await leave(ending);
    } catch (error) {
      world.log.error({ err: error }, 'a stream could not be ended in order');
      channel.destroy();
    }
    return ending;
  }

  async function leave(ending: Ending): Promise<void> {
    const from = greeting?.localDomain ?? settings.domains[0] ?? '';
    const to = greeting?.remoteDomain;
    const ourHeader = printHeader({ from, id: newStreamId(), ...(to === undefined ? {} : { to }) });
    await say(ending, ourHeader);
    management.over();
    // What a peer with stream management still says can be acknowledged no more: it stays with the peer.
    const late = (e: XmlElement, n: number) => {
      const stream = isStanza(e) ? pairs.of(e) : undefined;
      return stream === undefined ? undefined : world.receive(e, n, stream, () => {});
    };
    await farewell(channel, ending, { ourHeader, closeMs: times.close, ...(management.isOn() ? {} : { late }) });
  }

  function report(ending: Ending): void {
    const [stream] = pairs.all();
    const note = describeEnding(ending);
    const about = stream === undefined ? { from: greeting?.remoteDomain, to: greeting?.localDomain } : named(stream);
    const line = { ...about, address: channel.remoteAddress, note };
    if (stream !== undefined) world.log.info(line, 'partner is disconnected');
    else if (ending.kind === 'cut' && ending.quiet === true) world.log.debug(line, 'a connection said nothing');
    else world.log.warn(line, 'a connection was not accepted');
    const refusal = ending.kind === 'cut' ? undefined : ending.refusal;
    if (stream === undefined && refusal !== undefined) {
      world.audit({
        event: 'stream-refused',
        direction: 'inward',
        kind: 'stream',
        code: refusal,
        stage: 'serveStream',
        note: `${note}; address ${channel.remoteAddress}`,
        ...(greeting?.remoteDomain === undefined ? {} : { from: greeting.remoteDomain }),
        ...(greeting === undefined ? {} : { to: greeting.localDomain }),
        revision: world.policy().revision,
      });
    }
  }

  return {
    channel,
    pairs: pairs.all,
    claims: () => greeting,
    lastInput: () => (holdsBack ? clock.now() : channel.lastInput()),
    check() {
      const now = clock.now();
      channel.check(now, {
        assembly: times.assembly,
        idle: pairs.all().length === 0 ? Number.POSITIVE_INFINITY : times.idle,
      });
      if (pairs.all().length === 0) return;
      for (const { supervised } of pairs.all()) supervised.check(now, close);
      management.check(now);
    },
    close,
    over: run(),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function named(stream: StreamFacts): { stream: string; from: string; to: string } {
  return { stream: stream.id, from: stream.remoteDomain, to: stream.localDomain };
}
