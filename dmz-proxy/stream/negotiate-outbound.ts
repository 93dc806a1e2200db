// The negotiation with a partner that we dial, top to bottom: header, TLS, header, its certificate, SASL EXTERNAL, header
// (RFC 6120 §4 to §6, §13.7.2; xmpp-boundary T8, H11, C12).
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { DialbackKeys } from '../dialback/keys.ts';
import type { Target } from '../dns/find-partner.ts';
import { printAuth, printResponse, readAnswer } from '../sasl/external.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsClient } from '../tls/handshake.ts';
import { askDialback } from './ask-dialback.ts';
import { printBidi } from './bidi.ts';
import { bytesBeforeAuthentication, type Channel } from './channel.ts';
import { ended, type Step, streamError, went } from './ending.ts';
import type { CertificateFacts, Mutable, StreamFacts } from './facts.ts';
import { type Features, readFeatures } from './features.ts';
import { type Header, printHeader, readDomain, readHeader } from './header.ts';
import { proveServer } from './prove-peer.ts';
import { requestStartTls, secure } from './start-tls.ts';
import { plain, readStreamError } from './stream-error.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { Times } from './times.ts';

export type DialledStream = {
  readonly channel: Channel;
  readonly facts: Mutable<StreamFacts>;
  readonly chain: readonly Uint8Array[];
  readonly generation: number;
  /** The partner offers it (XEP-0198). */
  readonly streamManagement: boolean;
  /** What the partner says of its own (XEP-0478). */
  readonly limits: Partial<StreamLimits>;
};

/** Who calls whom, and with what. */
export type Caller = {
  readonly localDomain: string;
  readonly partner: Partner;
  readonly credentials: Credentials;
  readonly keys: DialbackKeys;
  readonly clock: Clock;
  readonly times: Times;
  /** What we take from the partner. */
  readonly advertised: StreamLimits;
  /** Shown the certificates as soon as TLS stands, before they are judged. */
  readonly onChain?: (chain: readonly Uint8Array[]) => void;
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
  /** What proved the partner, where its entry asks for a certificate. */
  readonly certificate: CertificateFacts | undefined;
  /** Where dialback proved us: the stream that goes on. EXTERNAL begins another one. */
  readonly begun?: { readonly header: Header; readonly features: Features };
  /** We have asked for bidi, so the partner's stanzas may come on this stream. */
  readonly bidi: boolean;
};

/** Header, STARTTLS unless TLS came first, TLS, header: the way in, before anybody has proved anything. */
export async function openSecured(
  caller: Omit<Caller, 'keys' | 'advertised'>,
  channel: Channel,
  tls: Target['tls'],
): Promise<Step<Secured>> {
  const { credentials, partner, times } = caller;
  if (tls === 'starttls') {
    const asked = await askForTls(caller, channel);
    if (!asked.ok) return asked;
  }
  const secured = await secure(channel, (raw) => shakeAsClient(raw, credentials, partner, times.handshake));
  if (!secured.ok) return secured;
  caller.onChain?.(secured.value.chain);
  channel.restart(bytesBeforeAuthentication);
  const opened = await openStream(caller, channel);
  if (!opened.ok) return opened;
  const { chain, version } = secured.value;
  return went({ chain, version, header: opened.value });
}

/** The partner's certificate, then ours by SASL EXTERNAL, or our key by dialback where that is agreed. */
export async function authenticateBoth(caller: Caller, channel: Channel, tls: Target['tls']): Promise<Step<Proved>> {
  const { localDomain, partner, clock } = caller;
  const secured = await openSecured(caller, channel, tls);
  if (!secured.ok) return secured;
  // INVARIANT: nothing of ours, neither SASL nor a key, goes to a server that has not proved what its entry asks (C12).
  const { chain, version, header } = secured.value;
  const proof = await proveServer(chain, partner, clock.now());
  if (!proof.ok) {
    const text = `Your server's certificate is ${proof.reason}`;
    const note = `the partner's certificate is ${proof.reason}`;
    return ended(streamError('not-authorized', note, { text, refusal: 'certificate-refused' }));
  }
  const { certificate } = proof;
  const features = await awaitFeatures(channel);
  if (!features.ok) return features;
  const mayDialback = partner.dialback !== undefined;
  let bidi = false;
  if (features.value.external && partner.external !== 'never') {
    // INVARIANT: stanzas come back only from a server that its certificate has proved (B1, B2).
    bidi = partner.bidi === true && features.value.bidi && certificate !== undefined;
    const authenticated = await authenticate(channel, localDomain, bidi ? printBidi(caller.advertised) : '');
    if (!authenticated.ok) return authenticated;
    if (authenticated.value === 'success') return went({ chain, version, certificate, bidi });
    const refusal = `the partner refused our EXTERNAL: ${authenticated.value.failure}`;
    if (!mayDialback) return ended(streamError('not-authorized', refusal));
  } else if (!mayDialback) {
    const note = 'the partner does not offer EXTERNAL: it may not trust our certificate';
    return ended(streamError('not-authorized', note));
  }
  const answered = await dialback(caller, channel, header.id ?? '');
  if (!answered.ok) return answered;
  return went({ chain, version, certificate, bidi, begun: { header, features: features.value } });
}

