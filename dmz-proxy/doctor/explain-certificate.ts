// Does its certificate prove the domain? All that is wrong at once, where a stream stops at the first fault: pins, dates,
// chain and its order, use, revocation, names (RFC 5280 §6, RFC 6120 §13.7; xmpp-boundary C1 to C14, T14, T15).
import { createHash, X509Certificate } from 'node:crypto';
import { matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import type { PeerCertificate } from '@sallyport/shared/certificates/peer-certificate.ts';
import { type ReadCertificate, readCertificate } from '@sallyport/shared/certificates/read-certificate.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { mayBeProved, provePeer } from '../stream/prove-peer.ts';
import { dayOf, lackOfClientAuth, soonMs, spanOf } from './certificate-words.ts';
import { type FindingCode, found } from './findings.ts';

export type Shown = {
  /** DER, leaf first, linked by who issued whom. */
  readonly chain: readonly Uint8Array[];
  /** DER as they were sent, where that was visible. */
  readonly sent: readonly Uint8Array[] | undefined;
};

/** A certificate that begins to be valid within so long speaks of a clock rather than of a date. */
const skewAtMostMs = 48 * 3_600_000;

/** `believed`: a stream with this certificate passes our check, in either direction. */
export async function explainCertificate(
  { chain, sent }: Shown,
  partner: Partner,
  now: Instant,
): Promise<{ readonly believed: boolean; readonly findings: readonly Finding[] }> {
  const first = chain[0];
  if (first === undefined) return { believed: false, findings: [found('certificate-missing', 'shows no certificate')] };
  const leaf = readCertificate(first);
  if (leaf === undefined) {
    return { believed: false, findings: [found('chain-faulty', 'the certificate cannot be read')] };
  }
  if (!mayBeProved(partner)) {
    // No CA is named, so dialback is agreed: any certificate will do, or one that names the domain by itself (XEP-0344).
    if (partner.dialback !== 'tls+same-cert') {
      const says = 'our entry asks for dialback alone: any certificate will do';
      return { believed: false, findings: [found('certificate-not-asked', says)] };
    }
    return explainCertificate({ chain, sent }, { ...partner, pins: [pinOf(first)], pinsOnly: true }, now);
  }
  const proof = await provePeer(chain, partner, now);
  const { peer } = leaf;
  const faults = [...faultsOfDates(peer, now), ...faultsOfNames(peer, partner.domain), ...faultsOfPins(first, partner)];
  // The chain is judged at a moment when the certificate itself is in date and the names do not count.
  const inDate = Math.min(Math.max(now, peer.notBefore), peer.notAfter);
  const chainProof = await provePeer(
    chain,
    { ...withoutPins(partner), domain: nameIn(peer) ?? partner.domain },
    inDate,
  );
  if (!chainProof.ok && !faultIsTold(chainProof.reason, faults))
    faults.push(faultOfChain(chainProof.reason, chain, leaf));
  if (!proof.ok && faults.length === 0) faults.push(found('chain-faulty', `the certificate is ${proof.reason}`));
  return {
    believed: proof.ok,
    findings: [...(proof.ok ? [praise(proof.certificate.matchedName, peer)] : faults), ...notesOf(leaf, sent, now)],
  };
}

function praise(matchedName: string, { issuer, notAfter }: PeerCertificate): Finding {
  return found('certificate-good', `${matchedName}, by ${nameOfIssuer(issuer)}, until ${dayOf(notAfter)}`);
}

function faultsOfDates({ notBefore, notAfter }: PeerCertificate, now: Instant): Finding[] {
  if (now > notAfter) {
    return [
      found('certificate-expired', `the certificate expired on ${dayOf(notAfter)}, ${spanOf(now - notAfter)} ago`),
    ];
  }
  if (now >= notBefore) return [];
  const ahead = spanOf(notBefore - now);
  if (notBefore - now > skewAtMostMs) {
    return [found('certificate-not-yet-valid', `the certificate is valid from ${dayOf(notBefore)} on, in ${ahead}`)];
  }
  const [theirs, ours] = [new Date(notBefore), new Date(now)].map((date) => date.toISOString().slice(0, 19));
  return [found('clock-doubtful', `the certificate begins at ${theirs}Z, our clock says ${ours}Z: ${ahead} too early`)];
}

function faultsOfNames(peer: PeerCertificate, domain: string): Finding[] {
  if (matchDomain(peer, domain) !== undefined) return [];
  const names = peer.names.map(({ kind, name }) => `${kind}:${name}`);
  if (names.length === 0) {
    const commonName = peer.commonName === undefined ? '' : `, only the common name ${peer.commonName}`;
    return [found('no-name', `the certificate has no name that counts${commonName}`)];
  }
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return [found('wrong-name', `the certificate is for ${names.slice(0, 5).join(', ')}${more}, not for ${domain}`)];
}

function faultsOfPins(leaf: Uint8Array, { pins }: Partner): Finding[] {
  if (pins === undefined) return [];
  const pin = pinOf(leaf);
  return pins.includes(pin) ? [] : [found('pin-mismatch', `the key is ${pin}, which is not among our pins`)];
}

/** Our reasons (provePeer) as codes; the first that fits. What fits none is told in the words of the check itself. */
const reasons: readonly (readonly [RegExp, FindingCode])[] = [
  [/^its CA is (expired|not yet valid)/, 'chain-expired'],
  [/revocation list (in date|cannot)/, 'revocation-unknown'],
  [/revoked/, 'revoked'],
  [/^self-signed$/, 'self-signed'],
  [/too weak/, 'key-weak'],
  [/^not valid for this use$/, 'client-only'],
];

function faultOfChain(reason: string, chain: readonly Uint8Array[], leaf: ReadCertificate): Finding {
  const code = reasons.find(([pattern]) => pattern.test(reason))?.[1];
  const words = reason.startsWith('its CA ') ? reason : `the certificate is ${reason}`;
  if (code !== undefined) return found(code, words);
  if (reason !== 'issued by nobody we trust') return found('chain-faulty', words);
  const top = readCertificate(chain.at(-1) ?? new Uint8Array());
  const issuer = nameOfIssuer((top ?? leaf).peer.issuer);
  if (chain.length === 1) {
    return found(
      'chain-incomplete',
      `the certificate comes alone; it was issued by ${issuer}, which our entry does not name`,
    );
  }
  return found('issuer-not-trusted', `the chain ends at ${issuer}, which our entry does not trust`);
}

const outOfDate: ReadonlySet<string> = new Set(['certificate-expired', 'certificate-not-yet-valid', 'clock-doubtful']);

function faultIsTold(reason: string, told: readonly Finding[]): boolean {
  const codes = told.map(({ code }) => code);
  if (/^not valid for [^t]/.test(reason)) return codes.includes('wrong-name') || codes.includes('no-name');
  // Where its own date is told, the moment that the chain was judged at may be out of date for its CA.
  const dated = codes.some((code) => outOfDate.has(code));
  return /^(its CA is )?(expired|not yet valid)/.test(reason) && dated;
}

function* notesOf(leaf: ReadCertificate, sent: readonly Uint8Array[] | undefined, now: Instant): Generator<Finding> {
  const { notAfter } = leaf.peer;
  if (now <= notAfter && notAfter - now < soonMs) {
    yield found(
      'certificate-expires-soon',
      `the certificate expires on ${dayOf(notAfter)}, in ${spanOf(notAfter - now)}`,
    );
  }
  if (sent !== undefined && !isOrdered(sent)) {
    const order = sent.map((der) => nameOfIssuer(readCertificate(der)?.peer.subject ?? '?')).join(' / ');
    yield found('chain-unordered', `the certificates come in this order: ${order}`);
  }
  const lack = lackOfClientAuth(leaf);
  if (lack !== undefined) yield found('no-client-auth', lack);
}

function isOrdered(sent: readonly Uint8Array[]): boolean {
  const read = sent.map(readCertificate);
  return read.every((each, i) => {
    const next = read[i + 1];
    return each !== undefined && (i + 1 >= read.length || (next !== undefined && each.issuerDer === next.subjectDer));
  });
}

function withoutPins(partner: Partner): Partner {
  if (partner.pinsOnly === true) return partner;
  const { pins: _, ...rest } = partner;
  return rest;
}

/** A domain that the certificate does prove, so that its chain can be judged apart from its names. */
function nameIn({ names }: PeerCertificate): string | undefined {
  return names.find(({ kind, name }) => kind === 'DNS' && !name.startsWith('*.'))?.name;
}

function pinOf(leaf: Uint8Array): string {
  const key = new X509Certificate(leaf).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}

/** The part of a distinguished name by which people know it. */
function nameOfIssuer(name: string): string {
  return /(?:^|, )CN=([^,]+)/.exec(name)?.[1] ?? name;
}
