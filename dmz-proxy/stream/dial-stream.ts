// One connection to a partner, top to bottom: TCP, header, TLS, the partner's certificate, SASL EXTERNAL, header
// (RFC 6120 §4 to §6, §13.7.2; xmpp-boundary N7 to N10, H11, C12).
import { connect, type Socket } from 'node:net';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { printAuth, printResponse, readAnswer } from '../sasl/external.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsClient } from '../tls/handshake.ts';
import { type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending, ended, type Step, streamError, went } from './ending.ts';
import type { StreamFacts } from './facts.ts';
import { farewell } from './farewell.ts';
import { type Features, readFeatures } from './features.ts';
import { type Header, printHeader, readDomain, readHeader } from './header.ts';
import { provePeer } from './prove-peer.ts';
import { requestStartTls, secure } from './start-tls.ts';
import { readStreamError } from './stream-error.ts';
import type { Times } from './times.ts';

export type DialledStream = {
  readonly channel: Channel;
  readonly facts: Mutable<StreamFacts>;
  readonly chain: readonly Uint8Array[];
  readonly generation: number;
  /** The largest stanza that the partner takes, where it says so (XEP-0478). */
  readonly maxBytes: number | undefined;
};
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `refused`: one of the two ends said no, so that trying again in a moment would not help. */
export type DialFailure = {
  readonly code: 'partner-unreachable' | 'partner-not-found';
  readonly refused: boolean;
  readonly certificate: boolean;
  readonly text: string;
};
export type Dialled = { readonly ok: true; readonly stream: DialledStream } | ({ readonly ok: false } & DialFailure);

export type DialWorld = {
  readonly localDomain: string;
  readonly partner: Partner;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly times: Times;
  /** The largest reply that we take from the partner. */
  readonly stanzaBytes: number;
  /** Told of each channel at once, so that the sweep can keep its deadlines. */
  readonly watch: (channel: Channel) => void;
};

/** Tries the partner's addresses in their order; the first that authenticates both ends is taken. */
export async function dialStream(world: DialWorld): Promise<Dialled> {
  let worst: DialFailure = {
    code: 'partner-not-found',
    refused: true,
    certificate: false,
    text: 'the partner has no address',
  };
  let first = true;
  for (const { host, port } of world.partner.connect) {
    const dialled = await dialAddress(world, host, port);
    if (dialled.ok) return dialled;
    if (first || dialled.refused || !worst.refused) worst = dialled;
    first = false;
  }
  return { ok: false, ...worst };
}

async function dialAddress(world: DialWorld, host: string, port: number): Promise<Dialled> {
  const place = `${host}:${port}`;
  const connected = await connectTcp(host, port, world.times.attempt);
  if (!connected.ok) {
    return {
      ok: false,
      code: 'partner-unreachable',
      refused: false,
      certificate: false,
      text: `${place}: ${connected.note}`,
    };
  }
  const channel = openChannel(connected.socket, world.clock, { firstLevelBytes: 10_000, totalBytes: 65_536 });
  world.watch(channel);
  channel.expect(world.clock.now() + world.times.negotiation, 'the negotiation');
  const negotiated = await negotiate(world, channel);
  if (negotiated.ok) {
    channel.expect(undefined, '');
    return { ok: true, stream: negotiated.value };
  }
  const { ending } = negotiated;
  void farewell(channel, ending, { ourHeader: '', closeMs: world.times.close });
  const condition = ending.kind === 'closed' ? ending.condition : undefined;
  const unknown = condition === 'host-unknown' || condition === 'host-gone';
  return {
    ok: false,
    code: unknown ? 'partner-not-found' : 'partner-unreachable',
    refused: unknown || isRefusal(ending),
    certificate: ending.kind === 'error' && ending.refusal === 'certificate-refused',
    text: `${place}: ${describeEnding(ending)}`,
  };
}

// A peer that is going down, restarting or short of something may be well again in a moment.
function isRefusal(ending: Ending): boolean {
  if (ending.kind === 'cut') return false;
  const condition = ending.condition;
  return condition !== undefined && !passing.has(condition);
}
const passing: ReadonlySet<string> = new Set([
  'connection-timeout',
  'conflict',
  'internal-server-error',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'system-shutdown',
]);

