// The rules of content.yaml as the engine takes them: lists become detectors and rules, names become conditions.

import type { About, Detector, Part, Rule, Rules } from '../content/rules.ts';
import type { Term } from '../content/terms.ts';
import type { PacketKind } from '../packet.ts';
import { conditionOf } from './condition-schema.ts';
import type { ContentEntry, DetectorEntry, ListEntry, RuleEntry } from './content-schema.ts';
import type { Labels } from './label-schema.ts';
import { endOfDay } from './schema-pieces.ts';

/** What the files of the lists say; the words and hashes that this copy does not hold are `undefined`. */
export type ListFiles = {
  readonly words: (file: string) => readonly string[];
  readonly hashes: (file: string) => readonly string[];
  /** The key of hash lists. */
  readonly key: Uint8Array;
};

/**
 * What machines make up would be a card number one time in ten; only who names it asks for it. A thread is such an id:
 * those that come in are made opaque at the door, and those that leave are made here.
 */
export const partsUnlessTold: readonly Part[] = [
  'body',
  'subject',
  'nick',
  'status',
  'label',
  'link',
  'card',
  'reason',
  'note',
  'reaction',
  'address',
];

/** All rules of the file, the simple lists first. */
export function rulesOfContent(entry: ContentEntry, files: ListFiles, labels: Labels): Rules {
  const { lists = [], detectors = [], rules = [], bidiControls } = entry;
  return {
    detectors: [
      ...lists.map(({ id, file }) => ({ id, source: termsOf(files.words(file), {}) })),
      ...detectors.map((detector) => detectorOf(detector, files, labels)),
    ],
    rules: [...lists.map(ruleOfList), ...rules.map(ruleOf)],
    bidiControls,
    schemes: labels.schemes,
  };
}

/** The detectors whose words the proxy must not hold. */
export function insideOnly({ lists = [], detectors = [] }: ContentEntry): ReadonlySet<string> {
  return new Set([...lists, ...detectors].filter(({ where }) => where === 'inside').map(({ id }) => id));
}

function ruleOfList({ id, direction }: ListEntry): Rule {
  const when = { kind: 'found', detector: id } as const;
  return { id, when, action: 'block', mode: 'enforce', direction, parts: partsUnlessTold };
}

function ruleOf({ id, scope, when, action, mode, unless = [] }: RuleEntry): Rule {
  const applies = appliesIn(scope);
  return {
    id,
    when: conditionOf(when),
    action,
    mode,
    direction: scope.direction,
    parts: scope.parts ?? partsUnlessTold,
    unless: unless.map((one) => ({ when: conditionOf(one.when), until: endOfDay(one.until) ?? 0 })),
    ...(applies === undefined ? {} : { applies }),
  };
}

function appliesIn({ partners, external, internal, kinds }: RuleEntry['scope']): Rule['applies'] {
  if (partners === undefined && external === undefined && internal === undefined && kinds === undefined) {
    return undefined;
  }
  const ofPartner = partners === undefined ? undefined : new Set(partners);
  const isExternal = amongPeople(external);
  const isInternal = amongPeople(internal);
  const ofKind: ReadonlySet<string> | undefined = kinds === undefined ? undefined : new Set<PacketKind>(kinds);
  return (about: About) =>
    (ofPartner === undefined || ofPartner.has(about.partner ?? '')) &&
    isExternal(about.external) &&
    isInternal(about.internal) &&
    (ofKind === undefined || ofKind.has(about.kind ?? ''));
}

function amongPeople(written: readonly string[] | undefined): (bare: string | undefined) => boolean {
  if (written === undefined || written.includes('*')) return () => true;
  const known = new Set(written);
  return (bare = '') => known.has(bare) || known.has(`*${bare.slice(bare.lastIndexOf('@'))}`);
}

function detectorOf(entry: DetectorEntry, files: ListFiles, labels: Labels): Detector {
  const { id, score, evidence = [] } = entry;
  return {
    id,
    source: sourceOf(entry, files, labels),
    ...(score === undefined ? {} : { score }),
    evidence: evidence.map(({ of, within, add }) => ({ detectors: of, within, add })),
  };
}

function sourceOf(entry: DetectorEntry, files: ListFiles, labels: Labels): Detector['source'] {
  const { terms, pattern, number, hashes, marking, caseSensitive, valid } = entry;
  if (terms !== undefined) return termsOf(files.words(terms), entry);
  if (pattern !== undefined) {
    const told = caseSensitive === undefined ? {} : { caseSensitive };
    return { kind: 'pattern', pattern: { expression: pattern, ...told }, ...(valid === undefined ? {} : { valid }) };
  }
  if (number !== undefined) return { kind: 'number', validators: number };
  if (hashes !== undefined) {
    const { words = 1, lengths } = entry;
    const told = lengths === undefined ? {} : { lengths };
    return { kind: 'hashes', list: { key: files.key, digests: files.hashes(hashes), words, ...told } };
  }
  const { schemes = labels.schemes, atLeast, light } = marking ?? {};
  const asked = { ...(atLeast === undefined ? {} : { atLeast }), ...(light === undefined ? {} : { light }) };
  return { kind: 'marking', schemes, ...asked };
}

function termsOf(
  words: readonly string[],
  { boundary, channels, views }: Pick<DetectorEntry, 'boundary' | 'channels' | 'views'>,
): Extract<Detector['source'], { kind: 'terms' }> {
  const terms: readonly Term[] = words.map((text) => (boundary === undefined ? { text } : { text, boundary }));
  return {
    kind: 'terms',
    list: { terms, ...(channels === undefined ? {} : { channels }), ...(views === undefined ? {} : { views }) },
  };
}