async function dialback(caller: Caller, channel: Channel, streamId: string): Promise<Step<undefined>> {
  const { localDomain, partner, keys, clock, times } = caller;
  channel.expect(clock.now() + times.dialback, 'the answer to dialback');
  const key = keys.keyFor(partner.domain, localDomain, streamId);
  return askDialback(channel, { localDomain, remoteDomain: partner.domain }, key);
}

async function askForTls(caller: Pick<Caller, 'localDomain' | 'partner'>, channel: Channel): Promise<Step<undefined>> {
  const plain = await openStream(caller, channel);
  if (!plain.ok) return plain;
  const offered = await awaitFeatures(channel);
  if (!offered.ok) return offered;
  if (!offered.value.startTls) return ended(streamError('policy-violation', 'the partner offers no TLS'));
  return requestStartTls(channel);
}

/** The stream behind the authentication, up to its features. Dialback goes on with the one that it was said on. */
export async function beginStream(
  caller: Caller,
  channel: Channel,
  { chain, version, certificate, bidi, begun }: Proved,
): Promise<Step<DialledStream>> {
  const limits = { firstLevelBytes: caller.advertised.maxBytes };
  if (begun !== undefined) {
    channel.setLimits(limits);
    return went(dialled(caller, channel, { chain, version, certificate, bidi, begun }));
  }
  channel.restart(limits);
  const header = await openStream(caller, channel);
  if (!header.ok) return header;
  const features = await awaitFeatures(channel);
  if (!features.ok) return features;
  const fresh = { header: header.value, features: features.value };
  return went(dialled(caller, channel, { chain, version, certificate, bidi, begun: fresh }));
}

function dialled(
  caller: Caller,
  channel: Channel,
  { chain, version, certificate, bidi, begun: { header, features } }: Required<Proved>,
): DialledStream {
  return {
    channel,
    chain,
    generation: caller.credentials.generation,
    limits: features.limits,
    streamManagement: features.streamManagement,
    facts: {
      id: header.id ?? '',
      direction: 'outbound',
      localDomain: caller.localDomain,
      remoteDomain: caller.partner.domain,
      remoteAddress: channel.remoteAddress,
      lang: header.lang,
      since: caller.clock.now(),
      tls: version,
      proof: certificate === undefined ? 'none' : 'certificate',
      certificate,
      bidi,
      managed: false,
      heardAt: caller.clock.now(),
      missedPings: 0,
      stanzasIn: 0,
      stanzasOut: 0,
    },
  };
}

/** Our header and the partner's answer: it must carry an id, and where it names the two domains, these two (H11). */
async function openStream(caller: Pick<Caller, 'localDomain' | 'partner'>, channel: Channel): Promise<Step<Header>> {
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
  const { requires } = features;
  if (requires !== undefined) {
    const note = `the partner requires ${plain(requires)}, which we do not have; have it made optional there`;
    return ended(streamError('unsupported-feature', note));
  }
  return went(features);
}

// A failure leaves the stream open for something else (RFC 6120 §6.4.5). `before` is said in the same breath.
async function authenticate(
  channel: Channel,
  localDomain: string,
  before: string,
): Promise<Step<'success' | { failure: string }>> {
  channel.write(before + printAuth(localDomain));
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
        return went({ failure: answer.condition });
      case 'success':
        if (!channel.isQuiet()) return ended({ kind: 'cut', note: 'bytes behind the success of SASL' });
        return went('success');
      default:
        answer satisfies never;
    }
  }
}
