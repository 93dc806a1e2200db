// Regular expressions of policy authors, in RE2 syntax: matched in linear time, compiled within limits.
import { RE2JS, RE2JSException, RE2Set } from 're2js';
import type { Cased } from './cased.ts';
import { requiredLiterals } from './required-literals.ts';

export type Pattern = {
  /** In the syntax of RE2: no look-around, no back-references. */
  readonly expression: string;
  /** False unless told: capitals and small letters are alike. */
  readonly caseSensitive?: boolean;
};

export type FoundPattern = {
  /** Index of the pattern. */
  readonly pattern: number;
  /** Place in the original text. */
  readonly start: number;
  readonly end: number;
  /** What was matched, as patterns see it: for validators alone, never for a log. */
  readonly matched: string;
};

export type Patterns = (cased: Cased, found: (match: FoundPattern) => void) => void;

export type PatternsCompiled =
  | {
      readonly ok: true;
      readonly find: Patterns;
      /** Those among them of which no literal tells whether they may be in a text at all; undefined where there are none. */
      readonly findUnhinted: Patterns | undefined;
      /** Those that may go over the end of a line; undefined where none may. */
      readonly findOverLines: Patterns | undefined;
      /** Whether any of those over lines is without a literal. */
      readonly overLinesUnhinted: boolean;
      /** Each literal that a pattern asks for, once, and whether one of those over lines does. */
      readonly literals: ReadonlyMap<string, { readonly overLines: boolean }>;
    }
  | { readonly ok: false; readonly problems: readonly PatternProblem[] };

export type PatternProblem = { readonly pattern: number; readonly problem: string };

/** What is compiled at most. `size` counts instructions of RE2: the time for a text is its length times this at worst. */
export const patternLimits = { patterns: 200, expression: 1_000, size: 500, sizeTogether: 4_000 };

/**
 * Compiles the patterns. Refuses what RE2 does not take, what is larger than the limits, and what matches nothing at all
 * (the empty text), which would be found everywhere. One pass over a text tells which patterns are in it; only those are
 * then searched for their places.
 */
export function compilePatterns(patterns: readonly Pattern[]): PatternsCompiled {
  const problems: PatternProblem[] = [];
  const compiled: RE2JS[] = [];
  let together = 0;
  if (patterns.length > patternLimits.patterns) {
    problems.push({
      pattern: patternLimits.patterns,
      problem: `more than ${patternLimits.patterns} patterns; write fewer`,
    });
    return { ok: false, problems };
  }
  for (const [i, pattern] of patterns.entries()) {
    const made = compileOne(pattern);
    if (typeof made === 'string') problems.push({ pattern: i, problem: made });
    else {
      compiled.push(made);
      together += made.programSize();
    }
  }
  if (together > patternLimits.sizeTogether) {
    const problem = `all patterns together are too large (${together} of at most ${patternLimits.sizeTogether} instructions); write fewer or simpler ones`;
    problems.push({ pattern: patterns.length - 1, problem });
  }
  if (problems.length > 0) return { ok: false, problems };
  const all = [...compiled.keys()];
  const overLines = all.filter((pattern) => !staysInLine(patterns[pattern]?.expression ?? ''));
  const needs = patterns.map(({ expression }) => requiredLiterals(expression));
  const unhinted = all.filter((pattern) => needs[pattern] === undefined);
  const literals = new Map<string, { readonly overLines: boolean }>();
  for (const pattern of all) {
    const isOver = overLines.includes(pattern);
    for (const literal of needs[pattern] ?? [])
      literals.set(literal, { overLines: isOver || literals.get(literal)?.overLines === true });
  }
  const find = compiled.length === 0 ? () => undefined : finder(patterns, compiled, all);
  return {
    ok: true,
    find,
    findUnhinted:
      unhinted.length === 0 ? undefined : unhinted.length === all.length ? find : finder(patterns, compiled, unhinted),
    findOverLines: overLines.length === 0 ? undefined : finder(patterns, compiled, overLines),
    overLinesUnhinted: overLines.some((pattern) => needs[pattern] === undefined),
    literals,
  };
}

/**
 * Whether all that an expression matches is surely without a line feed, by its letters alone: no negated or named class,
 * no flags but `i`, and no escapes but digits, word characters, their edges and signs. A dot matches no line feed.
 */
export function staysInLine(expression: string): boolean {
  return (
    /^[ -~]*$/.test(expression) &&
    !/\\(?![dwbB]|[^A-Za-z0-9])|\[\^|\[:|\(\?(?!:|i[:)])/.test(expression.replaceAll('\\\\', ''))
  );
}

function compileOne({ expression, caseSensitive = false }: Pattern): RE2JS | string {
  if (expression.length > patternLimits.expression) {
    return `longer than ${patternLimits.expression} characters; write a shorter one, or a list of terms`;
  }
  try {
    const made = RE2JS.compile(expression, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    const size = made.programSize();
    if (size > patternLimits.size) {
      return `too large (${size} of at most ${patternLimits.size} instructions); write fewer or smaller repetitions`;
    }
    return made.test('') ? 'matches the empty text; write what must be there' : made;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return `${error.message.replace(/^error parsing regexp: /, '')}; write it in the syntax of RE2, which has no look-around and no back-references`;
  }
}

function finder(patterns: readonly Pattern[], compiled: readonly RE2JS[], which: readonly number[]): Patterns {
  const set = new RE2Set(RE2Set.UNANCHORED, 0);
  for (const pattern of which) {
    const { expression = '', caseSensitive = false } = patterns[pattern] ?? {};
    set.add(caseSensitive ? expression : `(?i:${expression})`);
  }
  set.compile();
  return (cased, found) => {
    for (const matching of set.match(cased.text)) {
      const pattern = which[matching];
      const matcher = pattern === undefined ? undefined : compiled[pattern]?.matcher(cased.text);
      if (pattern === undefined) continue;
      while (matcher?.find() === true) {
        const start = matcher.start();
        const end = matcher.end();
        if (end === start) continue;
        const matched = cased.text.slice(start, end);
        found({ pattern, start: cased.from(start), end: cased.to(end - 1), matched });
      }
    }
  };
}
