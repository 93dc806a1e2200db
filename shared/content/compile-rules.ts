// Compiles the rules of a policy, whole or not at all: names resolved, terms and expressions built, limits kept.
import type { KnownDetector } from './conditions.ts';
import type { Detectors } from './detect.ts';
import { keyHints } from './find-numbers.ts';
import { findingsAtMost } from './findings.ts';
import { hintKinds } from './glance.ts';
import { compileHashes } from './hash-list.ts';
import { markingHints } from './markings/parse-markings.ts';
import { compilePatterns } from './patterns.ts';
import type { Condition, Detector, Rule, Rules, Source } from './rules.ts';
import { compileTerms, type TermList } from './terms.ts';
import { type ValidatorName, validatorNames } from './validators.ts';

export type CompiledRules = {
  readonly rules: readonly Rule[];
  readonly detectors: Detectors;
  readonly known: ReadonlyMap<string, KnownDetector>;
  readonly bidiControls: NonNullable<Rules['bidiControls']>;
};

export type RulesCompiled =
  | { readonly ok: true; readonly compiled: CompiledRules }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

/** `in` names the detector or rule, where the problem is of one. */
export type RuleProblem = { readonly in?: string; readonly problem: string };

export const ruleLimits = { rules: 1_000, detectors: 500, depth: 8, nodes: 200, within: 10_000 };

/**
 * Compiles rules for `createEngine`. Refuses, all problems at once: ids that stand twice, detectors that do not exist,
 * more than 1,000 rules, 500 detectors, 8 levels or 200 nodes of a condition, and what terms, patterns and hash lists refuse.
 */
export function compileRules({ detectors, rules, bidiControls = 'block', schemes }: Rules): RulesCompiled {
  const problems: RuleProblem[] = [];
  if (rules.length > ruleLimits.rules) problems.push({ problem: `more than ${ruleLimits.rules} rules; write fewer` });
  if (detectors.length > ruleLimits.detectors) {
    problems.push({ problem: `more than ${ruleLimits.detectors} detectors; write fewer` });
  }
  const known = new Map<string, KnownDetector>();
  for (const [index, { id, evidence = [] }] of detectors.entries()) {
    if (known.has(id)) problems.push({ in: id, problem: 'a detector of this name is there already; rename it' });
    known.set(id, { index, evidence });
  }
  checkEvidence(detectors, known, problems);
  checkRules(rules, known, problems);
  const built = buildDetectors(detectors, rules, problems);
  if (built === undefined || problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    compiled: { rules, detectors: { ...built, ...(schemes === undefined ? {} : { schemes }) }, known, bidiControls },
  };
}

function checkEvidence(
  detectors: readonly Detector[],
  known: ReadonlyMap<string, KnownDetector>,
  problems: RuleProblem[],
): void {
  for (const { id, evidence = [] } of detectors) {
    for (const { detectors: names, within, add } of evidence) {
      for (const name of names) {
        if (!known.has(name))
          problems.push({ in: id, problem: `there is no detector ${name}; write one that is there` });
      }
      if (!isCount(within, ruleLimits.within))
        problems.push({ in: id, problem: `within must be 1 to ${ruleLimits.within}` });
      if (!(add > 0 && add <= 100)) problems.push({ in: id, problem: 'add must be above 0 and at most 100' });
    }
  }
}

function checkRules(rules: readonly Rule[], known: ReadonlyMap<string, KnownDetector>, problems: RuleProblem[]): void {
  const ids = new Set<string>();
  for (const { id, when, unless = [] } of rules) {
    if (ids.has(id)) problems.push({ in: id, problem: 'a rule of this name is there already; rename it' });
    ids.add(id);
    for (const condition of [when, ...unless.map((exception) => exception.when)]) {
      let nodes = 0;
      const tell = (problem: string) => problems.push({ in: id, problem });
      const check = (one: Condition, depth: number): void => {
        if (++nodes > ruleLimits.nodes || depth > ruleLimits.depth) return;
        for (const name of namesIn(one)) {
          if (!known.has(name)) tell(`there is no detector ${name}; write one that is there`);
        }
        checkNumbers(one, tell);
        for (const child of childrenOf(one)) check(child, depth + 1);
        // An empty list would hold always, or never, and nobody means that.
        if ((one.kind === 'all' || one.kind === 'any') && one.of.length === 0) tell(`${one.kind} has nothing in it`);
        if (depth === ruleLimits.depth && childrenOf(one).length > 0)
          tell(`more than ${ruleLimits.depth} levels; write fewer`);
      };
      check(condition, 1);
      if (nodes > ruleLimits.nodes) tell(`more than ${ruleLimits.nodes} conditions; write fewer`);
    }
  }
}

