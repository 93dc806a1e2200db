// Decides past messages anew from their features, as far as these say: what was not looked for then is not known now.
import { compileRules } from '@sallyport/shared/content/compile-rules.ts';
import { type Facts, judgeCondition } from '@sallyport/shared/content/conditions.ts';
import { ownRules } from '@sallyport/shared/content/engine.ts';
import type { Finding, Findings } from '@sallyport/shared/content/findings.ts';
import { type Action, actions, type Condition, type Rule, type Rules } from '@sallyport/shared/content/rules.ts';
import { detectorsIn } from '@sallyport/shared/policy/condition-schema.ts';
import type { JournalDecision, JournalHead } from '@sallyport/shared/policy/journal-line.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { ReadPolicy } from './read-policy.ts';

export type Redecided = {
  readonly action: Action | 'allow';
  readonly rule?: string;
  /** These rules could decide it otherwise, and ask for what was not looked for then; none where all is known. */
  readonly unsaid: readonly string[];
  /** The rules that only watch: which of them fire, and of which it cannot be said. */
  readonly would: readonly string[];
  readonly wouldUnsaid: readonly string[];
};

export type Redecide = (head: JournalHead, decision: JournalDecision) => Redecided;

/** Makes it for one policy, as the side whose journal it is judges. What it cannot say it does not guess. */
export function redecideWith({ inside, rules, dmz, dmzRules }: ReadPolicy): Redecide {
  const sides = { inside: redecideAt(inside, rules), dmz: redecideAt(dmz, dmzRules) };
  return (head, decision) => sides[head.side](head, decision);
}

function redecideAt(policy: Policy, source: Rules): Redecide {
  const made = compileRules(source);
  if (!made.ok) throw new Error(made.problems.map(({ problem }) => problem).join('; '));
  const { compiled } = made;
  const lookedFor = policy.content.lookedFor();
  const names = [...lookedFor.detectors.keys()];
  const evidenceOf = new Map(
    source.detectors.map(({ id, evidence = [] }) => [id, evidence.flatMap(({ detectors }) => detectors)]),
  );
  return (head, decision) => {
    const isKnown = (name: string) => head.detectors[name] === lookedFor.detectors.get(name);
    const says = (condition: Condition): boolean =>
      detectorsIn(condition).every((name) => [name, ...(evidenceOf.get(name) ?? [])].every(isKnown)) &&
      (!asksForMarkings(condition) || lookedFor.schemes.every((scheme) => head.schemes.includes(scheme)));
    const { findings, markings } = found(decision, names, lookedFor.schemes);
    const clearance = policy.labels?.of(decision.partner).clearance;
    const label = labelOf(decision, policy);
    const subject = { ...(clearance === undefined ? {} : { clearance }), ...(label === undefined ? {} : { label }) };
    const fired: { readonly action: Action; readonly rule: string }[] = [];
    const unknown: { readonly action: Action; readonly rule: string }[] = [];
    const would: string[] = [];
    const wouldUnsaid: string[] = [];
    if (!decision.isWhole) return { action: 'block', rule: ownRules.size, unsaid: [], would, wouldUnsaid };
    if (decision.bidi && compiled.bidiControls !== 'allow')
      fired.push({ action: compiled.bidiControls, rule: ownRules.bidi });
    for (const rule of compiled.rules) {
      if (!isAbout(rule, decision)) continue;
      const facts: Facts = {
        ...{ subject, findings, markings, detectors: compiled.known, cutCounts: true },
        sees: (part) => seesPart(rule, decision.parts[part]),
      };
      const asksForIds = !head.ids && (rule.parts === undefined || rule.parts.includes('id'));
      const exceptions = (rule.unless ?? []).filter(({ until }) => decision.at < until).map(({ when }) => when);
      if (asksForIds || !says(rule.when) || !exceptions.every(says)) {
        if (rule.mode === 'monitor') wouldUnsaid.push(rule.id);
        else unknown.push({ action: rule.action, rule: rule.id });
        continue;
      }
      const isTakenBack = exceptions.some((when) => judgeCondition(when, { ...facts, cutCounts: false }) !== undefined);
      if (isTakenBack || judgeCondition(rule.when, facts) === undefined) continue;
      if (rule.mode === 'monitor') would.push(rule.id);
      else fired.push({ action: rule.action, rule: rule.id });
    }
    const most = fired.reduce<(typeof fired)[number] | undefined>(
      (best, one) => (best === undefined || rank(one.action) > rank(best.action) ? one : best),
      undefined,
    );
    const unsaid = unknown
      .filter(({ action }) => most === undefined || rank(action) > rank(most.action))
      .map(({ rule }) => rule);
    return {
      action: most?.action ?? 'allow',
      unsaid,
      would,
      wouldUnsaid,
      ...(most === undefined ? {} : { rule: most.rule }),
    };
  };
}

function rank(action: Action): number {
  return actions.indexOf(action);
}

function isAbout({ direction, applies }: Rule, { direction: way, ...about }: JournalDecision): boolean {
  return (direction === 'both' || direction === way) && (applies === undefined || applies(about));
}

function seesPart({ parts }: Rule, at: string | undefined): boolean {
  return at !== undefined && (parts === undefined || parts.some((part) => part === at));
}

function asksForMarkings(condition: Condition): boolean {
  switch (condition.kind) {
    case 'above-clearance':
    case 'above-label':
      return true;
    case 'all':
    case 'any':
      return condition.of.some(asksForMarkings);
    case 'not':
      return asksForMarkings(condition.of);
    case 'found':
    case 'near':
    case 'total':
    case 'unlabelled':
      return false;
    default:
      return condition satisfies never;
  }
}

type Place = JournalDecision['markings'][number]['at'];

function found(
  { found: places, markings, cut }: JournalDecision,
  names: readonly string[],
  schemes: readonly string[],
): { readonly findings: Findings; readonly markings: readonly Finding[] } {
  const all = names.map((name) => (places[name] ?? []).map(findingOf));
  const findings: Findings = {
    add: () => undefined,
    of: (detector) => all[detector] ?? [],
    isCut: (detector) => cut.includes(names[detector] ?? ''),
    isEmpty: () => all.every((one) => one.length === 0),
  };
  return {
    findings,
    markings: markings
      .filter(({ marking }) => marking.scheme === 'plain' || schemes.includes(marking.scheme))
      .map(({ at, marking }) => ({ ...findingOf(at), marking: exact(marking) })),
  };
}

function findingOf([part, start, end, score, channel, same, spread]: Place): Finding {
  return { part, start, end, score, channel, same: String(same), ...(spread ? { spread: true } : {}) };
}

type Written = JournalDecision['markings'][number]['marking'];

function exact({ releasableTo, ...marking }: Written): NonNullable<Finding['marking']> {
  return { ...marking, ...(releasableTo === undefined ? {} : { releasableTo }) };
}

function labelOf({ label, partner, direction, kind }: JournalDecision, { labels }: Policy): Facts['subject']['label'] {
  if (label !== undefined) return label === 'unknown' ? label : exact(label);
  if (kind !== 'message') return { scheme: 'plain', level: 'unclassified', caveats: [] };
  return labels?.of(partner).unlabelled[direction]?.marking;
}
