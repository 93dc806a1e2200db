// Plays one message through the rules of a policy, exactly as a door does: the same function, the same engine.
import { type Jid, parseJid } from '../address/jid.ts';
import { markingOf } from '../content/markings/label.ts';
import type { Action, Evaluation } from '../content/rules.ts';
import { createTails } from '../content/tails.ts';
import type { Content, Message } from '../packet.ts';
import type { ExampleEntry } from './example-schema.ts';
import { type ContentTerms, type Judged, judgeContent, subjectOf } from './judge-content.ts';
import { labelOutward } from './label-outward.ts';
import type { Policy } from './policy.ts';

/** What an example says, and a message of the command line. */
export type Said = Omit<ExampleEntry, 'expect' | 'passes' | 'title'>;

export type Played = {
  /** What the door does; `allow`: it passes. A redaction that cannot be done is a block. */
  readonly action: Action | 'allow';
  readonly rule?: string;
  /** Each rule that fired, or would have. */
  readonly fired: readonly { readonly rule: string; readonly mode: 'enforce' | 'monitor' }[];
  readonly evaluation: Evaluation;
  /** What goes on, where something was taken out. */
  readonly redacted?: string;
  /** What the sender reads, where it is refused. */
  readonly publicText?: string;
};

/** Plays it as the side that holds this policy judges. Addresses that are not told are somebody's. */
export function play(said: Said, policy: Policy, today: number): Played {
  const { judged, terms } = spoken(said, policy, today);
  return played(judged, terms);
}

/**
 * What is judged at last, and how: what was said before has been judged by then, and is remembered. Nobody goes on behind
 * a message that was refused, so that where one of these is, it is that one.
 */
export function spoken(
  said: Said,
  policy: Policy,
  today: number,
): { readonly judged: Judged; readonly terms: ContentTerms } {
  const now = said.on === undefined ? today : Date.parse(`${said.on}T12:00:00Z`);
  const terms: ContentTerms = { policy, direction: said.direction, now, tails: createTails({ now: () => now }) };
  const judged = judgedOf(said, policy);
  for (const body of said.before ?? []) {
    const earlier = asItLeaves({ ...judged, content: messageOf({ ...said, text: body }) }, said, policy);
    if (!judgeContent(earlier, terms).passed) return { judged: earlier, terms };
  }
  return { judged, terms };
}

/** What is judged. */
export function judgedOf(said: Said, policy: Policy): Judged {
  const partner = policy.partners.keys().next().value ?? 'out.example';
  const [outside, inside] = [`someone@${partner}`, 'someone@inside.example'];
  const [from, to] = said.direction === 'inward' ? [outside, inside] : [inside, outside];
  const judged: Judged = {
    from: address(said.from ?? from),
    to: address(said.to ?? to),
    lang: said.lang ?? 'en',
    content: contentOf(said),
  };
  return asItLeaves(judged, said, policy);
}

// With the label that the doors give it, unless the example says one. What no entry can write is refused there; here rules
// say what they would.
function asItLeaves(judged: Judged, { direction, label }: Said, { partners, labels }: Policy): Judged {
  const partner = partners.get(judged.to.domain);
  if (direction === 'inward' || label !== undefined || partner === undefined || judged.content.kind !== 'message')
    return judged;
  const labelled = labelOutward(judged.content, partner, labels);
  return labelled.passed && labelled.subject.label !== undefined ? { ...judged, content: labelled.subject } : judged;
}

function played(judged: Judged, terms: ContentTerms): Played {
  const evaluation = terms.policy.content.evaluate(subjectOf(judged, terms));
  const verdict = judgeContent(judged, terms);
  const fired = new Map(evaluation.hits.map(({ rule, mode }) => [rule, { rule, mode }]));
  const redacted = verdict.passed ? textOf(verdict.subject.content) : undefined;
  const own = evaluation.rule === undefined ? {} : { rule: evaluation.rule };
  const isForced = !verdict.passed && evaluation.action === 'redact';
  const publicText = verdict.passed ? undefined : verdict.refusal.publicText;
  return {
    action: isForced ? 'block' : evaluation.action,
    ...own,
    fired: [...fired.values()],
    evaluation,
    ...(evaluation.action === 'redact' && redacted !== undefined ? { redacted } : {}),
    ...(publicText === undefined ? {} : { publicText }),
  };
}

function address(text: string): Jid {
  const jid = parseJid(text);
  if (jid === undefined) throw new Error(`${text} is no address`);
  return jid;
}

function contentOf(said: Said): Content {
  const { parts = {}, kind } = said;
  const named = parts.nick === undefined ? {} : { nick: parts.nick };
  switch (kind) {
    case 'message':
      return messageOf(said);
    case 'presence': {
      const statuses = parts.status === undefined ? [] : [{ lang: said.lang ?? '', text: parts.status }];
      return { kind, availability: 'available', priority: 0, statuses, ...named };
    }
    case 'subscription':
      return { kind, step: 'subscribe', ...named, ...(parts.note === undefined ? {} : { note: parts.note }) };
    case 'card':
      return { ...emptyCard, note: parts.card ?? '' };
    case 'invitation':
      return { kind, room: address('room@rooms.example'), reason: parts.reason ?? '' };
    default:
      return kind satisfies never;
  }
}

function messageOf({ text, parts = {}, label }: Said): Message {
  const { subject, thread, nick, link } = parts;
  const marking = label === undefined ? undefined : markingOf(label);
  return {
    kind: 'message',
    type: 'chat',
    body: text ?? parts.body ?? '',
    ...(subject === undefined ? {} : { subject }),
    ...(thread === undefined ? {} : { thread }),
    ...(nick === undefined ? {} : { nick }),
    ...(link === undefined ? {} : { links: [{ url: link, description: '' }] }),
    ...(marking === undefined ? {} : { label: { marking } }),
  };
}

function textOf(content: Content): string | undefined {
  if (content.kind === 'message') return content.body;
  return content.kind === 'presence' ? content.statuses[0]?.text : undefined;
}

const emptyCard = {
  ...({ kind: 'card' } as const),
  ...{ fullName: '', familyName: '', givenName: '', nickname: '', organisation: '', department: '' },
  ...{ title: '', role: '', emails: [], phones: [], url: '' },
};
