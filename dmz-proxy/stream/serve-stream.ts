// One connection from a partner, top to bottom: header, TLS, header, SASL EXTERNAL, header, stanzas (RFC 6120 §4 to §6).

import type { Socket } from 'node:net';
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { printAnswer } from '../sasl/external.ts';
import type { ProxySettings } from '../settings.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsServer } from '../tls/handshake.ts';
import type { XmlElement } from '../xml/element.ts';
import { acceptExternal } from './accept-external.ts';
import { acceptHeader, type Greeting } from './accept-header.ts';
import { type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending, ended, type Step, streamError, went } from './ending.ts';
import type { Receive, ServedStream, StreamFacts } from './facts.ts';
import { endsInPeace, farewell, sayEnding } from './farewell.ts';
import { featuresAfterAuthentication, featuresBeforeAuthentication, featuresBeforeTls } from './features.ts';
import { isStanza, notAStanza } from './first-level.ts';
import { newStreamId, printHeader } from './header.ts';
import { provePeer, versionFault } from './prove-peer.ts';
import { awaitStartTls, secure, startTlsFailure } from './start-tls.ts';
import { createInboundManagement } from './stream-management-inbound.ts';
import { type Supervised, sameTrust, superviseStream } from './supervise-stream.ts';
import type { Times } from './times.ts';

export type ServeWorld = {
  readonly settings: ProxySettings;
  readonly policy: () => Policy;
  readonly credentials: () => Credentials;
  readonly log: Log;
  readonly audit: (entry: AuditEntry) => void;
  readonly clock: Clock;
  readonly times: Times;
  readonly receive: Receive;
  /** Whether one more handshake can be paid for now. */
  readonly mayShake: () => boolean;
  /** Asked when a stream has authenticated; false: this partner has enough of them. */
  readonly mayJoin: (stream: ServedStream) => boolean;
};

export type Visit = {
  readonly channel: Channel;
  /** All that is known once the stream is live. */
  readonly facts: () => StreamFacts | undefined;
  /** When its peer was last heard; now, while it is we who do not read. */
  readonly lastInput: () => Instant;
  readonly check: () => void;
  /** Ends it; says so to the peer at once. */
  readonly close: (ending: Ending) => void;
  /** Resolves, never rejects, when the connection is over; with what ended it. */
  readonly over: Promise<Ending>;
};

const bytesBeforeAuthentication = { firstLevelBytes: 10_000, totalBytes: 65_536 } as const;

