// Loads one revision of the policy from its folder: read, check, compile; whole or not at all (architecture §8).
import { hash, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { readRevocationLists } from '../certificates/revocation.ts';
import { checkFile, checkFileIfThere } from './check-file.ts';
import { loadContent } from './load-content.ts';
import { compileMayTalk } from './may-talk.ts';
import { operatorsFile } from './operators.ts';
import type { Partner, Policy, TlsVersion } from './policy.ts';
import { type PolicyFiles, readPolicyFiles, revisionOf } from './policy-files.ts';
import { type PartnerEntry, partnersFile, portOf } from './policy-schema.ts';
import { compileRates, limitsFile, type RateEntry } from './rate-schema.ts';
import { compileVocabulary } from './vocabulary.ts';

/** Which copy of a policy this is: the proxy's lacks the words of lists that say `where: inside`. */
export type Side = 'inside' | 'dmz';

export type PolicyLoaded =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly string[] };

export type LoadTerms = {
  /** The key of lists of hashes, at least 32 bytes; a policy that has such a list is refused without it. */
  readonly contentKey?: Uint8Array;
};

/** Loads the policy, or tells all that is wrong with it, one line each: `file:line: key: what; write … instead`. */
export function loadPolicy(folder: string, side: Side, terms: LoadTerms = {}): PolicyLoaded {
  return compilePolicy(folder, side, readPolicyFiles(folder), terms);
}

/** The same from files that were read; `folder` is what they are called by in problems. */
export function compilePolicy(
  folder: string,
  side: Side,
  read: PolicyFiles,
  { contentKey }: LoadTerms = {},
): PolicyLoaded {
  const problems = [...read.problems];
  const from = { folder, read, problems };
  const partners = checkFile(from, 'partners.yaml', partnersFile);
  const limits = checkFileIfThere(from, 'limits.yaml', limitsFile);
  const operators = checkFileIfThere(from, 'operators.yaml', operatorsFile);
  const compiledPartners = compilePartners(folder, partners?.partners ?? [], limits?.rates, side, read, problems);
  const content = loadContent(from, side, new Set(compiledPartners.keys()), contentKey);
  if (problems.length > 0 || content === undefined) return { ok: false, problems };
  return {
    ok: true,
    policy: {
      revision: revisionOf(read),
      partners: compiledPartners,
      ...content,
      ...(operators === undefined ? {} : { operators }),
      ...(contentKey === undefined ? {} : { keyed: hash('sha256', contentKey) }),
      revocation: hash('sha256', [...compiledPartners.values()].map(({ crl }) => crl?.lists.join() ?? '').join()),
    },
  };
}

function compilePartners(
  folder: string,
  entries: readonly PartnerEntry[],
  rates: RateEntry | undefined,
  side: Side,
  read: PolicyFiles,
  problems: string[],
): ReadonlyMap<string, Partner> {
  const partners = new Map<string, Partner>();
  for (const entry of entries) {
    const { domain, connect, mayTalk, trust = [], crl, allowPrivate, tls, bidi, pins, pinsOnly, dialback } = entry;
    partners.set(
      domain,
      Object.freeze({
        domain,
        connect: connect === 'dns' ? connect : connect.map((place) => ({ ...place, port: portOf(place) })),
        trust: trust.map((name) => certificates(folder, name, read, problems)),
        mayTalk: compileMayTalk(domain, mayTalk),
        rates: compileRates(entry.rate, rates),
        invalid: entry.invalid,
        unknown: entry.unknown,
        vocabulary: compileVocabulary(entry.vocabulary, entry.with, entry.without),
        ...(entry.rooms === undefined ? {} : { rooms: new Set(entry.rooms) }),
        ...(allowPrivate === undefined ? {} : { allowPrivate }),
        ...(tls === undefined ? {} : { tls: { min: tlsVersion(tls.min), max: tlsVersion(tls.max) } }),
        ...(bidi === undefined ? {} : { bidi }),
        ...(pins === undefined ? {} : { pins }),
        ...(pinsOnly === undefined ? {} : { pinsOnly }),
        ...(dialback === 'never' ? {} : { dialback, external: entry.external ?? externalBesides(entry) }),
        // The inside meets no partner, and does without its lists.
        ...(crl === undefined || side === 'inside' ? {} : { crl: revocation(folder, crl, read, problems) }),
      }),
    );
  }
  return partners;
}

// Where dialback is allowed a certificate is tried first, if there is anything that it could be held to.
function externalBesides({ trust = [], pinsOnly = false }: PartnerEntry): 'optional' | 'never' {
  return trust.length > 0 || pinsOnly ? 'optional' : 'never';
}

function tlsVersion(said: 1.2 | 1.3): TlsVersion {
  return said === 1.3 ? '1.3' : '1.2';
}

function revocation(
  folder: string,
  { file: name, required }: NonNullable<PartnerEntry['crl']>,
  read: PolicyFiles,
  problems: string[],
): NonNullable<Partner['crl']> {
  const file = path.join(folder, name);
  const bytes = read.files.get(name);
  if (bytes === undefined) {
    problems.push(`${file}: there is no such file, and partners.yaml names it; put the revocation list there`);
    return { lists: [], required };
  }
  // CAs publish DER (RFC 5280 §4.2.1.13); a SEQUENCE begins with 0x30, which is 0 in PEM and never its first character.
  const pem =
    bytes[0] === 0x30
      ? `-----BEGIN X509 CRL-----\n${bytes.toString('base64')}\n-----END X509 CRL-----\n`
      : bytes.toString('latin1');
  const lists = readRevocationLists(pem);
  if (lists === undefined) {
    problems.push(`${file}: this is no revocation list, or a broken one; write the list as its CA publishes it`);
  }
  const dues = (lists ?? []).flatMap(({ nextUpdate }) => nextUpdate ?? []);
  return { lists: [pem], required, ...(dues.length === 0 ? {} : { due: Math.min(...dues) }) };
}

function certificates(folder: string, name: string, read: PolicyFiles, problems: string[]): string {
  const file = path.join(folder, name);
  const pem = read.files.get(name)?.toString('latin1');
  if (pem === undefined) {
    problems.push(`${file}: there is no such file, and partners.yaml names it; put the CA certificate there`);
    return '';
  }
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) problems.push(`${file}: there is no certificate in it; write a PEM file with one or more`);
  for (const one of found) {
    try {
      new X509Certificate(one);
    } catch {
      problems.push(`${file}: a certificate in it cannot be read; write it anew, as PEM`);
    }
  }
  if (pem.includes('PRIVATE KEY'))
    problems.push(`${file}: there is a private key in it; remove it and replace that key`);
  return pem;
}
