// Judges all texts of a packet by all rules; the most restrictive action wins, and a fault of ours blocks (§1.2).
import type { CompiledRules } from './compile-rules.ts';
import { type Because, type Facts, judgeCondition } from './conditions.ts';
import { createDetect, type Detected } from './detect.ts';
import { findingsAtMost } from './findings.ts';
import {
  type Action,
  actions,
  type Carry,
  type Direction,
  type Evaluation,
  type Hit,
  type Rule,
  type Subject,
} from './rules.ts';

export type Engine = {
  /** `seen` hears of all that was found, before rules decide from it; it must not throw. */
  readonly evaluate: (subject: Subject, seen?: (detected: Detected) => void) => Evaluation;
};

/** Rules of the engine itself; no policy may name its rules so. */
export const ownRules = { fault: 'engine-fault', bidi: 'bidi-controls', size: 'too-large' };

/**
 * Makes an engine of compiled rules. `evaluate` never throws: what goes wrong inside blocks as `engine-fault`, and what is
 * larger than the engine's bounds blocks as `too-large`. It is pure: the same subject has the same evaluation.
 */
export function createEngine(compiled: CompiledRules): Engine {
  const detect = createDetect(compiled.detectors);
  const labelled = rulesThatNeedNoFinding(compiled, true);
  const unlabelled = rulesThatNeedNoFinding(compiled, false);
  return {
    evaluate(subject, seen) {
      try {
        const detected = detect(subject);
        seen?.(detected);
        const needing = subject.label === undefined ? unlabelled : labelled;
        const evaluation = evaluate(compiled, needing[subject.direction], detected, subject);
        return detected.carry === undefined ? evaluation : carrying(evaluation, detected.carry);
      } catch {
        // INVARIANT: content never leaves in an error (I6), so nothing of what was thrown is told.
        return own('block', ownRules.fault);
      }
    },
  };
}

function carrying({ rule, action, hits, wouldHave, isCut }: Evaluation, carry: Carry): Evaluation {
  const carried = { action, hits, wouldHave, isCut, carry };
  return rule === undefined ? carried : { ...carried, rule };
}

function own(action: Action, rule: string): Evaluation {
  return { action, rule, hits: [{ rule, mode: 'enforce' }], wouldHave: [], isCut: false };
}

// By far most packets hold nothing that a detector finds, no marking either: then only these rules can fire, of packets
// with a label or of those without.
function rulesThatNeedNoFinding({ rules }: CompiledRules, labelled: boolean): Readonly<Record<Direction, Rule[]>> {
  const needing = rules.filter(({ when }) => canHoldWithout(when, labelled));
  return {
    inward: needing.filter(({ direction }) => direction !== 'outward'),
    outward: needing.filter(({ direction }) => direction !== 'inward'),
  };
}

function canHoldWithout(condition: Rule['when'], labelled: boolean): boolean {
  switch (condition.kind) {
    case 'found':
    case 'near':
    case 'total':
    case 'above-label':
      return false;
    case 'above-clearance':
      return labelled;
    case 'unlabelled':
    case 'not':
      return true;
    case 'all':
      return condition.of.every((one) => canHoldWithout(one, labelled));
    case 'any':
      return condition.of.some((one) => canHoldWithout(one, labelled));
    default:
      return condition satisfies never;
  }
}

function evaluate(compiled: CompiledRules, needing: readonly Rule[], detected: Detected, subject: Subject): Evaluation {
  if (!detected.isWhole) return own('block', ownRules.size);
  const { findings, markings } = detected;
  const bidi = compiled.bidiControls === 'allow' ? undefined : bidiHit(subject);
  const isQuiet = findings.isEmpty() && markings.length === 0;
  const rules = isQuiet ? needing : compiled.rules;
  if (rules.length === 0 && bidi === undefined) return nothing;
  const hits: Hit[] = [];
  const wouldHave: { readonly rule: string; readonly action: Action }[] = [];
  let decided: { readonly rule: string; readonly action: Action } | undefined;
  const fire = (rule: string, action: Action): void => {
    if (decided === undefined || actions.indexOf(action) > actions.indexOf(decided.action)) decided = { rule, action };
  };
  if (bidi !== undefined && compiled.bidiControls !== 'allow') {
    hits.push(bidi);
    fire(ownRules.bidi, compiled.bidiControls);
  }
  let isCut = false;
  for (const rule of rules) {
    if (!isAbout(rule, subject)) continue;
    const facts: Facts = {
      subject,
      findings,
      markings,
      detectors: compiled.known,
      sees: seenBy(rule, subject),
      cutCounts: true,
    };
    const because = firing(rule, facts, subject);
    if (because === undefined) continue;
    if (rule.mode === 'monitor') wouldHave.push({ rule: rule.id, action: rule.action });
    else fire(rule.id, rule.action);
    for (const hit of hitsOf(rule, because)) {
      if (hits.length < hitsAtMost) hits.push(hit);
      else isCut = true;
    }
    isCut ||= because.some(
      ({ detector }) => detector !== undefined && findings.isCut(compiled.known.get(detector)?.index ?? -1),
    );
  }
  return { action: 'allow', ...(decided === undefined ? {} : decided), hits, wouldHave, isCut };
}

const nothing: Evaluation = { action: 'allow', hits: [], wouldHave: [], isCut: false };
const hitsAtMost = 10 * findingsAtMost;

function seenBy({ parts }: Rule, subject: Subject): Facts['sees'] {
  if (parts === undefined) return () => true;
  return (part) => {
    const at = subject.parts[part]?.part;
    return at !== undefined && parts.includes(at);
  };
}

function isAbout({ direction, applies }: Rule, subject: Subject): boolean {
  if (direction !== 'both' && direction !== subject.direction) return false;
  return applies === undefined || applies(subject.about ?? {});
}

function firing(rule: Rule, facts: Facts, subject: Subject): readonly Because[] | undefined {
  const because = judgeCondition(rule.when, facts);
  if (because === undefined) return undefined;
  const isTakenBack = rule.unless?.some(
    ({ when, until }) => subject.now < until && judgeCondition(when, { ...facts, cutCounts: false }) !== undefined,
  );
  return isTakenBack === true ? undefined : because;
}

function hitsOf(rule: Rule, because: readonly Because[]): readonly Hit[] {
  const { id, mode } = rule;
  if (because.length === 0) return [{ rule: id, mode }];
  return because.map(({ detector, finding }) => {
    const named = { rule: id, mode, ...(detector === undefined ? {} : { detector }) };
    if (finding === undefined) return named;
    const { part, start, end, channel, score, spread } = finding;
    return { ...named, part, start, end, channel, score, ...(spread === undefined ? {} : { spread }) };
  });
}

const bidiControl = /[\u202a-\u202e\u2066-\u2069]/;

function bidiHit({ parts }: Subject): Hit | undefined {
  for (const [part, { text }] of parts.entries()) {
    const start = text.search(bidiControl);
    if (start >= 0) return { rule: ownRules.bidi, mode: 'enforce', part, start, end: start + 1, score: 100 };
  }
  return undefined;
}