async function negotiate(world: DialWorld, channel: Channel): Promise<Step<DialledStream>> {
  const { localDomain, partner, credentials, clock, times } = world;
  const plain = await openStream(world, channel);
  if (!plain.ok) return plain;
  const offered = await awaitFeatures(channel);
  if (!offered.ok) return offered;
  if (!offered.value.startTls) return ended(streamError('policy-violation', 'the partner offers no TLS'));
  const proceed = await requestStartTls(channel);
  if (!proceed.ok) return proceed;
  const secured = await secure(channel, (raw) => shakeAsClient(raw, credentials, partner.domain, times.handshake));
  if (!secured.ok) return secured;
  channel.restart({ firstLevelBytes: 10_000, totalBytes: 65_536 });

  const opened = await openStream(world, channel);
  if (!opened.ok) return opened;
  // INVARIANT: nothing of ours, not even SASL, goes to a server that has not proved to be the partner (C12).
  const { chain, version } = secured.value;
  const proof = await provePeer(chain, partner, clock.now());
  if (!proof.ok) {
    const text = `Your server's certificate is ${proof.reason}`;
    const note = `the partner's certificate is ${proof.reason}`;
    return ended(streamError('not-authorized', note, { text, refusal: 'certificate-refused' }));
  }
  const mechanisms = await awaitFeatures(channel);
  if (!mechanisms.ok) return mechanisms;
  if (!mechanisms.value.external) {
    const note = 'the partner does not offer EXTERNAL: it may not trust our certificate';
    return ended(streamError('not-authorized', note));
  }
  const authenticated = await authenticate(channel, localDomain);
  if (!authenticated.ok) return authenticated;
  channel.restart({ firstLevelBytes: world.stanzaBytes });

  const again = await openStream(world, channel);
  if (!again.ok) return again;
  const features = await awaitFeatures(channel);
  if (!features.ok) return features;
  return went({
    channel,
    chain,
    generation: credentials.generation,
    maxBytes: features.value.maxBytes,
    facts: {
      id: again.value.id ?? '',
      direction: 'outbound',
      localDomain,
      remoteDomain: partner.domain,
      remoteAddress: channel.remoteAddress,
      lang: again.value.lang,
      since: clock.now(),
      tls: version,
      certificate: proof.certificate,
      stanzasIn: 0,
      stanzasOut: 0,
    },
  });
}

/** Our header and the partner's answer: it must carry an id, and where it names the two domains, these two (H11). */
async function openStream(world: DialWorld, channel: Channel): Promise<Step<Header>> {
  const { localDomain, partner } = world;
  channel.open(printHeader({ from: localDomain, to: partner.domain }));
  const event = await channel.next();
  if (event.kind === 'ends') return ended(event.ending);
  if (event.kind !== 'open') return ended({ kind: 'cut', note: 'the partner answered without a header' });
  const read = readHeader(event.root, event.contentNs);
  if (!read.ok) return read;
  const { from, to, id } = read.value;
  if (!isOrAbsent(from, partner.domain) || !isOrAbsent(to, localDomain)) {
    // The header before an error may speak for another domain; the error then says more.
    const next = await channel.next();
    const said = next.kind === 'element' ? readStreamError(next.element) : undefined;
    return ended(said ?? streamError('invalid-from', 'the answer speaks for another domain'));
  }
  if (id === undefined || id === '') return ended(streamError('invalid-xml', 'the header of the partner has no id'));
  return read;
}

function isOrAbsent(address: string | undefined, domain: string): boolean {
  if (address === undefined || address === '') return true;
  const read = readDomain(address);
  return typeof read === 'object' && read.domain === domain;
}

async function awaitFeatures(channel: Channel): Promise<Step<Features>> {
  const event = await channel.next();
  if (event.kind === 'ends') return ended(event.ending);
  if (event.kind !== 'element') return ended({ kind: 'closed', by: 'peer', note: 'the partner closed the stream' });
  const said = readStreamError(event.element);
  if (said !== undefined) return ended(said);
  const features = readFeatures(event.element);
  if (features === undefined) return ended(streamError('unsupported-stanza-type', 'something else than features'));
  return went(features);
}

async function authenticate(channel: Channel, localDomain: string): Promise<Step<undefined>> {
  channel.write(printAuth(localDomain));
  for (let challenges = 0; ; challenges += 1) {
    const event = await channel.next();
    if (event.kind === 'ends') return ended(event.ending);
    if (event.kind !== 'element') return ended({ kind: 'closed', by: 'peer', note: 'the partner left in SASL' });
    const said = readStreamError(event.element);
    if (said !== undefined) return ended(said);
    const answer = readAnswer(event.element);
    if (answer === undefined || challenges > 1) {
      return ended(streamError('unsupported-stanza-type', 'something else than an answer to SASL'));
    }
    switch (answer.kind) {
      case 'challenge':
        channel.write(printResponse(localDomain));
        break;
      case 'failure':
        return ended(streamError('not-authorized', `the partner refused our EXTERNAL: ${answer.condition}`));
      case 'success':
        if (!channel.isQuiet()) return ended({ kind: 'cut', note: 'bytes behind the success of SASL' });
        return went(undefined);
      default:
        answer satisfies never;
    }
  }
}

function connectTcp(
  host: string,
  port: number,
  withinMs: number,
): Promise<{ readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly note: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => fail('no answer in time'), withinMs);
    const fail = (note: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, note });
    };
    socket.on('error', (error) => fail('code' in error ? String(error.code) : 'unknown error'));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.setKeepAlive(true, 60_000);
      resolve({ ok: true, socket });
    });
  });
}
