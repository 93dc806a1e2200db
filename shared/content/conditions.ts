// Whether a rule's condition holds for what was found, and which findings made it hold.
import type { Finding, Findings } from './findings.ts';
import { dominates, isAtLeast, type Marking } from './markings/marking.ts';
import type { Condition, Evidence, Subject } from './rules.ts';

/** What a condition may know. `sees` says whether the rule looks at this part. */
export type Facts = {
  readonly subject: Pick<Subject, 'label' | 'clearance'>;
  readonly findings: Findings;
  readonly markings: readonly Finding[];
  readonly detectors: ReadonlyMap<string, KnownDetector>;
  readonly sees: (part: number) => boolean;
  /** Whether what a bound cut off counts as there: true for what blocks, false for what takes a block back. */
  readonly cutCounts: boolean;
};

export type KnownDetector = { readonly index: number; readonly evidence: readonly Evidence[] };

export type Because = { readonly detector?: string; readonly finding?: Finding };

/** What a condition says of `minScore` where it says nothing. */
export const scoreThatCounts = 75;

/** Undefined: it does not hold. Otherwise what it holds because of, which is nothing for what no text says. */
export function judgeCondition(condition: Condition, facts: Facts): readonly Because[] | undefined {
  switch (condition.kind) {
    case 'found': {
      const found = surely(condition.detector, condition.minScore, facts);
      const count = condition.distinct === true ? new Set(found.map(({ same }) => same)).size : found.length;
      return count >= (condition.count ?? 1) ? named(condition.detector, found) : undefined;
    }
    case 'near':
      return near(condition, facts);
    case 'total':
      return total(condition, facts);
    case 'above-clearance':
      return aboveClearance(condition.minScore, facts);
    case 'above-label':
      return aboveLabel(condition.minScore, facts);
    case 'unlabelled':
      return facts.subject.label === undefined || facts.subject.label === 'unknown' ? [] : undefined;
    case 'all': {
      const because: Because[] = [];
      for (const one of condition.of) {
        const held = judgeCondition(one, facts);
        if (held === undefined) return undefined;
        because.push(...held);
      }
      return because;
    }
    case 'any': {
      const held = condition.of.map((one) => judgeCondition(one, facts)).filter((because) => because !== undefined);
      return held.length === 0 ? undefined : held.flat();
    }
    case 'not':
      return judgeCondition(condition.of, { ...facts, cutCounts: !facts.cutCounts }) === undefined ? [] : undefined;
    default:
      return condition satisfies never;
  }
}

function named(detector: string, found: readonly Finding[]): readonly Because[] {
  return found.map((finding) => ({ detector, finding }));
}

// The findings of a detector in the rule's parts, sure enough with what evidence adds.
function surely(detector: string, minScore: number | undefined, facts: Facts): readonly Finding[] {
  const known = facts.detectors.get(detector);
  if (known === undefined) return [];
  const least = minScore ?? scoreThatCounts;
  const found: Finding[] = [];
  for (const finding of facts.findings.of(known.index)) {
    if (!facts.sees(finding.part)) continue;
    const score =
      finding.score >= 100 ? 100 : Math.min(100, finding.score + evidenceFor(finding, known.evidence, facts));
    if (score >= least) found.push(score === finding.score ? finding : { ...finding, score });
  }
  return found;
}

function evidenceFor(finding: Finding, evidence: readonly Evidence[], facts: Facts): number {
  let sum = 0;
  for (const { detectors, within, add } of evidence) {
    const isNear = detectors.some((detector) =>
      facts.findings
        .of(facts.detectors.get(detector)?.index ?? -1)
        .some(
          (other) => other.score >= scoreThatCounts && facts.sees(other.part) && distance(finding, other) <= within,
        ),
    );
    if (isNear) sum += add;
  }
  return sum;
}

function distance(a: Finding, b: Finding): number {
  if (a.part !== b.part) return Number.POSITIVE_INFINITY;
  return Math.max(0, a.start < b.start ? b.start - a.end : a.start - b.end);
}

function near(
  { first, second, within, minScore }: Extract<Condition, { kind: 'near' }>,
  facts: Facts,
): readonly Because[] | undefined {
  const ones = surely(first, minScore, facts);
  const others = surely(second, minScore, facts);
  const because: Because[] = [];
  for (const one of ones) {
    const other = others.find((found) => found !== one && distance(one, found) <= within);
    if (other !== undefined) because.push({ detector: first, finding: one }, { detector: second, finding: other });
  }
  if (because.length > 0) return because;
  // Of a flood not all is kept, and the pair may be among the rest.
  const isCut =
    facts.cutCounts &&
    [first, second].some((detector) => facts.findings.isCut(facts.detectors.get(detector)?.index ?? -1));
  return isCut && ones.length > 0 && others.length > 0 ? [...named(first, ones), ...named(second, others)] : undefined;
}

function total(
  { detectors, atLeast }: Extract<Condition, { kind: 'total' }>,
  facts: Facts,
): readonly Because[] | undefined {
  const because = detectors.flatMap((detector) => named(detector, surely(detector, 1, facts)));
  const best = new Map<string, number>();
  for (const { detector, finding } of because) {
    const key = `${detector} ${finding?.same}`;
    best.set(key, Math.max(best.get(key) ?? 0, finding?.score ?? 0));
  }
  const sum = [...best.values()].reduce((all, score) => all + score, 0);
  return sum >= atLeast ? because : undefined;
}

function surelyMarked(minScore: number | undefined, { markings, sees }: Facts): readonly Finding[] {
  return markings.filter(({ score, part }) => score >= (minScore ?? scoreThatCounts) && sees(part));
}

// The clearance of somebody of whom nothing is known.
const cleared = { levels: {}, caveats: [], nations: [] };

function aboveClearance(minScore: number | undefined, facts: Facts): readonly Because[] | undefined {
  const { label, clearance = cleared } = facts.subject;
  const above = surelyMarked(minScore, facts).filter(
    ({ marking }) => marking !== undefined && !dominates(clearance, marking),
  );
  const labelIsAbove = label === 'unknown' || (label !== undefined && !dominates(clearance, label));
  return above.length > 0 || labelIsAbove ? above.map((finding) => ({ finding })) : undefined;
}

function aboveLabel(minScore: number | undefined, facts: Facts): readonly Because[] | undefined {
  const { label } = facts.subject;
  const above = surelyMarked(minScore, facts).filter(
    ({ marking }) => marking !== undefined && (label === undefined || label === 'unknown' || !covers(label, marking)),
  );
  return above.length > 0 ? above.map((finding) => ({ finding })) : undefined;
}

// A word whose scheme nobody told counts as one of the label's scheme.
function covers(label: Marking, marking: Marking): boolean {
  if (marking.scheme === 'plain' && label.scheme !== 'tlp')
    return isAtLeast(label, { ...marking, scheme: label.scheme });
  if (label.scheme === 'plain' && marking.scheme !== 'tlp')
    return isAtLeast({ ...label, scheme: marking.scheme }, marking);
  return isAtLeast(label, marking);
}
