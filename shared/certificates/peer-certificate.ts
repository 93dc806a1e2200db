// What a certificate of a peer says, as far as the product asks (RFC 5280 §4.1, §4.2.1.6).
import type { Instant } from '../clock.ts';

export type PeerName = { readonly kind: 'DNS' | 'SRV' | 'xmppAddr' | 'URI' | 'IP'; readonly name: string };

/** What a certificate says. Names are from subjectAltName, read from DER, the first 100 of them (xmpp-boundary C5, C11). */
export type PeerCertificate = {
  /** Hex of the SHA-256 of the DER. */
  readonly sha256: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly issuer: string;
  readonly subject: string;
  readonly commonName: string | undefined;
  readonly hasSan: boolean;
  readonly names: readonly PeerName[];
};
