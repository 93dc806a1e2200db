// One connection to a partner, top to bottom: DNS, TCP, header, TLS, the partner's certificate, SASL EXTERNAL, header
// (RFC 6120 §3 to §6, §13.7.2, XEP-0368; xmpp-boundary N2 to N13, T8, H11, C12).
import type { Socket } from 'node:net';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Dns } from '../dns/ask-dns.ts';
import { addressesOf, findPartner, type NotFound, type Target } from '../dns/find-partner.ts';
import { printAuth, printResponse, readAnswer } from '../sasl/external.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsClient } from '../tls/handshake.ts';
import { type Channel, openChannel } from './channel.ts';
import { connectTcp, placeOf } from './connect-tcp.ts';
import { describeEnding, type Ending, ended, type Step, streamError, went } from './ending.ts';
import type { CertificateFacts, StreamFacts } from './facts.ts';
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
  /** The partner offers it (XEP-0198). */
  readonly streamManagement: boolean;
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
  readonly dns: Dns;
  readonly clock: Clock;
  readonly times: Times;
  /** The largest reply that we take from the partner. */
  readonly stanzaBytes: number;
  /** Told of each channel at once, so that the sweep can keep its deadlines. */
  readonly watch: (channel: Channel) => void;
};

/** An attempt that failed. What says most about the partner is told: that it refused, then that it did not answer. */
type Failed = { readonly ok: false; readonly authenticated: boolean; readonly absent?: true } & DialFailure;

type Spoken = Extract<Dialled, { ok: true }> | Failed;

/** The next address of one server is tried beside the first after so long (RFC 8305 §8). */
const staggerMs = 250;

/**
 * Tries the partner's servers in their order, and all addresses of each; the first that authenticates both ends is taken.
 * No further one is tried once both ends have authenticated, nor begun after `times.connect` (N6, N10).
 */
export async function dialStream(world: DialWorld): Promise<Dialled> {
  const { partner, dns, clock, times } = world;
  const found = await findPartner(partner, dns);
  if (!found.ok) return notFound(found);
  const until = clock.now() + times.connect;
  const spoken = new Set<string>();
  let worst: Failed | undefined;
  for (const target of found.targets) {
    const { port, tls } = target;
    const looked = await addressesOf(target, partner, dns);
    if (!looked.ok) worst = worseOf(worst, notFound(looked));
    // INVARIANT: where direct TLS was spoken and failed, no plain text follows on the same port (N10).
    let left = looked.ok ? looked.addresses.filter((each) => !spoken.has(placeOf(each, port))) : [];
    while (left.length > 0) {
      const connected = await connectTcp(left, port, { attempt: times.attempt, stagger: staggerMs });
      if (!connected.ok) {
        worst = worseOf(worst, failed('partner-unreachable', false, connected.note));
        break;
      }
      const place = placeOf(connected.address, port);
      if (tls === 'direct') spoken.add(place);
      const dialled = await speak(world, connected.socket, tls, place);
      if (dialled.ok || dialled.authenticated) return dialled;
      worst = worseOf(worst, dialled);
      left = clock.now() < until ? left.filter((each) => each !== connected.address) : [];
    }
    if (clock.now() >= until) break;
  }
  return worst ?? failed('partner-not-found', true, 'the partner has no address');
}

function failed(code: DialFailure['code'], refused: boolean, text: string): Failed {
  return { ok: false, code, refused, certificate: false, authenticated: false, text };
}

function notFound({ absent, note }: NotFound): Failed {
  if (!absent) return failed('partner-unreachable', false, note);
  return { ...failed('partner-not-found', true, note), absent: true };
}

function worseOf(before: Failed | undefined, now: Failed): Failed {
  if (before === undefined || before.absent === true) return now;
  return now.absent === true || (before.refused && !now.refused) ? before : now;
}

/** The negotiation on a connection that stands. */
async function speak(world: DialWorld, socket: Socket, tls: Target['tls'], place: string): Promise<Spoken> {
  const channel = openChannel(socket, world.clock, { firstLevelBytes: 10_000, totalBytes: 65_536 });
  world.watch(channel);
  channel.expect(world.clock.now() + world.times.negotiation, 'the negotiation');
  const proved = await authenticateBoth(world, channel, tls);
  const begun = proved.ok ? await beginStream(world, channel, proved.value) : proved;
  if (begun.ok) {
    channel.expect(undefined, '');
    return { ok: true, stream: begun.value };
  }
  const { ending } = begun;
  void farewell(channel, ending, { ourHeader: '', closeMs: world.times.close });
  const condition = ending.kind === 'closed' ? ending.condition : undefined;
  const unknown = condition === 'host-unknown' || condition === 'host-gone';
  return {
    ok: false,
    code: unknown ? 'partner-not-found' : 'partner-unreachable',
    refused: unknown || isRefusal(ending),
    certificate: ending.kind === 'error' && ending.refusal === 'certificate-refused',
    authenticated: proved.ok,
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

type Proved = {
  readonly chain: readonly Uint8Array[];
  readonly version: string;
  readonly certificate: CertificateFacts;
};

async function authenticateBoth(world: DialWorld, channel: Channel, tls: Target['tls']): Promise<Step<Proved>> {
  const { localDomain, partner, credentials, clock, times } = world;
  if (tls === 'starttls') {
    const asked = await askForTls(world, channel);
    if (!asked.ok) return asked;
  }
  const secured = await secure(channel, (raw) => shakeAsClient(raw, credentials, partner, times.handshake));
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
  return went({ chain, version, certificate: proof.certificate });
}

async function askForTls(world: DialWorld, channel: Channel): Promise<Step<undefined>> {
  const plain = await openStream(world, channel);
  if (!plain.ok) return plain;
  const offered = await awaitFeatures(channel);
  if (!offered.ok) return offered;
  if (!offered.value.startTls) return ended(streamError('policy-violation', 'the partner offers no TLS'));
  return requestStartTls(channel);
}

async function beginStream(
  world: DialWorld,
  channel: Channel,
  { chain, version, certificate }: Proved,
): Promise<Step<DialledStream>> {
  channel.restart({ firstLevelBytes: world.stanzaBytes });
  const again = await openStream(world, channel);
  if (!again.ok) return again;
  const features = await awaitFeatures(channel);
  if (!features.ok) return features;
  return went({
    channel,
    chain,
    generation: world.credentials.generation,
    maxBytes: features.value.maxBytes,
    streamManagement: features.value.streamManagement,
    facts: {
      id: again.value.id ?? '',
      direction: 'outbound',
      localDomain: world.localDomain,
      remoteDomain: world.partner.domain,
      remoteAddress: channel.remoteAddress,
      lang: again.value.lang,
      since: world.clock.now(),
      tls: version,
      certificate,
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
