// Whether the certificate that a peer showed proves its domain (RFC 6120 §13.7.2, RFC 9525; C1 to C14, H16).
import { checkPeer, matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { CertificateFacts } from './facts.ts';

export type Proof =
  | { readonly ok: true; readonly certificate: CertificateFacts }
  /** Completes the sentence "the certificate is …"; the other operator may read it as well (L11). */
  | { readonly ok: false; readonly reason: string };

/** Checks the chain (DER, leaf first) against the partner's own trust, and its name against the partner's domain. */
export async function provePeer(chain: readonly Uint8Array[], partner: Partner, now: Instant): Promise<Proof> {
  const checked = await checkPeer(chain, partner.trust, { now });
  if (!checked.ok) return { ok: false, reason: checked.reason };
  const match = matchDomain(checked.leaf, partner.domain);
  if (match === undefined) return { ok: false, reason: `not valid for ${partner.domain}` };
  const { sha256, notAfter, issuer } = checked.leaf;
  return { ok: true, certificate: { sha256, notAfter, issuer, matchedName: `${match.kind}:${match.name}` } };
}
