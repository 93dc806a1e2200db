// What content rules say of one packet: it goes on, it goes on without what they took out, or it is refused (§1.2).
import type { Jid } from '../address/jid.ts';
import type { Instant } from '../clock.ts';
import type { Marking } from '../content/markings/marking.ts';
import type { Carry, Evaluation, PartOfText, Subject } from '../content/rules.ts';
import type { Tail, Tails } from '../content/tails.ts';
import { counter } from '../metrics.ts';
import type { Content } from '../packet.ts';
import type { RefusalCode } from '../refusals.ts';
import { rewrite } from '../rewrite.ts';
import { idsOf, partsOf } from '../texts-of.ts';
import { pass, refuse, type Verdict } from '../verdict.ts';
import { type LabelTerms, usualLabels } from './label-schema.ts';
import type { Direction, Policy } from './policy.ts';
import { compileTexts } from './texts.ts';

/** What is judged: a packet, or what becomes one. */
export type Judged = {
  readonly from: Jid;
  readonly to: Jid;
  readonly lang: string;
  readonly content: Content;
  readonly stanzaId?: string;
  readonly id?: string;
};

export type ContentTerms = {
  readonly policy: Policy;
  readonly direction: Direction;
  readonly now: Instant;
  /** What was said last between two people; without it each packet is judged by itself. */
  readonly tails?: Tails | undefined;
  /** Hears in one line which rules fired, or would have; never content. Not called for what no rule says anything of. */
  readonly noticed?: (notice: string) => void;
};

const rulesFired = counter('content_rules_fired', 'Packets for which a content rule fired, or would have', [
  'rule',
  'action',
] as const);
const usualTexts = compileTexts();
// A name of which nothing classified can be said: what has no place for a label is not unlabelled.
const needsNoLabel: Marking = { scheme: 'plain', level: 'unclassified', caveats: [] };

/** The subject of an evaluation: all texts, the label or what stands for it, the partner's clearance. */
export function subjectOf(judged: Judged, terms: ContentTerms): Subject {
  return subjectBehind(tailOf(judged, terms), judged, terms);
}

function subjectBehind(tail: Tail | undefined, judged: Judged, { policy, direction, now }: ContentTerms): Subject {
  const { from, to, content } = judged;
  const [external, internal] = direction === 'inward' ? [from, to] : [to, from];
  const terms = (policy.labels ?? usualLabels).of(external.domain);
  const label = labelOf(content, terms, direction);
  const parts = partsOf(judged);
  if (policy.content.asksForIds)
    parts.push(...idsOf({ from, to, content, stanzaId: judged.stanzaId ?? judged.id ?? '' }));
  const about = { partner: external.domain, external: external.bare, internal: internal.bare, kind: content.kind };
  const subject: { -readonly [Key in keyof Subject]: Subject[Key] } = {
    direction,
    parts,
    clearance: terms.clearance,
    about,
    now,
  };
  if (tail !== undefined) {
    subject.before = tail.texts;
    subject.carry = tail.carry;
  }
  if (label !== undefined) subject.label = label;
  return subject;
}

function tailOf({ from, to, content }: Judged, { tails }: ContentTerms): Tail | undefined {
  return tails === undefined || content.kind !== 'message' ? undefined : tails.of(`${from.bare} ${to.bare}`);
}

/**
 * Judges all texts of a packet. Refuses with `content-refused` (block; redaction that cannot be done without doubt; a
 * fault of the engine) or `content-held` (quarantine), the rule for the audit, and what its author lets the sender
 * read in his language. What goes on is remembered for the next message of the two.
 */
