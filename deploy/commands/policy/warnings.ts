// What is no mistake in a policy and will be one soon, or is not what its author meant: a line each, with its mend.
import path from 'node:path';
import type { Condition } from '@sallyport/shared/content/rules.ts';
import { conditionOf, detectorsIn } from '@sallyport/shared/policy/condition-schema.ts';
import { endOfDay } from '@sallyport/shared/policy/schema-pieces.ts';
import { placesIn, type ReadPolicy } from './read-policy.ts';
import { wordWarnings } from './word-warnings.ts';

const dayMs = 86_400_000;
/** So many days before an exception ends its author hears of it. */
const daysBefore = 30;

/** All warnings of a good policy, by file and line. `today` is the day from which ends are counted. */
export function warningsOf(policy: ReadPolicy, today: number): readonly string[] {
  return [
    ...ruleWarnings(policy, today),
    ...partnerWarnings(policy),
    ...labelWarnings(policy),
    ...unwrittenLabels(policy),
    ...wordWarnings(policy),
  ];
}

function ruleWarnings(policy: ReadPolicy, today: number): readonly string[] {
  const { lists = [], detectors = [], rules = [], bidiControls } = policy.content;
  const lineOf = placesIn(policy, 'content.yaml');
  const file = path.join(policy.folder, 'content.yaml');
  const told: string[] = [];
  const tell = (line: number, id: string, says: string) => told.push(`${file}:${line}: ${id}: ${says}`);
  for (const [at, { id, owner }] of lists.entries()) {
    if ((owner ?? '').trim() === '') tell(lineOf('lists', at), id, 'nobody answers for it; write owner');
  }
  for (const [at, { id, owner, why, mode, until, unless = [] }] of rules.entries()) {
    const place = (...way: readonly (string | number)[]) => lineOf('rules', at, ...way);
    if (owner.trim() === '') tell(place('owner'), id, 'nobody answers for it; write owner');
    if (why.trim() === '') tell(place('why'), id, 'nobody says what it is for; write why');
    const end = until === undefined ? undefined : endOfDay(until);
    if (mode === 'monitor' && end !== undefined && end <= today) {
      const mend = 'write mode: enforce and remove until, or a later day, or remove the rule';
      tell(place('until'), id, `it only watches, and ${until} has passed; ${mend}`);
    }
    for (const [index, exception] of unless.entries()) {
      const left = Math.ceil(((endOfDay(exception.until) ?? 0) - today) / dayMs);
      const line = place('unless', index, 'until');
      if (left <= 0) tell(line, id, `an exception ended on ${exception.until} and holds no more; remove it`);
      else if (left <= daysBefore)
        tell(
          line,
          id,
          `an exception ends on ${exception.until}, in ${left} days; renew it with its approver, or let it end`,
        );
    }
  }
  for (const [at, { id }] of detectors.entries()) {
    if (!isAsked(id, policy)) tell(lineOf('detectors', at), id, 'no rule asks for it; name it in a rule, or remove it');
  }
  if (bidiControls === 'allow' || bidiControls === 'monitor') {
    const says = 'text can be shown in another order than it is judged in; write block';
    told.push(`${file}:${lineOf('bidiControls')}: bidiControls: ${says}`);
  }
  return told;
}

// Evidence asks for detectors too, but only through a detector that a rule asks for.
function isAsked(id: string, { content: { rules = [], detectors = [] } }: ReadPolicy): boolean {
  const conditions = rules.flatMap(({ when, unless = [] }) => [when, ...unless.map((one) => one.when)]);
  const asked = new Set(conditions.flatMap((one) => detectorsIn(conditionOf(one))));
  if (asked.has(id)) return true;
  return detectors.some((one) => asked.has(one.id) && (one.evidence ?? []).some(({ of }) => of.includes(id)));
}

function partnerWarnings(policy: ReadPolicy): readonly string[] {
  const { labels, partners, rules } = policy;
  const file = path.join(policy.folder, 'partners.yaml');
  const lineOf = placesIn(policy, 'partners.yaml');
  const asks = rules.rules.some(({ when }) => asksForClearance(when));
  const isOn = labels !== undefined || asks;
  if (!isOn || labels?.everyone?.clearance !== undefined) return [];
  const cleared = new Set(
    (labels?.partners ?? []).filter(({ clearance }) => clearance !== undefined).map(({ domain }) => domain),
  );
  return partners.flatMap(({ domain }, at) =>
    cleared.has(domain)
      ? []
      : [
          `${file}:${lineOf('partners', at)}: ${domain}: it is cleared for nothing, so that whatever is marked stays here; ` +
            'write its clearance into labels.yaml',
        ],
  );
}

function labelWarnings(policy: ReadPolicy): readonly string[] {
  const lineOf = placesIn(policy, 'labels.yaml');
  return (policy.labels?.partners ?? []).flatMap(({ domain }, at) =>
    policy.inside.partners.has(domain)
      ? []
      : [
          `${path.join(policy.folder, 'labels.yaml')}:${lineOf('partners', at)}: ${domain}: ` +
            'no partner has this domain, so that it holds for nobody; write a domain of partners.yaml, or remove it',
        ],
  );
}

/** A scheme has no label for a partner that is to get them: whatever is marked so is refused. */
function unwrittenLabels(policy: ReadPolicy): readonly string[] {
  const { labels, partners } = policy;
  const schemes = labels?.schemes ?? [];
  const written = new Set((labels?.ess ?? []).map(({ scheme }) => scheme));
  const missing = schemes.filter((scheme) => !written.has(scheme));
  const file = path.join(policy.folder, 'partners.yaml');
  const lineOf = placesIn(policy, 'partners.yaml');
  return partners.flatMap(({ domain, with: words = [] }, at) => {
    const place = `${file}:${lineOf('partners', at)}: ${domain}`;
    if (!words.includes('labels')) return [];
    if (written.size === 0)
      return [`${place}: it speaks labels, and none can be read or written; write ess into labels.yaml`];
    // What it may not see never leaves, so that nobody misses a label for it.
    const sees = policy.inside.labels?.of(domain).clearance;
    const missed = missing.filter((scheme) => (scheme === 'tlp' ? sees?.light : sees?.levels[scheme]) !== undefined);
    if (missed.length === 0) return [];
    return [
      `${place}: it speaks labels, and none can be written for ${missed.join(', ')}, so that what is marked so is refused; ` +
        'write an entry of ess, or take the scheme from its clearance',
    ];
  });
}

function asksForClearance(condition: Condition): boolean {
  if (condition.kind === 'above-clearance') return true;
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(asksForClearance);
  return condition.kind === 'not' && asksForClearance(condition.of);
}
