// Certification path building and validation (RFC 5280 §6, RFC 4158): from a leaf to somebody we trust.
import type { Instant } from '../clock.ts';
import { isWithin } from './name-constraints.ts';
import type { ReadCertificate } from './read-certificate.ts';
import { isCovered, isRevoked, type RevocationList } from './revocation.ts';

export type PathConditions = {
  readonly now: Instant;
  readonly lists: readonly RevocationList[];
  /** A certificate whose issuer has no list in date is refused; the anchor needs none. */
  readonly listsRequired?: boolean;
  readonly mayBeClientOnly: boolean;
};
export type PathResult =
  | { readonly good: true; readonly path: readonly ReadCertificate[] }
  | ({ readonly good: false } & Fault);

export type Fault = {
  /** Completes the sentence "the certificate is …". */
  readonly reason: string;
  /** It may be good: what we have of our own does not suffice to say so. */
  readonly unjudged?: true;
};

/** The longest path, leaf and anchor included (xmpp-boundary C11). */
export const LONGEST_PATH = 10;
/** Signatures tried for one peer. Cross-signed certificates could otherwise be arranged to cost without end. */
const MOST_SIGNATURES = 64;

const ANY_USAGE = '2.5.29.37.0';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * The first good path from `leaf` over `extras` (what the peer sent) to one of `anchors`. A certificate that is itself
 * an anchor is a path of one: that is how a self-signed partner is pinned. Where no path is good, the reason is that of
 * the first one that reached an anchor.
 */
export function findPath(
  leaf: ReadCertificate,
  extras: readonly ReadCertificate[],
  anchors: readonly ReadCertificate[],
  conditions: PathConditions,
): PathResult {
  let first: Fault | undefined;
  for (const path of pathsFrom([leaf], { extras, anchors, signaturesLeft: MOST_SIGNATURES })) {
    const fault = faultOf(path, conditions);
    if (fault === undefined) return { good: true, path };
    first ??= fault;
  }
  const selfSigned = leaf.issuerDer === leaf.subjectDer && isIssuedBy(leaf, leaf);
  return { good: false, ...(first ?? { reason: selfSigned ? 'self-signed' : 'issued by nobody we trust' }) };
}

type Search = {
  readonly extras: readonly ReadCertificate[];
  readonly anchors: readonly ReadCertificate[];
  signaturesLeft: number;
};

/** Every path to an anchor, depth first, anchors before what the peer sent. */
function* pathsFrom(path: readonly ReadCertificate[], search: Search): Generator<readonly ReadCertificate[]> {
  const last = path.at(-1);
  if (last === undefined) return;
  if (search.anchors.some((anchor) => isSame(anchor, last))) yield path;
  if (path.length >= LONGEST_PATH) return;
  for (const anchor of search.anchors) {
    if (!isSame(anchor, last) && spendsOn(last, anchor, search)) yield [...path, anchor];
  }
  for (const extra of search.extras) {
    if (path.some((each) => isSame(each, extra)) || !spendsOn(last, extra, search)) continue;
    yield* pathsFrom([...path, extra], search);
  }
}

/** As isIssuedBy, for as long as there is anything left to spend. */
function spendsOn(subject: ReadCertificate, issuer: ReadCertificate, search: Search): boolean {
  if (!namesMatch(subject, issuer) || search.signaturesLeft === 0) return false;
  search.signaturesLeft -= 1;
  return isIssuedBy(subject, issuer);
}

function namesMatch(subject: ReadCertificate, issuer: ReadCertificate): boolean {
  return subject.issuerDer === issuer.subjectDer || subject.x509.checkIssued(issuer.x509);
}

function isIssuedBy(subject: ReadCertificate, issuer: ReadCertificate): boolean {
  try {
    return subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return false;
  }
}

function isSame(one: ReadCertificate, other: ReadCertificate): boolean {
  return one.peer.sha256 === other.peer.sha256;
}

/** What is wrong with a path whose signatures hold, in words for an operator; undefined where nothing is. */
function faultOf(path: readonly ReadCertificate[], conditions: PathConditions): Fault | undefined {
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    const whose = index === 0 ? '' : 'its CA is ';
    const fault =
      faultInTime(certificate, conditions.now) ??
      faultInStrength(certificate, issuer === undefined) ??
      (certificate.hasUnknownCritical ? 'marked with a critical extension that we do not know' : undefined) ??
      (issuer !== undefined && isRevoked(certificate, issuer, conditions.lists) ? 'revoked' : undefined) ??
      (index === 0 ? undefined : faultInCa(certificate, path.slice(0, index))) ??
      (index > 0 && issuer === undefined ? undefined : faultInUsage(certificate, conditions.mayBeClientOnly));
    if (fault !== undefined) return { reason: `${whose}${fault}` };
  }
  return conditions.listsRequired === true ? faultInCoverage(path, conditions) : undefined;
}

function faultInTime(certificate: ReadCertificate, now: Instant): string | undefined {
  const { notBefore, notAfter } = certificate.peer;
  if (now < notBefore) return `not yet valid (from ${dayOf(notBefore)})`;
  if (now > notAfter) return `expired on ${dayOf(notAfter)}`;
  return undefined;
}

// Last of all: a certificate that is bad in any other way is no case for a list.
function faultInCoverage(path: readonly ReadCertificate[], { lists, now }: PathConditions): Fault | undefined {
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    if (issuer === undefined || isCovered(certificate, issuer, lists, now)) continue;
    const whose = index === 0 ? '' : 'its CA is ';
    return { reason: `${whose}not spoken for by a revocation list in date`, unjudged: true };
  }
  return undefined;
}

/** The signature of an anchor is nobody's proof, so it may be old (every public root was SHA-1 once). */
function faultInStrength(certificate: ReadCertificate, isAnchor: boolean): string | undefined {
  if (!certificate.keyIsStrong) return 'too weak a key';
  if (!isAnchor && !certificate.signatureIsStrong) return 'signed with too weak an algorithm';
  return undefined;
}

/** CA:TRUE, keyCertSign, pathLen and name constraints over everything `below` it. */
function faultInCa(certificate: ReadCertificate, below: readonly ReadCertificate[]): string | undefined {
  if (!certificate.isCa) return 'not a CA';
  if (certificate.keyUsage?.certSign === false) return 'not a CA that may sign certificates';
  const cas = below.slice(1).filter((each) => each.issuerDer !== each.subjectDer).length;
  if (certificate.pathLength !== undefined && cas > certificate.pathLength) return 'above more CAs than it may be';
  const constraints = certificate.nameConstraints;
  if (constraints === undefined) return undefined;
  const outside = below.some(
    (each, index) => (index === 0 || each.issuerDer !== each.subjectDer) && !isWithin(constraints, each),
  );
  return outside ? 'not allowed to issue for these names' : undefined;
}

/** Extended key usage: absent, any or serverAuth is good in both directions; clientAuth alone where it is allowed. */
function faultInUsage(certificate: ReadCertificate, mayBeClientOnly: boolean): string | undefined {
  const usages = certificate.usages;
  if (usages === undefined || usages.includes(ANY_USAGE) || usages.includes(SERVER_AUTH)) return undefined;
  return mayBeClientOnly && usages.includes(CLIENT_AUTH) ? undefined : 'not valid for this use';
}

function dayOf(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 10);
}
