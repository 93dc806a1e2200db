// Our own certificate towards partners, and the TLS that we speak with it (RFC 7590, RFC 9325; T5, T6).
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import { matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import {
  type CertificateFiles,
  type OwnCertificate,
  openOwnCertificate,
} from '@sallyport/shared/certificates/own-certificate.ts';
import type { PeerCertificate } from '@sallyport/shared/certificates/peer-certificate.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Partner, TlsVersion } from '@sallyport/shared/policy/policy.ts';

export type Credentials = {
  /** Counts the reloads that brought another certificate; a stream made with an older one is renewed (T12). */
  readonly generation: number;
  /** One context for both directions. It trusts nobody: the peer's certificate is judged by our own path check. */
  readonly context: SecureContext;
  /** The same for a partner whose entry narrows the versions (T13). */
  readonly contextFor: (versions: Partner['tls']) => SecureContext;
  readonly notAfter: Instant;
  readonly sha256: string;
  /** DER. */
  readonly leaf: Uint8Array;
};

/**
 * Our certificate towards partners, for our own `domains`. Throws with a sentence when its files cannot be used: a process
 * does not start without it.
 */
export function openCredentials(files: CertificateFiles, domains: readonly string[] = []): OwnCertificate<Credentials> {
  const carries = (leaf: PeerCertificate, domain: string) => matchDomain(leaf, domain) !== undefined;
  return openOwnCertificate(files, domains.map(toAsciiDomain), carries, ({ cert, key, leaf }, generation) => ({
    generation,
    ...contexts(cert, key),
    notAfter: leaf.peer.notAfter,
    sha256: leaf.x509.fingerprint256,
    leaf: leaf.x509.raw,
  }));
}

export const allVersions = { min: '1.2', max: '1.3' } as const;

// Made when they are first wanted; there are three at most.
function contexts(cert: string, key: string): Pick<Credentials, 'context' | 'contextFor'> {
  const made = new Map<string, SecureContext>();
  const contextFor = ({ min, max }: NonNullable<Partner['tls']> = allVersions): SecureContext => {
    const known = made.get(min + max);
    if (known !== undefined) return known;
    const context = tlsContext(cert, key, min, max);
    made.set(min + max, context);
    return context;
  };
  return { context: contextFor(), contextFor };
}

// TLS 1.2 needs ECDHE and AEAD; no renegotiation, and no tickets: a resumed session would carry an old verdict (T6).
function tlsContext(cert: string, key: string, min: TlsVersion, max: TlsVersion): SecureContext {
  return createSecureContext({
    cert,
    key,
    ca: [],
    minVersion: `TLSv${min}`,
    maxVersion: `TLSv${max}`,
    ciphers: [
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
    ].join(':'),
    honorCipherOrder: true,
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION |
      constants.SSL_OP_NO_TICKET |
      constants.SSL_OP_NO_COMPRESSION |
      constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
  });
}
