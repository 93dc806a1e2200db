// The negotiation with a partner that dialled us, top to bottom: header, TLS, header, then SASL EXTERNAL and a header, or
// dialback (RFC 6120 §4 to §6, XEP-0220).
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { printAnswer } from '../sasl/external.ts';
import type { ProxySettings } from '../settings.ts';
import type { Credentials } from '../tls/credentials.ts';
import { shakeAsServer } from '../tls/handshake.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import { acceptAuthentication } from './accept-authentication.ts';
import { acceptHeader, type Greeting } from './accept-header.ts';
import { bytesBeforeAuthentication, type Channel } from './channel.ts';
import { ended, type Step, streamError, went } from './ending.ts';
import type { CertificateFacts, StreamFacts } from './facts.ts';
import { featuresAfterAuthentication, featuresBeforeAuthentication, featuresBeforeTls } from './features.ts';
import { printHeader } from './header.ts';
import { createInboundDialback, type DialbackWorld, type InboundDialback } from './inbound-dialback.ts';
import { mayBeProved, type Proof, provePeer, versionFault } from './prove-peer.ts';
import { awaitStartTls, secure, startTlsFailure } from './start-tls.ts';
import type { StreamLimits } from './stream-limits.ts';
import { sameTrust } from './supervise-stream.ts';
import { advertisedLimits, type Times } from './times.ts';

export type NegotiationWorld = DialbackWorld & {
  readonly settings: ProxySettings;
  readonly credentials: CredentialsOf;
  readonly times: Times;
  /** Whether one more handshake can be paid for now. */
  readonly mayShake: () => boolean;
};

/** What both sides know when the stream is ready for stanzas. */
export type Negotiated = {
  readonly id: string;
  readonly localDomain: string;
  readonly remoteDomain: string;
  readonly lang: string;
  readonly partner: Partner;
  readonly chain: readonly Uint8Array[];
  /** Such as `TLSv1.3`. */
  readonly tls: string;
  /** Where it proved the partner; else dialback did. */
  readonly certificate: CertificateFacts | undefined;
  /** Which of our certificates the peer has seen: the one of this name, and its generation. */
  readonly shown: { readonly domain: string; readonly generation: number };
  /** For further pairs on the same stream, and for those who ask about our keys. */
  readonly dialback: InboundDialback | undefined;
  /** Tells the peer that it is proved, where it does not know yet. */
  readonly tell: (may: boolean) => void;
  /** The stream carries our stanzas of this pair too (XEP-0288), under these limits of the peer. */
  readonly bidi: Partial<StreamLimits> | undefined;
};

type Caller = {
  readonly start: Instant;
  readonly greeted: (greeting: Greeting) => void;
  readonly pairs: () => readonly StreamFacts[];
};

/** `greeted` hears of each header; `start` is when the connection was accepted; `pairs` are those that it carries. */
export async function negotiateInbound(
  channel: Channel,
  transport: 'starttls' | 'direct-tls',
  world: NegotiationWorld,
  { start, greeted, pairs }: Caller,
): Promise<Step<Negotiated>> {
  const { settings, clock, times } = world;
  let shown = { domain: '', generation: 0 };
  const show = (domain: string): Credentials => {
    const credentials = world.credentials(domain);
    shown = { domain, generation: credentials.generation };
    return credentials;
  };
  let wanted = '';
  if (transport === 'starttls') {
    const plain = await openStream(false);
    if (!plain.ok) return plain;
    wanted = plain.value.localDomain;
    channel.write(featuresBeforeTls());
    const asked = await awaitStartTls(channel);
    if (!asked.ok) return asked;
    if (!world.mayShake()) {
      channel.write(startTlsFailure);
      return ended({ kind: 'closed', by: 'us', note: 'too many TLS handshakes at the moment' });
    }
    channel.write('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  }
  const secured = await secure(channel, (raw) => shakeAsServer(raw, show, wanted, times.handshake));
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
  const nothing: Proof = { ok: false, reason: 'not asked for' };
  const proof = mayBeProved(partner) ? await provePeer(chain, partner, clock.now()) : nothing;
  const mayDialback = partner.dialback !== undefined;
  // For want of a revocation list, which is not the peer's fault: it hears so when it tries, and may try again (A11).
  const unjudged = !proof.ok && proof.unjudged === true && !mayDialback ? proof.reason : undefined;
  if (!proof.ok && !mayDialback && unjudged === undefined) {
    const text = `Your server's certificate is ${proof.reason}`;
    return ended(
      streamError('not-authorized', `the certificate is ${proof.reason}`, { text, refusal: 'certificate-refused' }),
    );
  }
  const advertised = advertisedLimits(settings.limits);
  const external = (proof.ok || unjudged !== undefined) && partner.external !== 'never';
  // INVARIANT: our stanzas go only to a peer that its certificate has proved.
  const mayBidi = external && proof.ok && partner.bidi === true;
  const common = { partner, chain, tls: version, shown };
  const dialback = dialbackOf(known.value.id);
  channel.write(featuresBeforeAuthentication(advertised, { external, dialback: mayDialback, bidi: mayBidi }));
  const stillProved = (): boolean =>
    proof.ok &&
    sameTrust(partner, world.policy().partners.get(remoteDomain)) &&
    clock.now() < proof.certificate.notAfter;
  const accepted = await acceptAuthentication(channel, {
    ...{ external, domain: remoteDomain, unjudged },
    ...{ stillProved, dialback },
  });
  if (!accepted.ok) return accepted;
  if (accepted.value.by === 'dialback') {
    channel.setLimits({ firstLevelBytes: advertised.maxBytes });
    const { pair, tell } = accepted.value;
    return went({ ...common, ...pair, id: known.value.id, lang: known.value.lang, dialback, tell, bidi: undefined });
  }
  channel.restart({ firstLevelBytes: advertised.maxBytes });
  channel.write(printAnswer({ kind: 'success' }));

  const again = await openStream(true);
  if (!again.ok) return again;
  const { id, lang } = again.value;
  if (again.value.localDomain !== localDomain || again.value.remoteDomain !== remoteDomain) {
    return ended(streamError('improper-addressing', 'the addresses changed with the restart'));
  }
  channel.write(featuresAfterAuthentication(advertised));
  const certificate = proof.ok ? proof.certificate : undefined;
  return went({
    ...common,
    id,
    lang,
    localDomain,
    remoteDomain,
    certificate,
    dialback: dialbackOf(id),
    tell: () => {},
    // Who asks without an offer gets none: asking alone is no mistake (B3).
    bidi: mayBidi ? accepted.value.bidi : undefined,
  });

  // What dialback says is bound to the id of one stream; a restarted one is another.
  function dialbackOf(id: string): InboundDialback | undefined {
    return mayDialback ? createInboundDialback(channel, { id, chain, tls: version }, world, pairs) : undefined;
  }

  /** The peer's header and ours. Only after TLS do its addresses bind (H12). */
  async function openStream(bound: boolean): Promise<Step<Greeting>> {
    const { greeting, step } = await acceptHeader(channel, settings, world.policy(), bound);
    greeted(greeting);
    channel.expect(start + times.negotiation, 'the negotiation');
    if (!step.ok) return step;
    const { id, localDomain, remoteDomain } = step.value;
    channel.open(printHeader({ from: localDomain, id, ...(remoteDomain === undefined ? {} : { to: remoteDomain }) }));
    return step;
  }
}
