// Loads one revision of the policy from its folder: read, check, compile; whole or not at all (architecture §8).
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { ZodType } from 'zod';
import { checkYaml } from '../checked-yaml.ts';
import { compileContent, type WordList } from './content.ts';
import { compileMayTalk } from './may-talk.ts';
import type { Partner, Policy } from './policy.ts';
import { type PolicyFiles, readPolicyFiles, revisionOf } from './policy-files.ts';
import { contentFile, type ListEntry, type PartnerEntry, partnersFile } from './policy-schema.ts';
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
  const used = new Set<string>();
  const compiledPartners = compilePartners(folder, partners?.partners ?? [], read, problems);
  const lists = readLists(folder, content?.lists ?? [], side, read, used, problems);
  for (const name of [...read.files.keys(), ...read.heldElsewhere.keys()]) {
    // A list that no rule names may be thought to be in force. A CA that no partner names gives nothing to anybody, and
    // a partner must be easy to take out.
    if (name.startsWith('lists/') && !used.has(name) && content !== undefined) {
      problems.push(`${path.join(folder, name)}: no rule uses it; remove it, or name it in content.yaml`);
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    policy: { revision: revisionOf(read), partners: compiledPartners, content: compileContent(lists) },
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
  read: PolicyFiles,
  problems: string[],
): ReadonlyMap<string, Partner> {
  const partners = new Map<string, Partner>();
  for (const entry of entries) {
    const { domain } = entry;
    const trust = entry.trust.map((name) => certificates(folder, name, read, problems));
    partners.set(
      domain,
      Object.freeze({
        domain,
        connect: entry.connect,
        trust,
        mayTalk: compileMayTalk(domain, entry.mayTalk),
        rate: entry.rate,
        invalid: entry.invalid,
        unknown: entry.unknown,
      }),
    );
  }
  return partners;
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
