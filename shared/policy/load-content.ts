// Loads the content rules of a policy: content.yaml, labels.yaml, texts.yaml and lists/, whole or not at all.
import path from 'node:path';
import { ownRules } from '../content/engine.ts';
import type { Rules } from '../content/rules.ts';
import { checkFile, checkFileIfThere, type PolicyFolder, utf8 } from './check-file.ts';
import { conditionOf, detectorsIn } from './condition-schema.ts';
import { compileContent, notesOf } from './content.ts';
import { type ContentEntry, contentFile } from './content-schema.ts';
import { readHashList } from './hash-file.ts';
import { compileLabels, type Labels, labelsFile } from './label-schema.ts';
import type { Side } from './load-policy.ts';
import type { ContentRules } from './policy.ts';
import { insideOnly, type ListFiles, rulesOfContent } from './rules-of-content.ts';
import { compileTexts, filled, type Texts, textsFile } from './texts.ts';
import { withoutDetectors } from './without-secrets.ts';
import { readWordList } from './word-list.ts';

export type ContentLoaded = { readonly content: ContentRules; readonly labels: Labels; readonly texts: Texts };

/** What stands in the files, before it is compiled: for whoever shows why rules decide. */
export type ContentRead = Omit<ContentLoaded, 'content'> & { readonly entry: ContentEntry; readonly rules: Rules };

/** Loads it for one side; `contentKey` is the key of hash lists. Undefined: what is wrong is among the problems. */
export function loadContent(
  from: PolicyFolder,
  side: Side,
  partners: ReadonlySet<string>,
  contentKey: Uint8Array | undefined,
): ContentLoaded | undefined {
  const read = readContent(from, side, partners, contentKey);
  if (read === undefined) return undefined;
  const compiled = compileContent(read.rules, notesOf(read.entry), {
    secret: insideOnly(read.entry),
    marker: (rule) => filled(read.texts('redacted', '').text, { rule }),
  });
  if (compiled.ok) return { content: compiled.content, labels: read.labels, texts: read.texts };
  const told = problemsOf(from);
  for (const { in: id, problem } of compiled.problems) told(problem, id);
  return undefined;
}

/** Reads and checks it for one side. */
export function readContent(
  from: PolicyFolder,
  side: Side,
  partners: ReadonlySet<string>,
  contentKey: Uint8Array | undefined,
): ContentRead | undefined {
  const entry = checkFile(from, 'content.yaml', contentFile);
  const labels = compileLabels(checkFileIfThere(from, 'labels.yaml', labelsFile));
  const texts = compileTexts(checkFileIfThere(from, 'texts.yaml', textsFile));
  if (entry === undefined) return undefined;
  const told = problemsOf(from);
  checkNames(entry, partners, told);
  const secret = insideOnly(entry);
  // INVARIANT: the proxy does without the words that it must not hold, even where it could read them.
  const held = side === 'dmz' ? secret : new Set<string>();
  const files = readLists(from, entry, held, contentKey, told);
  if (from.problems.length > 0) return undefined;
  return { entry, labels, texts, rules: withoutDetectors(rulesOfContent(entry, files, labels), held) };
}

type Tell = (problem: string, id?: string) => void;

// A problem of a detector or a rule is told with the line on which its id stands.
function problemsOf({ folder, read, problems }: PolicyFolder): Tell {
  const file = path.join(folder, 'content.yaml');
  const lines = (utf8(read.files.get('content.yaml') ?? Buffer.of()) ?? '').split('\n');
  return (problem, id) => {
    const line = id === undefined ? -1 : lines.findIndex((text) => isIdLine(text, id));
    const place = line < 0 ? file : `${file}:${line + 1}`;
    problems.push(`${place}: ${id === undefined ? '' : `${id}: `}${problem}`);
  };
}

function isIdLine(line: string, id: string): boolean {
  const found = /\bid:\s*["']?([A-Za-z0-9-]+)/.exec(line);
  return found?.[1] === id;
}

function checkNames(entry: ContentEntry, partners: ReadonlySet<string>, tell: Tell): void {
  const { lists = [], detectors = [], rules = [] } = entry;
  const own: readonly string[] = Object.values(ownRules);
  for (const { id } of [...lists, ...rules]) {
    if (own.includes(id)) tell('this name is of a rule of the engine itself; write another', id);
  }
  const asked = new Set<string>();
  for (const { when, unless = [] } of rules) {
    for (const one of [when, ...unless.map((exception) => exception.when)]) {
      for (const id of detectorsIn(conditionOf(one))) asked.add(id);
    }
  }
  for (const { evidence = [] } of detectors) for (const { of } of evidence) for (const id of of) asked.add(id);
  for (const { id } of detectors) {
    // It may be thought to be in force.
    if (!asked.has(id)) tell('no rule asks for this detector; remove it, or name it in a rule', id);
  }
  for (const { id, scope } of rules) {
    for (const partner of scope.partners ?? []) {
      if (!partners.has(partner)) {
        tell(`${partner} is no partner, so that the rule would not hold for it; write a domain of partners.yaml`, id);
      }
    }
  }
}

function readLists(
  { folder, read, problems }: PolicyFolder,
  { lists = [], detectors = [] }: ContentEntry,
  held: ReadonlySet<string>,
  contentKey: Uint8Array | undefined,
  tell: Tell,
): ListFiles {
  const words = new Map<string, readonly string[]>();
  const hashes = new Map<string, readonly string[]>();
  const named = new Set<string>();
  const bytesOf = (id: string, name: string): Buffer | undefined => {
    const bytes = read.files.get(name);
    if (bytes === undefined) {
      problems.push(
        `${path.join(folder, name)}: there is no such file, and the list ${id} names it; put its words there`,
      );
    }
    return bytes;
  };
  const readWords = (id: string, name: string): void => {
    named.add(name);
    if (held.has(id) || words.has(name)) return;
    const bytes = bytesOf(id, name);
    if (bytes === undefined) return;
    const list = readWordList(path.join(folder, name), utf8(bytes));
    problems.push(...list.problems);
    words.set(name, list.words);
  };
  const readHashes = (id: string, name: string): void => {
    named.add(name);
    if (held.has(id)) return;
    if (contentKey === undefined) {
      tell('a list of hashes needs its key; write contentKeyFile into the settings', id);
      return;
    }
    const bytes = hashes.has(name) ? undefined : bytesOf(id, name);
    if (bytes === undefined) return;
    const list = readHashList(path.join(folder, name), utf8(bytes));
    problems.push(...list.problems);
    hashes.set(name, list.digests);
  };
  for (const { id, file } of lists) readWords(id, file);
  for (const { id, terms, hashes: file } of detectors) {
    if (terms !== undefined) readWords(id, terms);
    if (file !== undefined) readHashes(id, file);
  }
  for (const name of [...read.files.keys(), ...read.heldElsewhere.keys()]) {
    // A list that no rule names may be thought to be in force.
    if (name.startsWith('lists/') && !named.has(name)) {
      problems.push(`${path.join(folder, name)}: no rule uses it; remove it, or name it in content.yaml`);
    }
  }
  return {
    words: (name) => words.get(name) ?? [],
    hashes: (name) => hashes.get(name) ?? [],
    key: contentKey ?? new Uint8Array(),
  };
}
