// An explanation as lines for people: the message with its marks, what was found, what each rule says, what happens.
import { ownRules } from '@sallyport/shared/content/engine.ts';
import type { Played } from '@sallyport/shared/policy/play-example.ts';
import { doneBy } from '@sallyport/shared/policy/prove-examples.ts';
import { clearanceWords, markingWords, tracedLines } from './condition-words.ts';
import type { Explanation } from './explanation.ts';
import { drawn, type Mark, safe } from './on-terminal.ts';
import type { ReadPolicy } from './read-policy.ts';
import type { TracedCondition, TracedFinding, TracedRule } from './trace.ts';

/** All of it, in the order in which it is read; `all`: the conditions of every rule, also where nothing of it was found. */
export function explanationLines(told: Explanation, policy: ReadPolicy, all: boolean): readonly string[] {
  const { findings, rules, isWhole } = told.trace;
  return [
    ...whoAndWhat(told),
    ...told.parts.flatMap(({ part, text, views }, index) => [
      '',
      part,
      ...drawn(text, [...marksOf(findings, index), ...engineMarks(told, index)]).map((line) => `  | ${line}`),
      ...views.map(({ channel, text: seen }) => `  ${channel.padEnd(10)}${safe(seen)}`),
    ]),
    '',
    'What was found',
    ...(isWhole ? [] : ['  More than the bounds of the engine take: what was not looked at may be anything.']),
    ...findingLines(findings),
    '',
    'What the rules say',
    ...engineLines(told),
    ...rules.filter((rule) => all || !isQuiet(rule)).flatMap((rule) => ruleLines(rule, policy, all)),
    ...(all ? [] : quietLines(rules.filter(isQuiet))),
    '',
    ...decision(told, policy),
  ];
}

function whoAndWhat({ direction, from, to, partner, subject }: Explanation): readonly string[] {
  const label =
    subject.label === undefined
      ? 'without a label'
      : subject.label === 'unknown'
        ? 'with a label that nobody can read, which counts as the strictest'
        : `labelled ${markingWords(subject.label)}`;
  const way = direction === 'outward' ? 'A message that leaves' : 'A message that comes in';
  const { clearance = { levels: {}, caveats: [], nations: [] }, before = [] } = subject;
  return [
    `${way}, from ${safe(from)} to ${safe(to)}, ${label}.`,
    `${safe(partner)} may see ${clearanceWords(clearance)}.`,
    ...(before.length === 0 ? [] : [`Said before in this conversation: ${before.length} texts.`]),
  ];
}

function marksOf(findings: readonly TracedFinding[], part: number): readonly Mark[] {
  return findings.flatMap((finding, at) =>
    finding.part === part ? [{ start: finding.start, end: finding.end, word: String(at + 1) }] : [],
  );
}

const findingsShown = 40;

const channelWords: Readonly<Record<TracedFinding['channel'], string>> = {
  canonical: 'written plainly',
  skeleton: 'in letters that look like it',
  squeezed: 'with signs, spaces or digits in it',
  decoded: 'in code',
  cased: 'written plainly',
};

function findingLines(findings: readonly TracedFinding[]): readonly string[] {
  if (findings.length === 0) return ['  nothing'];
  const lines = findings.slice(0, findingsShown).map((finding, at) => {
    const { detector, marking, score, surer, channel, spread } = finding;
    const what = detector ?? 'a marking';
    const read = marking === undefined ? '' : `, ${markingWords(marking)}`;
    const sum = surer === score ? `${score}` : `${score}, ${surer} with what stands near it`;
    const began = spread ? ', begun in an earlier text' : '';
    return `  ${String(at + 1).padStart(2)}  ${what}${read}: score ${sum}; ${channelWords[channel]} (${channel})${began}`;
  });
  return findings.length > findingsShown ? [...lines, `  … and ${findings.length - findingsShown} more`] : lines;
}

/** The rules of the engine itself have no words in the policy. */
const engineWords: ReadonlyMap<string, string> = new Map([
  [
    ownRules.bidi,
    'a character turns the direction of the text, so that it is read in another order than it is judged in',
  ],
  [ownRules.size, 'it is larger, or has more in it, than can be judged'],
  [ownRules.fault, 'the engine failed, and what was not judged does not pass'],
]);

function engineLines({ inside }: Explanation): readonly string[] {
  return inside.evaluation.hits.flatMap(({ rule }) => {
    const words = engineWords.get(rule);
    return words === undefined ? [] : [`  > ${rule}: FIRES: ${words}`];
  });
}

