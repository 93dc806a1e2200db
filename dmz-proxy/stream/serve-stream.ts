// One connection from a partner: negotiated, then read stanza by stanza until it is over (RFC 6120 §4.4, §8; L1 to L3).
import type { Socket } from 'node:net';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import { dialbackNs } from '../dialback/words.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Greeting } from './accept-header.ts';
import { bytesBeforeAuthentication, type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending, streamError } from './ending.ts';
import { type Mutable, provenName, type Receive, type ServedStream, type StreamFacts } from './facts.ts';
import { endsInPeace, farewell, sayEnding } from './farewell.ts';
import { isStanza, notAStanza } from './first-level.ts';
import { newStreamId, printHeader } from './header.ts';
import type { InboundDialback } from './inbound-dialback.ts';
import { type Negotiated, type NegotiationWorld, negotiateInbound } from './negotiate-inbound.ts';
import { confirmed } from './outbound-writer.ts';
import { createStanzaReader, type StanzaReader } from './read-stanzas.ts';
import { createInboundManagement } from './stream-management-inbound.ts';
import { createStreamPairs } from './stream-pairs.ts';
import { type Supervised, superviseStream } from './supervise-stream.ts';
import type { Carried, PartnersStream } from './ways.ts';

export type ServeWorld = NegotiationWorld & {
  readonly audit: (entry: AuditEntry) => void;
  readonly receive: Receive;
  /** Asked when a pair has authenticated; false: this partner has enough of them. */
  readonly mayJoin: (stream: ServedStream) => boolean;
  /** Told with which certificates a partner is proved, and when these no longer hold. */
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
  /** Has a stream carry our stanzas as well, where both have agreed on bidi. */
  readonly carry: ((stream: PartnersStream) => Carried) | undefined;
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
  const management = createInboundManagement(channel, clock, times, () => {
    for (const pair of pairs.all()) pair.managed = true;
    carried?.manage();
  });
  const pairs = createStreamPairs<Mutable<ServedStream> & { readonly supervised: Supervised }>();
  let greeting: Greeting | undefined;
  let reader: StanzaReader | undefined;
  let carried: Carried | undefined;
  let closing: Ending | undefined;

  async function talk(): Promise<Ending> {
    channel.expect(start + Math.min(times.header, times.negotiation), 'the header');
    const greeted = (heard: Greeting): void => {
      greeting = heard;
    };
    const negotiated = await negotiateInbound(channel, transport, world, { start, greeted, pairs: pairs.all });
    if (!negotiated.ok) return negotiated.ending;
    const { tell, dialback, bidi: limits } = negotiated.value;
    const stream = join(negotiated.value, tell);
    if (stream === undefined) return streamError('resource-constraint', 'too many streams of this partner');
    channel.expect(undefined, '');
    // INVARIANT: it carries the pair that has just been proved, and no other (B1).
    if (limits !== undefined) carried = world.carry?.({ channel, facts: stream, limits });
    reader = createStanzaReader({
      channel,
      management,
      streamOf: pairs.of,
      writer: () => carried,
      receive: world.receive,
      now: clock.now,
      other(element) {
        if (dialback === undefined || element.ns !== dialbackNs) return false;
        void hearDialback(dialback, element, negotiated.value);
        return true;
      },
    });
    return reader.read();
  }

  /** One more pair of domains on this stream; none where its partner has enough of them. `tell` tells the peer. */
  function join(negotiated: Negotiated, tell: (may: boolean) => void): Mutable<ServedStream> | undefined {
    const { id, localDomain, remoteDomain, lang, tls, certificate } = negotiated;
    const bidi = negotiated.bidi !== undefined && world.carry !== undefined;
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
      bidi,
      managed: false,
      heardAt: clock.now(),
      missedPings: 0,
      stanzasIn: 0,
      stanzasOut: 0,
      close: (condition, application) =>
        close(streamError(condition, 'closed by a check', application === undefined ? {} : { application })),
    };
    const may = world.mayJoin(stream);
    if (may) {
      const idleSeconds = negotiated.bidi?.idleSeconds;
      const supervised = superviseStream({ ...world, ...negotiated, channel, bidi, idleSeconds });
      pairs.add(Object.assign(stream, { supervised }));
    }
    tell(may);
    if (may) world.log.info({ ...named(stream), tls, bidi, name: provenName(stream) }, 'partner is connected');
    return may ? stream : undefined;
  }

  // Stanzas of the pairs that are proved go on while another is asked about.
  async function hearDialback(dialback: InboundDialback, element: XmlElement, negotiated: Negotiated): Promise<void> {
    try {
      const heard = await dialback.hear(element);
      // A further pair shares the stream inward alone.
      if (heard.kind === 'proved') join({ ...negotiated, ...heard.pair, bidi: undefined }, heard.tell);
      else if (heard.kind === 'ends') close(heard.ending);
      else if (heard.kind === 'other') close(notAStanza(element));
    } catch (error) {
      world.log.error({ err: error }, 'dialback fell over a fault of our own');
      close(streamError('internal-server-error', 'a fault of our own'));
    }
  }

  // The words go out at once, even while a stanza is waiting inside; the loop ends when it next looks. Where the peer is
  // to confirm what we have written, it is read on for so long.
  function close(ending: Ending): void {
    // An ending in peace may still be waiting for its last words; one that is none does not wait.
    if (closing !== undefined && (endsInPeace(ending) || !endsInPeace(closing))) return;
    closing = ending;
    const mustRead = endsInPeace(ending) && (carried?.unsettled() ?? 0) > 0;
    const said = channel.isOpen() ? say(ending, '') : Promise.resolve();
    if (mustRead) void said.then(() => channel.interrupt(ending));
    else channel.interrupt(ending);
  }

  // Stanzas under way get a moment to be kept, so that the peer hears of them before the end (B6, L2); what we have
  // written gets the same to be confirmed.
  async function say(ending: Ending, ourHeader: string): Promise<void> {
    const moment = endsInPeace(ending) ? inPeace(ending) : undefined;
    carried?.retire(moment ?? Promise.resolve());
    if (moment !== undefined) await moment;
    management.acknowledge();
    sayEnding(channel, ending, ourHeader);
  }

  function inPeace(ending: Ending): Promise<void> | undefined {
    const ours = ending.kind !== 'closed' || ending.by === 'us' ? carried : undefined;
    if (management.underWay() === 0 && (ours === undefined || ours.unsettled() === 0)) return undefined;
    return Promise.all([
      management.settled(times.confirm),
      ours === undefined ? undefined : confirmed(ours, times.confirm),
    ]).then(() => {});
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
    carried?.over();
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
    lastInput: () => (reader?.holdsBack() === true ? clock.now() : channel.lastInput()),
    check() {
      const now = clock.now();
      channel.check(now, {
        assembly: times.assembly,
        idle: pairs.all().length === 0 ? Number.POSITIVE_INFINITY : times.idle,
      });
      if (pairs.all().length === 0) return;
      for (const pair of pairs.all()) {
        pair.heardAt = channel.lastInput();
        pair.supervised.check(now, close);
      }
      management.check(now);
      if (carried?.check(now, reader?.holdsBack()) === 'dead') {
        close(streamError('connection-timeout', 'the peer no longer answers'));
      }
    },
    close,
    over: run(),
  };
}

function named(stream: StreamFacts): { stream: string; from: string; to: string } {
  return { stream: stream.id, from: stream.remoteDomain, to: stream.localDomain };
}