export function judgeContent<S extends Judged>(judged: S, terms: ContentTerms): Verdict<S> {
  const { content: rules } = terms.policy;
  // A refusal is the policy's own words, and is never refused (I7).
  if (judged.content.kind === 'bounce') return pass(judged);
  const tail = tailOf(judged, terms);
  const subject = subjectBehind(tail, judged, terms);
  const evaluation = rules.evaluate(subject);
  if (evaluation.hits.length > 0) {
    countFired(evaluation, terms.policy);
    const notice = noticeOf(evaluation, terms.policy);
    if (notice !== '') terms.noticed?.(notice);
  }
  switch (evaluation.action) {
    case 'allow':
    case 'monitor':
    case 'warn':
      return remembered(judged, subject.parts, tail, evaluation.carry);
    case 'redact': {
      const redacted = rules.redact(subject, evaluation);
      const texts = redacted.ok ? redacted.parts.map(({ text }) => text) : undefined;
      const isKept = texts !== undefined && idsAreKept(subject.parts, texts);
      const content = isKept ? rewrite(judged.content, texts) : undefined;
      if (content === undefined) return refused('content-refused', judged, evaluation, terms.policy);
      return remembered({ ...judged, content }, partsOf({ content }), tail);
    }
    case 'quarantine':
      return refused('content-held', judged, evaluation, terms.policy);
    case 'block':
      return refused('content-refused', judged, evaluation, terms.policy);
    default:
      return evaluation.action satisfies never;
  }
}

// Rules are words of the policy, a thousand at most.
function countFired({ hits, wouldHave, action }: Evaluation, { content }: Policy): void {
  const fired = new Set(hits.filter(({ mode }) => mode === 'enforce').map(({ rule }) => rule));
  for (const rule of fired) rulesFired.inc({ rule, action: content.rules.get(rule)?.action ?? action });
  for (const { rule, action: would } of wouldHave) rulesFired.inc({ rule, action: `would ${would}` });
}

function remembered<S extends Judged>(
  judged: S,
  parts: readonly PartOfText[],
  tail: Tail | undefined,
  carry?: Carry,
): Verdict<S> {
  if (tail !== undefined)
    for (const { part, text } of parts) if (part === 'body' || part === 'subject') tail.remember(text, carry);
  return pass(judged);
}

function idsAreKept(parts: readonly PartOfText[], texts: readonly string[]): boolean {
  return parts.every(({ part, text }, index) => part !== 'id' || texts[index] === text);
}

function labelOf(content: Content, { unlabelled }: LabelTerms, direction: Direction): Marking | undefined {
  if (content.kind !== 'message') return needsNoLabel;
  return content.label === undefined ? unlabelled[direction]?.marking : content.label.marking;
}

function refused(
  code: Extract<RefusalCode, 'content-refused' | 'content-held'>,
  { lang }: Judged,
  { rule }: Evaluation,
  policy: Policy,
): Verdict<never> {
  return refuse(code, { ...(rule === undefined ? {} : { rule }), ...publicTextOf(code, rule, lang, policy) });
}

/** What the sender reads, in his language: the rule's own text, else that of the table of texts. */
export function publicTextOf(
  code: Extract<RefusalCode, 'content-refused' | 'content-held'>,
  rule: string | undefined,
  lang: string,
  { content, texts = usualTexts }: Policy,
): { readonly publicText: string; readonly lang: string } {
  const own = rule === undefined ? undefined : content.rules.get(rule)?.textFor(lang);
  const said = own ?? texts(code === 'content-held' ? 'held' : 'refused', lang);
  // Where nothing is said, the number of the incident is, and that in the reader's language.
  return { publicText: said.text, lang: said.text === '' ? lang : said.lang };
}

const namesAtMost = 20;

/** `PII-03 redact, UK-CLASS-01 would block`: each rule once. What decides alone is told by the refusal itself. */
function noticeOf({ action, rule, hits, wouldHave }: Evaluation, { content }: Policy): string {
  const said = new Map<string, string>();
  const isToldAnyway = action === 'block' || action === 'quarantine';
  for (const hit of hits) {
    if (hit.mode !== 'enforce' || (isToldAnyway && hit.rule === rule)) continue;
    said.set(hit.rule, `${hit.rule} ${content.rules.get(hit.rule)?.action ?? action}`);
  }
  for (const one of wouldHave) said.set(one.rule, `${one.rule} would ${one.action}`);
  const names = [...said.values()];
  const more = names.length > namesAtMost ? ` and ${names.length - namesAtMost} more` : '';
  return `${names.slice(0, namesAtMost).join(', ')}${more}`;
}
