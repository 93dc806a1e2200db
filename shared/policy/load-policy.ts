// Loads one revision of the policy from its folder: read, check, compile; whole or not at all (architecture §8).
import { hash, X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { ZodType } from 'zod';
import { readRevocationLists } from '../certificates/revocation.ts';
import { checkYaml } from '../checked-yaml.ts';
import { compileContent, type WordList } from './content.ts';
import { compileMayTalk } from './may-talk.ts';
import type { Partner, Policy, TlsVersion } from './policy.ts';
import { type PolicyFiles, readPolicyFiles, revisionOf } from './policy-files.ts';
import { contentFile, type ListEntry, type PartnerEntry, partnersFile, portOf } from './policy-schema.ts';
import { compileRates, limitsFile, type RateEntry } from './rate-schema.ts';
import { compileVocabulary } from './vocabulary.ts';
import { readWordList } from './word-list.ts';

/** Which copy of a policy this is: the proxy's lacks the words of lists that say `where: inside`. */
export type Side = 'inside' | 'dmz';

export type PolicyLoaded =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Loads the policy, or tells all that is wrong with it, one line each: `file:line: key: what; write … instead`. */
export function loadPolicy(folder: string, side: Side): PolicyLoaded {
  const read = readPolicyFiles(folder);
  const problems = [...read.problems];
  const partners = check(folder, 'partners.yaml', read, partnersFile, problems);
  const content = check(folder, 'content.yaml', read, contentFile, problems);
  const limits = read.files.has('limits.yaml') ? check(folder, 'limits.yaml', read, limitsFile, problems) : undefined;
  const used = new Set<string>();
  const compiledPartners = compilePartners(folder, partners?.partners ?? [], limits?.rates, side, read, problems);
  const lists = readLists(folder, content?.lists ?? [], side, read, used, problems);
  for (const name of [...read.files.keys(), ...read.heldElsewhere.keys()]) {
    // A list that no rule names may be thought to be in force. A CA that no partner names gives nothing to anybody, and
    // a partner must be easy to take out.
    if (name.startsWith('lists/') && !used.has(name) && content !== undefined) {
      problems.push(`${path.join(folder, name)}: no rule uses it; remove it, or name it in content.yaml`);
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  const compiled = compileContent(lists);
  if (!compiled.ok) {
    return {
      ok: false,
      problems: compiled.problems.map((problem) => `${path.join(folder, 'content.yaml')}: ${problem}`),
    };
  }
  return {
    ok: true,
    policy: {
      revision: revisionOf(read),
      partners: compiledPartners,
      content: compiled.content,
      revocation: hash('sha256', [...compiledPartners.values()].map(({ crl }) => crl?.lists.join() ?? '').join()),
    },
  };
}

function check<S>(
  folder: string,
  name: string,
  read: PolicyFiles,
  schema: ZodType<S>,
  problems: string[],
): S | undefined {
  const file = path.join(folder, name);
  const bytes = read.files.get(name);
  if (bytes === undefined) {
    if (read.problems.length === 0) problems.push(`${file}: there is no such file; a policy needs it`);
    return undefined;
  }
  const text = textOf(bytes);
  if (text === undefined) {
    problems.push(`${file}: the text is not UTF-8; save it as UTF-8`);
    return undefined;
  }
  const checked = checkYaml(file, text, schema);
  if (checked.ok) return checked.value;
  problems.push(...checked.problems);
  return undefined;
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

function readLists(
  folder: string,
  entries: readonly ListEntry[],
  side: Side,
  read: PolicyFiles,
  used: Set<string>,
  problems: string[],
): WordList[] {
  const lists: WordList[] = [];
  for (const { id, file: name, where, direction, text = '' } of entries) {
    used.add(name);
    // INVARIANT: the proxy does without the words that it must not hold, even where it could read them.
    if (where === 'inside' && side === 'dmz') continue;
    const bytes = read.files.get(name);
    if (bytes === undefined) {
      problems.push(
        `${path.join(folder, name)}: there is no such file, and the list ${id} names it; put its words there`,
      );
      continue;
    }
    const words = readWordList(path.join(folder, name), textOf(bytes));
    problems.push(...words.problems);
    lists.push({ id, direction, publicText: text, words: words.words });
  }
  return lists;
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
