// Why the rules of a policy decide as they do about one message: every finding, every condition, every exception.
import { compileRules } from '@sallyport/shared/content/compile-rules.ts';
import { type Facts, judgeCondition } from '@sallyport/shared/content/conditions.ts';
import { createDetect } from '@sallyport/shared/content/detect.ts';
import type { Finding } from '@sallyport/shared/content/findings.ts';
import type { Condition, Rule, Rules, Subject } from '@sallyport/shared/content/rules.ts';

export type TracedFinding = Pick<Finding, 'part' | 'start' | 'end' | 'channel' | 'marking'> & {
  /** Undefined: a marking that no detector asks for, but a condition about markings. */
  readonly detector?: string;
  /** By itself, and with what stands near it. */
  readonly score: number;
  readonly surer: number;
  readonly spread: boolean;
};

export type TracedCondition = {
  readonly condition: Condition;
  readonly holds: boolean;
  /** Of conditions about findings: how many were sure enough, how many there are, and the best score of all. */
  readonly enough?: number;
  readonly all?: number;
  readonly best?: number;
  readonly of: readonly TracedCondition[];
};

export type TracedRule = {
  readonly rule: Rule;
  /** Why the rule is not about this message; undefined: it is. */
  readonly apart?: 'direction' | 'scope';
  readonly when: TracedCondition;
  readonly unless: readonly {
    readonly until: number;
    readonly isOver: boolean;
    readonly when: TracedCondition;
  }[];
  readonly fires: boolean;
};

export type Trace = {
  readonly findings: readonly TracedFinding[];
  readonly rules: readonly TracedRule[];
  /** A bound stopped the detectors before the end. */
  readonly isWhole: boolean;
};

/** Runs the detectors of the rules over the subject, and asks every condition by itself. Throws where rules do not compile. */
export function traceOf(rules: Rules, subject: Subject): Trace {
  const made = compileRules(rules);
  if (!made.ok) throw new Error(made.problems.map(({ problem }) => problem).join('; '));
  const { compiled } = made;
  const { findings, markings, isWhole } = createDetect(compiled.detectors)(subject);
  const base = { subject, findings, markings, detectors: compiled.known, cutCounts: true };
  const facts: Facts = { ...base, sees: () => true };
  return {
    findings: [
      ...rules.detectors.flatMap(({ id }) => {
        const surer = judgeCondition({ kind: 'found', detector: id, minScore: 1 }, facts) ?? [];
        return surer.flatMap(({ finding }) => {
          if (finding === undefined) return [];
          const own = findings.of(compiled.known.get(id)?.index ?? -1);
          const score = own.find((one) => isSame(one, finding))?.score ?? finding.score;
          return [{ ...placeOf(finding), detector: id, score, surer: finding.score }];
        });
      }),
      ...markings.map((finding) => ({ ...placeOf(finding), score: finding.score, surer: finding.score })),
    ].toSorted((a, b) => a.part - b.part || a.start - b.start || b.end - a.end),
    rules: compiled.rules.map((rule) => tracedRule(rule, { ...base, sees: seenBy(rule, subject) }, subject)),
    isWhole,
  };
}

function isSame(a: Finding, b: Finding): boolean {
  return a.part === b.part && a.start === b.start && a.end === b.end && a.channel === b.channel;
}

function placeOf({ part, start, end, channel, marking, spread }: Finding): Omit<TracedFinding, 'score' | 'surer'> {
  return { part, start, end, channel, spread: spread === true, ...(marking === undefined ? {} : { marking }) };
}

function seenBy({ parts }: Rule, subject: Subject): Facts['sees'] {
  return (part) => {
    const at = subject.parts[part]?.part;
    return at !== undefined && (parts === undefined || parts.includes(at));
  };
}

function tracedRule(rule: Rule, facts: Facts, subject: Subject): TracedRule {
  const isApart = rule.direction !== 'both' && rule.direction !== subject.direction;
  const isOutside = rule.applies !== undefined && !rule.applies(subject.about ?? {});
  const when = traced(rule.when, facts);
  const unless = (rule.unless ?? []).map((one) => ({
    until: one.until,
    isOver: subject.now >= one.until,
    when: traced(one.when, { ...facts, cutCounts: false }),
  }));
  const isTakenBack = unless.some((one) => !one.isOver && one.when.holds);
  const apart = isApart ? 'direction' : isOutside ? 'scope' : undefined;
  return {
    rule,
    when,
    unless,
    ...(apart === undefined ? {} : { apart }),
    fires: apart === undefined && when.holds && !isTakenBack,
  };
}

function traced(condition: Condition, facts: Facts): TracedCondition {
  const holds = judgeCondition(condition, facts) !== undefined;
  const told = { condition, holds, of: [] };
  switch (condition.kind) {
    case 'found': {
      const { detector } = condition;
      return { ...told, ...countsOf([detector], condition.minScore, facts) };
    }
    case 'near':
      return { ...told, ...countsOf([condition.first, condition.second], condition.minScore, facts) };
    case 'total':
      return { ...told, ...countsOf(condition.detectors, 1, facts) };
    case 'all':
    case 'any':
      return { ...told, of: condition.of.map((one) => traced(one, facts)) };
    case 'not':
      return { ...told, of: [traced(condition.of, { ...facts, cutCounts: !facts.cutCounts })] };
    case 'above-clearance':
    case 'above-label': {
      const seen = facts.markings.filter(({ part }) => facts.sees(part));
      const enough = seen.filter(({ score }) => score >= (condition.minScore ?? 75)).length;
      return { ...told, enough, all: seen.length, best: Math.max(0, ...seen.map(({ score }) => score)) };
    }
    case 'unlabelled':
      return told;
    default:
      return condition satisfies never;
  }
}

function countsOf(
  detectors: readonly string[],
  minScore: number | undefined,
  facts: Facts,
): Required<Pick<TracedCondition, 'enough' | 'all' | 'best'>> {
  const all = detectors.flatMap((detector) => judgeCondition({ kind: 'found', detector, minScore: 1 }, facts) ?? []);
  const scores = all.map(({ finding }) => finding?.score ?? 0);
  const enough = scores.filter((score) => score >= (minScore ?? 75)).length;
  return { enough, all: scores.length, best: Math.max(0, ...scores) };
}