function checkNumbers(condition: Condition, tell: (problem: string) => void): void {
  if ('minScore' in condition && condition.minScore !== undefined && !isCount(condition.minScore, 100)) {
    tell('minScore must be 1 to 100');
  }
  if (condition.kind === 'found' && condition.count !== undefined && !isCount(condition.count, findingsAtMost)) {
    tell(`count must be 1 to ${findingsAtMost}`);
  }
  if (condition.kind === 'near' && !isCount(condition.within, ruleLimits.within))
    tell(`within must be 1 to ${ruleLimits.within}`);
  if (condition.kind === 'total' && !(condition.atLeast > 0)) tell('atLeast must be above 0');
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function namesIn(condition: Condition): readonly string[] {
  if (condition.kind === 'found') return [condition.detector];
  if (condition.kind === 'near') return [condition.first, condition.second];
  return condition.kind === 'total' ? condition.detectors : [];
}

function childrenOf(condition: Condition): readonly Condition[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of;
  return condition.kind === 'not' ? [condition.of] : [];
}

function asksForMarkings(condition: Condition): boolean {
  return (
    condition.kind === 'above-clearance' ||
    condition.kind === 'above-label' ||
    childrenOf(condition).some(asksForMarkings)
  );
}

type Of<K extends Source['kind']> = {
  readonly index: number;
  readonly id: string;
  readonly score: number | undefined;
  readonly source: Extract<Source, { kind: K }>;
};

function buildDetectors(
  detectors: readonly Detector[],
  rules: readonly Rule[],
  problems: RuleProblem[],
): Detectors | undefined {
  const terms: Of<'terms'>[] = [];
  const patterns: Of<'pattern'>[] = [];
  const numbers: Of<'number'>[] = [];
  const hashes: Of<'hashes'>[] = [];
  const markings: Of<'marking'>[] = [];
  for (const [index, { id, score, source }] of detectors.entries()) {
    if (score !== undefined && !isCount(score, 100)) problems.push({ in: id, problem: 'score must be 1 to 100' });
    const of = { index, id, score };
    switch (source.kind) {
      case 'terms':
        terms.push({ ...of, source });
        break;
      case 'pattern':
        patterns.push({ ...of, source });
        break;
      case 'number':
        numbers.push({ ...of, source });
        break;
      case 'hashes':
        hashes.push({ ...of, source });
        break;
      case 'marking':
        markings.push({ ...of, source });
        break;
      default:
        source satisfies never;
    }
  }
  const lists: readonly TermList[] = terms.map(({ source }) => source.list);
  const compiled = compilePatterns(patterns.map(({ source }) => source.pattern));
  const hints = hintsFor(compiled.ok ? compiled.literals : new Map());
  const index = compileTerms(lists, [...hints.keys()]);
  const finders = hashFinders(hashes, problems);
  if (!index.ok) problems.push({ problem: index.problem });
  if (!compiled.ok) {
    for (const { pattern, problem } of compiled.problems) {
      const id = patterns[pattern]?.id;
      problems.push({ problem, ...(id === undefined ? {} : { in: id }) });
    }
  }
  if (!index.ok || !compiled.ok) return undefined;
  const validators = validatorNames.filter((name) => numbers.some(({ source }) => source.validators.includes(name)));
  return {
    terms: index.index,
    termDetectors: terms.map((one) => one.index),
    looksIntoCode: lists.map(({ channels }) => channels === undefined || channels.includes('decoded')),
    patterns: patterns.length === 0 ? undefined : compiled.find,
    patternsUnhinted: compiled.findUnhinted,
    patternsOverLines: compiled.findOverLines,
    overLinesUnhinted: compiled.overLinesUnhinted,
    hints: Uint8Array.from(hints.values()),
    patternDetectors: patterns.map(({ index: detector, score = 80, source }) => ({
      detector,
      score,
      valid: source.valid ?? [],
    })),
    validators,
    numberDetectors: numberDetectors(validators, numbers),
    hashes: finders,
    markings: markings.map(({ index: detector, source }) => ({ detector, source })),
    asksForMarkings: rules.some(({ when, unless = [] }) =>
      [when, ...unless.map((one) => one.when)].some(asksForMarkings),
    ),
  };
}

// One literal may stand for several things.
function hintsFor(literals: ReadonlyMap<string, { readonly overLines: boolean }>): ReadonlyMap<string, number> {
  const hints = new Map<string, number>();
  const add = (literal: string, kind: number) => hints.set(literal, (hints.get(literal) ?? 0) | kind);
  for (const [literal, { overLines }] of literals)
    add(literal, hintKinds.pattern | (overLines ? hintKinds.overLines : 0));
  for (const literal of markingHints) add(literal, hintKinds.marking);
  for (const literal of keyHints) add(literal, hintKinds.key);
  return hints;
}

function hashFinders(hashes: readonly Of<'hashes'>[], problems: RuleProblem[]): Detectors['hashes'] {
  const finders = [];
  for (const { index: detector, id, score = 100, source } of hashes) {
    const find = compileHashes(source.list);
    if (find === undefined)
      problems.push({ in: id, problem: 'a key of at least 32 bytes, and SHA-256 digests in hex, are needed' });
    else finders.push({ detector, score, words: source.list.words, find });
  }
  return finders;
}

function numberDetectors(
  validators: readonly ValidatorName[],
  numbers: readonly Of<'number'>[],
): ReadonlyMap<ValidatorName, readonly { readonly detector: number; readonly score: number }[]> {
  return new Map(
    validators.map((name) => [
      name,
      numbers
        .filter(({ source }) => source.validators.includes(name))
        .map(({ index: detector, score = 85 }) => ({ detector, score })),
    ]),
  );
}
