// Certificate revocation lists (RFC 5280 §5): which certificates their CA has taken back.
import * as pkijs from 'pkijs';
import type { Instant } from '../clock.ts';
import type { ReadCertificate } from './read-certificate.ts';
import { signedBy } from './signature-algorithm.ts';

/** One list, read once: whose it is and what it takes back. */
export type RevocationList = {
  readonly issuerDer: string;
  readonly serials: ReadonlySet<string>;
  /** When the next list was due; undefined where the list does not say. */
  readonly nextUpdate: Instant | undefined;
  readonly isFrom: (issuer: ReadCertificate) => boolean;
};

const PEM = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;

/** The lists in a PEM text; undefined where there is none or one of them cannot be read. */
export function readRevocationLists(pem: string): readonly RevocationList[] | undefined {
  try {
    const lists = [...pem.matchAll(PEM)].map((match) => readList(Buffer.from(match[1] ?? '', 'base64')));
    return lists.length === 0 ? undefined : lists;
  } catch {
    return undefined;
  }
}

/**
 * Whether `issuer` has taken `certificate` back in any of these lists. A list that is out of date still counts for
 * what it names; it refuses nobody else, or one late list would cut every partner off (but see isCovered).
 */
export function isRevoked(
  certificate: ReadCertificate,
  issuer: ReadCertificate,
  lists: readonly RevocationList[],
): boolean {
  return lists.some(
    (list) => list.issuerDer === certificate.issuerDer && list.serials.has(certificate.serial) && list.isFrom(issuer),
  );
}

/** Whether one of the lists is from `issuer` and in date; a list that does not say until when is. */
export function isCovered(
  certificate: ReadCertificate,
  issuer: ReadCertificate,
  lists: readonly RevocationList[],
  now: Instant,
): boolean {
  return lists.some(
    ({ issuerDer, nextUpdate = Number.POSITIVE_INFINITY, isFrom }) =>
      issuerDer === certificate.issuerDer && now <= nextUpdate && isFrom(issuer),
  );
}

function readList(der: Uint8Array): RevocationList {
  const list = pkijs.CertificateRevocationList.fromBER(der);
  const serials = (list.revokedCertificates ?? []).map((each) =>
    Buffer.from(each.userCertificate.valueBlock.valueHexView).toString('hex'),
  );
  return {
    issuerDer: Buffer.from(list.issuer.valueBeforeDecode).toString('hex'),
    serials: new Set(serials),
    nextUpdate: list.nextUpdate?.value.getTime(),
    isFrom: (issuer) =>
      issuer.keyUsage?.crlSign !== false &&
      signedBy(
        issuer.x509.publicKey,
        list.signatureAlgorithm,
        list.tbsView,
        list.signatureValue.valueBlock.valueHexView,
      ),
  };
}
