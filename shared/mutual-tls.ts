// The credentials of one end of the wall (mutual TLS 1.3 with a private CA): read, checked, and watched for change.
import { createHash } from 'node:crypto';
import { pemText, readOwnPair } from './certificates/own-certificate.ts';
import { findPath } from './certificates/path.ts';
import { type ReadCertificate, readCertificates, uriNamesOf } from './certificates/read-certificate.ts';
import { readRevocationLists } from './certificates/revocation.ts';
import { watchFiles } from './watch-files.ts';

export type LinkFiles = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly crlFile?: string | undefined;
};

/** PEM texts as `tls.createSecureContext` takes them, and a digest that changes when any of them does. */
export type LinkCredentials = {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly crl: string | undefined;
  readonly digest: string;
};

/**
 * Reads the files anew each time and checks that they fit each other: the key is the certificate's, the certificate is
 * valid today and issued by the CA, the revocation list is this CA's and not out of date. `read` throws an Error with
 * one line for the operator: the file, what is wrong, what to do.
 */
export function linkCredentials(files: LinkFiles): { readonly read: () => LinkCredentials } {
  return { read: () => readLink(files) };
}

/** The URI names (RFC 5280 §4.2.1.6) in a certificate given as DER; none where it cannot be read. */
export function uriNames(derCertificate: Uint8Array): readonly string[] {
  return uriNamesOf(derCertificate);
}

/** Calls `onChange` after the content of any of the files has changed; returns what ends it. */
export function watchLinkCredentials(
  files: LinkFiles,
  onChange: () => void,
  options: { readonly everyMs?: number } = {},
): () => void {
  return watchFiles(namesOf(files), onChange, options);
}

function readLink(files: LinkFiles): LinkCredentials {
  const { certFile, keyFile, caFile, crlFile } = files;
  const { cert, key, leaf, chain } = readOwnPair({ certFile, keyFile });
  const ca = pemText(caFile);
  const crl = crlFile === undefined ? undefined : pemText(crlFile);
  const anchors = readCertificates(ca);
  if (anchors.length === 0) throw new Error(`${caFile}: no certificate in it; write the CA certificate as PEM`);
  const lists = crlFile === undefined || crl === undefined ? [] : listsIn(crlFile, crl, caFile, anchors);
  const found = findPath(leaf, chain, anchors, { now: Date.now(), lists, mayBeClientOnly: true });
  if (!found.good) throw new Error(`${certFile}: the certificate is ${found.reason}; ${mendFor(found.reason, caFile)}`);
  return { cert, key, ca, crl, digest: digestOf([cert, key, ca, crl ?? '']) };
}

function listsIn(crlFile: string, crl: string, caFile: string, anchors: readonly ReadCertificate[]) {
  const lists = readRevocationLists(crl);
  if (lists === undefined) throw new Error(`${crlFile}: no revocation list in it; write it as PEM, "BEGIN X509 CRL"`);
  for (const list of lists) {
    if (!anchors.some((anchor) => list.issuerDer === anchor.subjectDer && list.isFrom(anchor))) {
      throw new Error(`${crlFile}: the revocation list is not from the CA in ${caFile}; put the list of that CA`);
    }
    if (list.nextUpdate !== undefined && list.nextUpdate < Date.now()) {
      const day = new Date(list.nextUpdate).toISOString().slice(0, 10);
      throw new Error(`${crlFile}: the revocation list expired on ${day}; have the CA issue a new one`);
    }
  }
  return lists;
}

function mendFor(reason: string, caFile: string): string {
  return reason === 'self-signed' || reason === 'issued by nobody we trust'
    ? `it must be issued by the CA in ${caFile}`
    : 'have it issued anew';
}

function namesOf(files: LinkFiles): readonly string[] {
  const { certFile, keyFile, caFile, crlFile } = files;
  return [certFile, keyFile, caFile, ...(crlFile === undefined ? [] : [crlFile])];
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length} `).update(text);
  return hash.digest('hex');
}
