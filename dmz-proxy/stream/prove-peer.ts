// Whether the certificate that a peer showed proves its domain (RFC 6120 §13.7.2, RFC 9525; C1 to C14, H16, T14, T15).
import { hash, X509Certificate } from 'node:crypto';
import { checkPeer, matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import type { Fault } from '@sallyport/shared/certificates/path.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { allVersions } from '../tls/credentials.ts';
import type { CertificateFacts } from './facts.ts';

export type Proof =
  | { readonly ok: true; readonly certificate: CertificateFacts }
  /** The other operator may read the reason as well (L11). */
  | ({ readonly ok: false } & Fault);

/**
 * Checks the chain (DER, leaf first) against the partner's own trust, revocation lists and pins, and its name against the
 * partner's domain. With `pinsOnly` the pinned certificate stands for a CA: it is then a path of one, held to everything
 * else that a certificate is held to.
 */
export async function provePeer(chain: readonly Uint8Array[], partner: Partner, now: Instant): Promise<Proof> {
  const { pins, pinsOnly, crl } = partner;
  const leaf = chain[0];
  if (pins !== undefined && leaf !== undefined && !pins.includes(pinOf(leaf) ?? '')) {
    return { ok: false, reason: 'made for another key than the one agreed' };
  }
  const checked =
    pinsOnly === true && pins !== undefined && leaf !== undefined
      ? await checkPeer([leaf], [new X509Certificate(leaf).toString()], { now })
      : await checkPeer(chain, partner.trust, {
          now,
          ...(crl === undefined ? {} : { crls: crl.lists, crlRequired: crl.required }),
        });
  if (!checked.ok) return checked;
  const match = matchDomain(checked.leaf, partner.domain);
  if (match === undefined) return { ok: false, reason: `not valid for ${partner.domain}` };
  const { sha256, notAfter, issuer } = checked.leaf;
  return { ok: true, certificate: { sha256, notAfter, issuer, matchedName: `${match.kind}:${match.name}` } };
}

/** Whether the entry says what a certificate is held to. Where dialback alone is agreed it may say nothing. */
export function mayBeProved({ trust, pinsOnly }: Partner): boolean {
  return trust.length > 0 || pinsOnly === true;
}

/**
 * The same for a server that we dial. Where the entry names nobody to trust, dialback is agreed (the policy is refused
 * otherwise): with `tls+same-cert` the certificate must at least be in date and name the domain, with `tls-only` any will
 * do, and then it proves nothing.
 */
export async function proveServer(
  chain: readonly Uint8Array[],
  partner: Partner,
  now: Instant,
): Promise<{ readonly ok: true; readonly certificate: CertificateFacts | undefined } | Extract<Proof, { ok: false }>> {
  if (mayBeProved(partner)) return provePeer(chain, partner, now);
  if (partner.dialback === 'tls-only') return { ok: true, certificate: undefined };
  const named = await proveByItself(chain, partner, now);
  return named.ok ? { ok: true, certificate: undefined } : named;
}

/** Whether a certificate that no CA speaks for is in date, of a good key, and names the domain of the partner (XEP-0344). */
export async function proveByItself(chain: readonly Uint8Array[], partner: Partner, now: Instant): Promise<Proof> {
  const [leaf] = chain;
  const pin = leaf === undefined ? undefined : pinOf(leaf);
  if (pin === undefined) return { ok: false, reason: 'missing' };
  return provePeer(chain, { ...partner, pins: [pin], pinsOnly: true }, now);
}

/**
 * What is wrong with the TLS version (as Node names it) that a partner dialled us with, as a sentence; undefined where it
 * is one of those agreed. Only a header tells whose terms count, so this is asked after the handshake (T13).
 */
export function versionFault(version: string, { tls = allVersions }: Partner): string | undefined {
  const spoken = version.replace(/^TLSv/, '');
  if (spoken >= tls.min && spoken <= tls.max) return undefined;
  return `TLS ${spoken} is not agreed between us; ${tls.min === tls.max ? tls.min : `${tls.min} to ${tls.max}`} is`;
}

/** SHA-256 of the public key (SubjectPublicKeyInfo, DER), in hex; undefined where there is none that we can read. */
function pinOf(leaf: Uint8Array): string | undefined {
  try {
    return hash('sha256', new X509Certificate(leaf).publicKey.export({ type: 'spki', format: 'der' }));
  } catch {
    return undefined;
  }
}