/** Serves one connection until it is over. */
export function serveStream(socket: Socket, transport: 'starttls' | 'direct-tls', world: ServeWorld): Visit {
  const { clock, times, settings } = world;
  const start = clock.now();
  const channel = openChannel(socket, clock, bytesBeforeAuthentication);
  const management = createInboundManagement(channel, clock, times);
  let greeting: Greeting | undefined;
  let holdsBack = false;
  let live: { readonly stream: ServedStream; readonly supervised: Supervised } | undefined;

  async function talk(): Promise<Ending> {
    channel.expect(start + Math.min(times.header, times.negotiation), 'the header');
    const negotiated = await negotiate();
    if (!negotiated.ok) return negotiated.ending;
    const { stream, supervised } = negotiated.value;
    live = { stream, supervised };
    if (!world.mayJoin(stream)) return streamError('resource-constraint', 'too many streams of this partner');
    channel.expect(undefined, '');
    world.log.info({ ...named(stream), tls: stream.tls, name: stream.certificate.matchedName }, 'partner is connected');
    return readStanzas(stream);
  }

  async function negotiate(): Promise<Step<{ stream: Mutable<ServedStream>; supervised: Supervised }>> {
    if (transport === 'starttls') {
      const greeted = await openStream(false);
      if (!greeted.ok) return greeted;
      channel.write(featuresBeforeTls());
      const asked = await awaitStartTls(channel);
      if (!asked.ok) return asked;
      if (!world.mayShake()) {
        channel.write(startTlsFailure);
        return ended({ kind: 'closed', by: 'us', note: 'too many TLS handshakes at the moment' });
      }
      channel.write('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    }
    const credentials = world.credentials();
    const secured = await secure(channel, (raw) => shakeAsServer(raw, credentials, times.handshake));
    if (!secured.ok) return secured;
    channel.restart(bytesBeforeAuthentication);
    const known = await openStream(true);
    if (!known.ok) return known;
    const { localDomain, remoteDomain, partner } = known.value;
    if (remoteDomain === undefined || partner === undefined) {
      return ended(streamError('improper-addressing', 'no from after TLS'));
    }

    const { chain, version, serverName } = secured.value;
    const outside = versionFault(version, partner);
    if (outside !== undefined) return ended(streamError('policy-violation', outside, { text: outside }));
    // Old peers name no server; what counts is the stream's own to (T11).
    if (serverName !== toAsciiDomain(localDomain))
      world.log.debug({ serverName, to: localDomain }, 'TLS named another server');
    const proof = await provePeer(chain, partner, clock.now());
    if (!proof.ok) {
      const text = `Your server's certificate is ${proof.reason}`;
      return ended(
        streamError('not-authorized', `the certificate is ${proof.reason}`, { text, refusal: 'certificate-refused' }),
      );
    }
    const { stanzaBytes, idleSeconds } = settings.limits;
    const advertised = { maxBytes: stanzaBytes, idleSeconds: Math.floor(idleSeconds * 0.93) };
    channel.write(featuresBeforeAuthentication(advertised));
    const stillProved = (): boolean =>
      sameTrust(partner, world.policy().partners.get(remoteDomain)) && clock.now() < proof.certificate.notAfter;
    const authenticated = await acceptExternal(channel, remoteDomain, stillProved);
    if (!authenticated.ok) return authenticated;
    channel.restart({ firstLevelBytes: settings.limits.stanzaBytes });
    channel.write(printAnswer({ kind: 'success' }));

    const again = await openStream(true);
    if (!again.ok) return again;
    if (again.value.localDomain !== localDomain || again.value.remoteDomain !== remoteDomain) {
      return ended(streamError('improper-addressing', 'the addresses changed with the restart'));
    }
    channel.write(featuresAfterAuthentication(advertised));

    const supervised = superviseStream({
      ...world,
      channel,
      chain,
      partner,
      notAfter: proof.certificate.notAfter,
      generation: credentials.generation,
    });
    const stream: Mutable<ServedStream> = {
      id: again.value.id,
      direction: 'inbound',
      localDomain,
      remoteDomain,
      remoteAddress: channel.remoteAddress,
      lang: again.value.lang,
      since: clock.now(),
      tls: version,
      certificate: proof.certificate,
      stanzasIn: 0,
      stanzasOut: 0,
      close: (condition, application) =>
        close(streamError(condition, 'closed by a check', application === undefined ? {} : { application })),
    };
    return went({ stream, supervised });
  }

  /** The peer's header and ours. Only after TLS do its addresses bind (H12). */
  async function openStream(bound: boolean): Promise<Step<Greeting>> {
    const greeted = await acceptHeader(channel, settings, world.policy(), bound);
    greeting = greeted.greeting;
    channel.expect(start + times.negotiation, 'the negotiation');
    if (!greeted.step.ok) return greeted.step;
    const { id, localDomain, remoteDomain } = greeted.step.value;
    channel.open(printHeader({ from: localDomain, id, ...(remoteDomain === undefined ? {} : { to: remoteDomain }) }));
    return greeted.step;
  }

  async function readStanzas(stream: Mutable<ServedStream>): Promise<Ending> {
    for (;;) {
      const event = await channel.next();
      switch (event.kind) {
        case 'element': {
          const heard = management.hear(event.element);
          if (heard === 'taken') break;
          if (heard !== 'other') return heard;
          if (!isStanza(event.element)) return notAStanza(event.element);
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
    const stream = live?.stream;
    const ourHeader = printHeader({ from, id: newStreamId(), ...(to === undefined ? {} : { to }) });
    await say(ending, ourHeader);
    management.over();
    // What a peer with stream management still says can be acknowledged no more: it stays with the peer.
    const late = (e: XmlElement, n: number) =>
      stream !== undefined && isStanza(e) ? world.receive(e, n, stream, () => {}) : undefined;
    await farewell(channel, ending, { ourHeader, closeMs: times.close, ...(management.isOn() ? {} : { late }) });
  }

  function report(ending: Ending): void {
    const stream = live?.stream;
    const note = describeEnding(ending);
    const about = stream === undefined ? { from: greeting?.remoteDomain, to: greeting?.localDomain } : named(stream);
    const line = { ...about, address: channel.remoteAddress, note };
    if (stream !== undefined) world.log.info(line, 'partner is disconnected');
    else if (ending.kind === 'cut' && ending.quiet === true) world.log.debug(line, 'a connection said nothing');
    else world.log.warn(line, 'a connection was not accepted');
    const refusal = ending.kind === 'error' ? ending.refusal : undefined;
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
    facts: () => live?.stream,
    lastInput: () => (holdsBack ? clock.now() : channel.lastInput()),
    check() {
      const now = clock.now();
      channel.check(now, {
        assembly: times.assembly,
        idle: live === undefined ? Number.POSITIVE_INFINITY : times.idle,
      });
      if (live === undefined) return;
      live.supervised.check(now, close);
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
