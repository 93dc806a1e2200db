// The negotiation with a partner that we dial, top to bottom: header, TLS, header, its certificate, SASL EXTERNAL, header
// (RFC 6120 §4 to §6, §13.7.2; xmpp-boundary T8, H11, C12).
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Target } from '../dns/find-partner.ts';
import { printAuth, printResponse, readAnswer } from '../sasl/external.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsClient } from '../tls/handshake.ts';
import { bytesBeforeAuthentication, type Channel } from './channel.ts';
import { ended, type Step, streamError, went } from './ending.ts';
import type { CertificateFacts, StreamFacts } from './facts.ts';
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

/** Who calls whom, and with what. */
export type Caller = {
  readonly localDomain: string;
  readonly partner: Partner;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly times: Times;
  /** The largest reply that we take from the partner. */
  readonly stanzaBytes: number;
};

/** TLS stands, and the partner has answered our header in it. Its certificate is not judged yet. */
export type Secured = {
  readonly chain: readonly Uint8Array[];
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly header: Header;
};

/** Both ends have authenticated. */
export type Proved = {
  readonly chain: readonly Uint8Array[];
  readonly version: string;
  readonly certificate: CertificateFacts;
};

/** Header, STARTTLS unless TLS came first, TLS, header: the way in, before anybody has proved anything. */
export async function openSecured(caller: Caller, channel: Channel, tls: Target['tls']): Promise<Step<Secured>> {
  const { credentials, partner, times } = caller;
  if (tls === 'starttls') {
    const asked = await askForTls(caller, channel);
    if (!asked.ok) return asked;
  }
  const secured = await secure(channel, (raw) => shakeAsClient(raw, credentials, partner, times.handshake));
  if (!secured.ok) return secured;
  channel.restart(bytesBeforeAuthentication);
  const opened = await openStream(caller, channel);
  if (!opened.ok) return opened;
  const { chain, version } = secured.value;
  return went({ chain, version, header: opened.value });
}

/** The partner's certificate, then ours by SASL EXTERNAL. */
export async function authenticateBoth(caller: Caller, channel: Channel, tls: Target['tls']): Promise<Step<Proved>> {
  const { localDomain, partner, clock } = caller;
  const secured = await openSecured(caller, channel, tls);
  if (!secured.ok) return secured;
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

async function askForTls(caller: Caller, channel: Channel): Promise<Step<undefined>> {
  const plain = await openStream(caller, channel);
  if (!plain.ok) return plain;
  const offered = await awaitFeatures(channel);
  if (!offered.ok) return offered;
  if (!offered.value.startTls) return ended(streamError('policy-violation', 'the partner offers no TLS'));
  return requestStartTls(channel);
}

/** The stream behind the authentication, up to its features. */
export async function beginStream(
  caller: Caller,
  channel: Channel,
  { chain, version, certificate }: Proved,
): Promise<Step<DialledStream>> {
  channel.restart({ firstLevelBytes: caller.stanzaBytes });
  const again = await openStream(caller, channel);
  if (!again.ok) return again;
  const features = await awaitFeatures(channel);
  if (!features.ok) return features;
  return went({
    channel,
    chain,
    generation: caller.credentials.generation,
    maxBytes: features.value.maxBytes,
    streamManagement: features.value.streamManagement,
    facts: {
      id: again.value.id ?? '',
      direction: 'outbound',
      localDomain: caller.localDomain,
      remoteDomain: caller.partner.domain,
      remoteAddress: channel.remoteAddress,
      lang: again.value.lang,
      since: caller.clock.now(),
      tls: version,
      certificate,
      stanzasIn: 0,
      stanzasOut: 0,
    },
  });
}

/** Our header and the partner's answer: it must carry an id, and where it names the two domains, these two (H11). */
async function openStream(caller: Caller, channel: Channel): Promise<Step<Header>> {
  const { localDomain, partner } = caller;
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

/** What the partner offers, or how the stream ended instead. */
export async function awaitFeatures(channel: Channel): Promise<Step<Features>> {
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