function engineMarks({ inside }: Explanation, index: number): readonly Mark[] {
  return inside.evaluation.hits.flatMap(({ rule, part, start = 0, end = 0 }) =>
    engineWords.has(rule) && part === index ? [{ start, end, word: rule }] : [],
  );
}

function isQuiet({ apart, when, fires }: TracedRule): boolean {
  return !fires && (apart !== undefined || !foundAny(when));
}

function quietLines(quiet: readonly TracedRule[]): readonly string[] {
  const nothing = quiet.filter(({ apart }) => apart === undefined).map(({ rule }) => rule.id);
  const apart = quiet.filter((one) => one.apart !== undefined).map(({ rule }) => rule.id);
  return [
    ...(nothing.length === 0 ? [] : [`    Nothing of what they ask for: ${nothing.join(', ')}.`]),
    ...(apart.length === 0 ? [] : [`    Not about such a message: ${apart.join(', ')}.`]),
  ];
}

function ruleLines(traced: TracedRule, policy: ReadPolicy, all: boolean): readonly string[] {
  const { rule, apart, when, unless, fires } = traced;
  const title = policy.inside.content.rules.get(rule.id)?.title ?? '';
  const does = rule.mode === 'monitor' ? `would ${rule.action}, but only watches` : rule.action;
  const isTakenBack = apart === undefined && when.holds && !fires;
  const says = fires ? `FIRES: ${does}` : isTakenBack ? 'fires not, by an exception' : `no: ${whyNot(traced)}`;
  const exceptions = unless.flatMap(({ until, isOver, when: condition }) => {
    const end = new Date(until - 1).toISOString().slice(0, 10);
    const state = isOver ? 'has ended' : condition.holds ? 'holds, and takes the rule back' : 'does not hold';
    return [`      exception until ${end}: ${state}`, ...tracedLines(condition, '        ')];
  });
  const shows = all || fires || isTakenBack || (apart === undefined && foundAny(when));
  return [
    `  ${fires ? '>' : ' '} ${rule.id}: ${says}`,
    ...(shows ? [...(fires ? [`      ${safe(title)}`] : []), ...tracedLines(when, '      '), ...exceptions] : []),
  ];
}

function whyNot({ rule, apart, when }: TracedRule): string {
  if (apart === 'direction') return `it is for what ${rule.direction === 'inward' ? 'comes in' : 'leaves'}`;
  if (apart === 'scope') return 'it is not about these people, this partner or this kind of packet';
  return foundAny(when) ? 'what was found is not enough' : 'nothing of what it asks for';
}

function foundAny({ all = 0, of }: TracedCondition): boolean {
  return all > 0 || of.some(foundAny);
}

function decision({ inside, dmz }: Explanation, policy: ReadPolicy): readonly string[] {
  const lines = [`What happens: ${outcome(inside)}`];
  const rule = inside.rule === undefined ? undefined : policy.inside.content.rules.get(inside.rule);
  if (inside.rule !== undefined && inside.action !== 'allow') {
    lines.push(`  ${inside.rule} decides${rule === undefined ? '' : `: ${safe(rule.title)}`}.`);
  }
  if (inside.redacted !== undefined) lines.push(`  What goes on: ${safe(inside.redacted)}`);
  if (inside.publicText !== undefined) {
    lines.push(
      `  The sender reads: ${inside.publicText === '' ? 'nothing but that it was refused' : safe(inside.publicText)}`,
    );
  }
  for (const { rule: id, action } of inside.evaluation.wouldHave)
    lines.push(`  In force, ${id} would do this: ${action}.`);
  if (doneBy(inside) !== doneBy(dmz)) {
    lines.push(`  The proxy alone, without the lists that only the inside holds: ${outcome(dmz)}`);
  }
  return lines;
}

function outcome({ action, evaluation }: Played): string {
  switch (action) {
    case 'allow':
    case 'monitor':
      return 'it passes, since no rule in force stops it.';
    case 'warn':
      return 'it passes, and is told in the audit.';
    case 'redact':
      return 'it passes without what was found.';
    case 'quarantine':
      return 'it is held until somebody decides.';
    case 'block':
      return evaluation.action === 'redact'
        ? 'it is refused: what was found cannot be taken out alone.'
        : 'it is refused.';
    default:
      return action satisfies never;
  }
}
