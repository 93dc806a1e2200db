// Decides whether a TLS peer's certificate is good and which name it proves (RFC 5280 §6, RFC 9525, RFC 6120 §13.7).
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { toAsciiDomain } from '../address/domain-name.ts';
import { parseDomain } from '../address/jid.ts';
import type { Instant } from '../clock.ts';
import { type Fault, findPath, LONGEST_PATH } from './path.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { LARGEST_CERTIFICATE, type ReadCertificate, readCertificate, readCertificates } from './read-certificate.ts';
import { type RevocationList, readRevocationLists } from './revocation.ts';

export type PeerCheck = { readonly ok: true; readonly leaf: PeerCertificate } | ({ readonly ok: false } & Fault);

export type PeerOptions = {
  readonly now: Instant;
  /** Revocation lists, PEM; each text may hold several. */
  readonly crls?: readonly string[];
  /** Refuse what no revocation list in date speaks for; else only what a list names is refused. */
  readonly crlRequired?: boolean;
  /** Take a leaf whose extended key usage is clientAuth alone. */
  readonly mayBeClientOnly?: boolean;
};

export type DomainMatch = { readonly kind: 'DNS' | 'SRV' | 'xmppAddr'; readonly name: string };

const REMEMBERED_FOR = 5 * 60_000;
const MOST_REMEMBERED = 1_000;
const MOST_TEXTS = 64;

/**
 * Validates what a peer presented, leaf first in DER, against the CAs in `trust` (PEM, each text may hold several).
 * Names are not looked at here: see matchDomain and matchHost. `reason` completes the sentence "the certificate is …".
 * Good results are remembered for five minutes at most, never past the validity of anything in the path.
 */
export async function checkPeer(
  chain: readonly Uint8Array[],
  trust: readonly string[],
  options: PeerOptions,
): Promise<PeerCheck> {
  const first = chain[0];
  if (first === undefined) return refused('missing');
  if (chain.length > LONGEST_PATH) return refused('followed by too many others');
  if (chain.some((der) => der.length > LARGEST_CERTIFICATE)) return refused('too large');
  const key = keyOf(chain, trust, options);
  const known = remembered.get(key);
  if (known !== undefined && known.from <= options.now && options.now < known.until) {
    return { ok: true, leaf: known.leaf };
  }

  const leaf = readCertificate(first);
  if (leaf === undefined) return refused('not readable');
  const lists = (options.crls ?? []).map(listsIn);
  // A list that we cannot read may be the one that names this peer.
  if (lists.includes(undefined)) {
    return { ok: false, reason: 'not checked: a revocation list cannot be read', unjudged: true };
  }
  const found = findPath(leaf, chain.slice(1).flatMap(readOne), trust.flatMap(certificatesIn), {
    now: options.now,
    lists: lists.flatMap((list) => list ?? []),
    listsRequired: options.crlRequired === true,
    mayBeClientOnly: options.mayBeClientOnly === true,
  });
  if (!found.good) {
    const { good: _, ...fault } = found;
    return { ok: false, ...fault };
  }
  const dues = lists.flatMap((list) => list ?? []).flatMap(({ nextUpdate }) => nextUpdate ?? []);
  const until = Math.min(
    options.now + REMEMBERED_FOR,
    ...found.path.map((each) => each.peer.notAfter),
    ...(options.crlRequired === true ? dues.filter((due) => due >= options.now) : []),
  );
  keepIn(remembered, MOST_REMEMBERED, key, { leaf: leaf.peer, from: options.now, until });
  return { ok: true, leaf: leaf.peer };
}

/**
 * The name in `leaf` that proves the XMPP domain `domain`, which is matched in A-label form: DNS-ID with a wildcard as the whole first
 * label only, SRV-ID of _xmpp-server, xmppAddr of a bare domain; never the common name (xmpp-boundary C4 to C10).
 */
