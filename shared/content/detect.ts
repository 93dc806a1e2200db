// Runs all detectors of a policy over the texts of a packet, each text once, whatever the number of rules.
import { createFindings, type Finding, type Findings } from './findings.ts';
import type { HashFinder } from './hash-list.ts';
import { isSpoken, joinedText, lastOf, spokenParts } from './joined-text.ts';
import { type Crossing, createLook, type Found, type Passage, type Told } from './look.ts';
import type { Scheme } from './markings/marking.ts';
import { markingsAtMost } from './markings/parse-markings.ts';
import type { Patterns } from './patterns.ts';
import { type Carry, noCarry, type PartOfText, type Source, type Subject } from './rules.ts';
import type { TermIndex } from './terms.ts';
import type { ValidatorName } from './validators.ts';

/** The detectors of a policy by kind, each with its index among all of them. */
export type Detectors = {
  readonly terms: TermIndex;
  /** List → detector. */
  readonly termDetectors: readonly number[];
  /** Whether the list of a detector is looked for in code. */
  readonly looksIntoCode: readonly boolean[];
  readonly patterns: Patterns | undefined;
  /** Those of which no hint tells whether they may be in a text. */
  readonly patternsUnhinted: Patterns | undefined;
  /** Those that may go over the end of a line: what the others find begins and ends in one text. */
  readonly patternsOverLines: Patterns | undefined;
  /** Whether any of those is without a hint. */
  readonly overLinesUnhinted: boolean;
  /** The kinds (`hintKinds`) of each hint among the strings of `terms.skeleton`. */
  readonly hints: Uint8Array;
  readonly patternDetectors: readonly {
    readonly detector: number;
    readonly score: number;
    readonly valid: readonly ValidatorName[];
  }[];
  readonly validators: readonly ValidatorName[];
  readonly numberDetectors: ReadonlyMap<
    ValidatorName,
    readonly { readonly detector: number; readonly score: number }[]
  >;
  readonly hashes: readonly {
    readonly detector: number;
    readonly score: number;
    /** Of its longest entry. */
    readonly words: number;
    readonly find: HashFinder;
  }[];
  readonly markings: readonly { readonly detector: number; readonly source: Extract<Source, { kind: 'marking' }> }[];
  /** Whether any rule asks for markings without a detector of its own. */
  readonly asksForMarkings: boolean;
  /** The marking schemes in use; all where it is left out. */
  readonly schemes?: readonly Scheme[];
};

/** `isWhole` false: a bound stopped it before the end, and what it did not see may be anything. */
export type Detected = {
  readonly findings: Findings;
  readonly markings: readonly Finding[];
  readonly isWhole: boolean;
  /** As `Evaluation` has it. */
  readonly carry?: Carry;
};

export type Detect = (subject: Pick<Subject, 'parts' | 'before' | 'carry'>) => Detected;

/** All texts of a packet and of what is remembered of its conversation together, in UTF-16 units; more is not judged. */
export const charactersAtMost = 262_144;

/** Characters on either side of where one text ends and the next begins: what is remembered, and what short terms need. */
const reachAtMost = 512;
const reachAtLeast = 64;
let enginesMade = 0;

/** Makes a detect with buffers of its own; it is used by one evaluation at a time. */
export function createDetect(detectors: Detectors): Detect {
  // Half a term that was split over messages, with three signs between each two letters, reaches so far.
  const reach = Math.min(reachAtMost, Math.max(reachAtLeast, 2 * detectors.terms.longest));
  const look = createLook(detectors, ++enginesMade, reach);
  const start: Carry = { ...noCarry, engine: enginesMade };

  // A carry of another engine, or none, is made anew of what was said last.
  function carryBehind(before: readonly string[], carry: Carry): Carry {
    if (before.length === 0) return start;
    if (carry.engine === start.engine) return carry;
    return lastOf(before, reach).reduce((from, text) => look.behind(text, from), start);
  }

  // By far most packets hold nothing: what keeps findings is made with the first of them.
  let findings: Findings | undefined;
  let markings: Finding[] | undefined;
  let at = 0;
  const found: Found = {
    add(detector, finding) {
      findings ??= createFindings();
      findings.add(detector, finding);
    },
    addMarking(finding) {
      markings ??= [];
      markings.push(finding);
      return markings.length < 10 * markingsAtMost;
    },
  };
  const inItsPart: Told = { ...found, place: (start, end) => ({ part: at, start, end }) };

  return ({ parts, before = nothingSaid, carry }) => {
    findings = undefined;
    markings = undefined;
    let characters = 0;
    for (const { text } of parts) characters += text.length;
    if (characters > charactersAtMost) return { findings: nothingFound, markings: nothingMarked, isWhole: false };
    const passage: Passage | undefined =
      carry === undefined || spokenParts(parts) !== 1
        ? undefined
        : { from: carryBehind(before, carry), behind: start, crossing: undefined };
    let isWhole = true;
    for (at = 0; at < parts.length; at++) {
      const { part, text } = parts[at] ?? noText;
      isWhole = look.at(text, inItsPart, isSpoken(part) ? passage : undefined) && isWhole;
    }
    const crossing = passage === undefined ? everything : passage.crossing;
    const joined = crossing === undefined ? undefined : joinedText(parts, before, reach);
    if (crossing !== undefined && joined !== undefined)
      isWhole = look.overLines(joined.text, { ...found, place: joined.place }, crossing) && isWhole;
    const detected = { findings: findings ?? nothingFound, markings: markings ?? nothingMarked, isWhole };
    return passage === undefined ? detected : { ...detected, carry: passage.behind };
  };
}

const nothingFound = createFindings();
const nothingMarked: readonly Finding[] = [];
const nothingSaid: readonly string[] = [];
const noText: PartOfText = { part: 'body', text: '' };
const everything: Crossing = { terms: true, patterns: true, hashes: true };