export function matchDomain(leaf: PeerCertificate, domain: string): DomainMatch | undefined {
  const wanted = hostForm(toAsciiDomain(domain));
  if (wanted === undefined) return undefined;
  for (const { kind, name } of leaf.names) {
    if (kind === 'DNS' && dnsMatches(name, wanted, true)) return { kind, name };
  }
  for (const { kind, name } of leaf.names) {
    if (kind === 'SRV' && /^_xmpp-server\./i.test(name) && hostForm(name.slice(13)) === wanted) return { kind, name };
    if (kind === 'xmppAddr' && domainForm(name) === wanted) return { kind, name };
  }
  return undefined;
}

/**
 * Which of `names` (host names that we expect of a SIP peer) the certificate carries: DNS names first, the common name
 * only where the certificate has no subjectAltName at all; exact but for case (sip-dialect §2.1).
 */
export function matchHost(
  leaf: PeerCertificate,
  names: readonly string[],
  options: { readonly wildcard: boolean },
): string | undefined {
  const presented = leaf.hasSan
    ? leaf.names.flatMap(({ kind, name }) => (kind === 'DNS' ? [name] : []))
    : leaf.commonName === undefined
      ? []
      : [leaf.commonName];
  return names.find((name) => {
    const wanted = hostForm(name);
    return wanted !== undefined && presented.some((each) => dnsMatches(each, wanted, options.wildcard));
  });
}

/** What the peer of a TLS connection sent, leaf first, DER; empty where it sent none or anything too large. */
export function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && chain.length < LONGEST_PATH && !seen.has(next.fingerprint256)) {
    if (next.raw.length > LARGEST_CERTIFICATE) return [];
    seen.add(next.fingerprint256);
    chain.push(next.raw);
    next = next.issuerCertificate;
  }
  return chain;
}

function refused(reason: string): PeerCheck {
  return { ok: false, reason };
}

function dnsMatches(presented: string, wanted: string, wildcard: boolean): boolean {
  if (!presented.startsWith('*.')) return hostForm(presented) === wanted;
  const rest = hostForm(presented.slice(2));
  // INVARIANT: a wildcard stands for one label, and never directly above a top-level domain.
  return wildcard && rest?.includes('.') === true && wanted.slice(wanted.indexOf('.') + 1) === rest;
}

/** A host name of letters, digits and hyphens in lower case without the final dot; undefined for anything else. */
function hostForm(name: string): string | undefined {
  const lower = name.toLowerCase().replace(/\.$/, '');
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(lower) ? lower : undefined;
}

/** A domain of an XMPP address, prepared as such (C9) and in A-label form. */
function domainForm(name: string): string | undefined {
  const domain = parseDomain(name);
  return domain === undefined ? undefined : toAsciiDomain(domain);
}

// What follows is memory. It is bounded, and only good results and parsed texts of our own files are in it.

type Remembered = { readonly leaf: PeerCertificate; readonly from: Instant; readonly until: Instant };

const remembered = new Map<string, Remembered>();
const trusted = new Map<string, readonly ReadCertificate[]>();
const revoking = new Map<string, readonly RevocationList[] | undefined>();

function keyOf(chain: readonly Uint8Array[], trust: readonly string[], options: PeerOptions): string {
  const hash = createHash('sha256');
  for (const part of [...chain, 'trust', ...trust, 'crls', ...(options.crls ?? [])]) {
    hash.update(`${part.length} `).update(part);
  }
  hash.update(options.crlRequired === true ? 'required' : '');
  return hash.update(options.mayBeClientOnly === true ? 'client' : '').digest('hex');
}

function certificatesIn(pem: string): readonly ReadCertificate[] {
  const known = trusted.get(pem);
  if (known !== undefined) return known;
  return keepIn(trusted, MOST_TEXTS, pem, readCertificates(pem));
}

function readOne(der: Uint8Array): readonly ReadCertificate[] {
  const read = readCertificate(der);
  return read === undefined ? [] : [read];
}

function listsIn(pem: string): readonly RevocationList[] | undefined {
  return revoking.get(pem) ?? keepIn(revoking, MOST_TEXTS, pem, readRevocationLists(pem));
}

/** Puts a value into a map that never holds more than `most`: the oldest goes. */
function keepIn<V>(map: Map<string, V>, most: number, key: string, value: V): V {
  for (const oldest of map.keys()) {
    if (map.size < most) break;
    map.delete(oldest);
  }
  map.set(key, value);
  return value;
}
