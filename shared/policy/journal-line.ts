// A line of the policy journal: what was found in a packet, as features without any content, and what came of it.
import { z } from 'zod';
import type { Detected } from '../content/detect.ts';
import type { Finding } from '../content/findings.ts';
import { levels, lights, type Marking } from '../content/markings/marking.ts';
import { actions, type Evaluation, type Subject } from '../content/rules.ts';
import type { Side } from './load-policy.ts';
import type { Policy } from './policy.ts';

const rest = { caveats: z.array(z.string()), releasableTo: z.array(z.string()).optional() };
const marking = z.union([
  z.strictObject({ scheme: z.literal('tlp'), level: z.enum(lights), ...rest }),
  z.strictObject({ scheme: z.enum(['uk', 'us', 'nato', 'eu', 'plain']), level: z.enum(levels), ...rest }),
]);
const count = z.int().min(0);
const channel = z.enum(['canonical', 'skeleton', 'squeezed', 'decoded', 'cased']);
/** Part, start, end, score, channel, which equal texts of this packet it is one of, whether it began in an earlier text. */
const found = z.tuple([count, count, count, count, channel, count, z.boolean()]);

export const journalLine = z.union([
  z.strictObject({
    revision: z.string(),
    /** Whose journal it is: the proxy looks for less. */
    side: z.enum(['inside', 'dmz']),
    detectors: z.record(z.string(), z.string()),
    schemes: z.array(z.string()),
    ids: z.boolean(),
  }),
  z.strictObject({
    at: z.int(),
    direction: z.enum(['inward', 'outward']),
    partner: z.string(),
    external: z.string(),
    internal: z.string(),
    kind: z.string(),
    parts: z.array(z.string()),
    found: z.record(z.string(), z.array(found)),
    cut: z.array(z.string()),
    markings: z.array(z.strictObject({ at: found, marking })),
    label: z.union([marking, z.literal('unknown')]).optional(),
    isWhole: z.boolean(),
    bidi: z.boolean(),
    action: z.enum([...actions, 'allow']),
    rule: z.string().optional(),
    would: z.array(z.string()),
  }),
  z.strictObject({ lost: count }),
]);

export type JournalLine = z.infer<typeof journalLine>;
export type JournalHead = Extract<JournalLine, { revision: string }>;
export type JournalDecision = Extract<JournalLine, { at: number }>;

/** What stands above the decisions of a policy. */
export function headOf({ revision, content }: Policy, side: Side): JournalHead {
  const { detectors, schemes, ids } = content.lookedFor();
  return { revision, side, detectors: Object.fromEntries(detectors), schemes: [...schemes], ids };
}

const bidiControl = /[\u202a-\u202e\u2066-\u2069]/;

/** A line of the journal as it is written. */
export function printLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * The line of a packet in which nothing was found and of which no rule says anything, as `printLine` prints its decision;
 * undefined for every other one. By far most packets are such.
 */
export function quietLine(
  subject: Subject,
  { findings, markings, isWhole }: Detected,
  { action, hits, wouldHave }: Evaluation,
): string | undefined {
  const { direction, parts, about, label, now } = subject;
  const isQuiet = isWhole && action === 'allow' && hits.length === 0 && wouldHave.length === 0;
  if (!isQuiet || label !== undefined || about === undefined || markings.length > 0 || !findings.isEmpty())
    return undefined;
  let names = '';
  for (const { part, text } of parts) {
    if (bidiControl.test(text)) return undefined;
    names += names === '' ? `"${part}"` : `,"${part}"`;
  }
  const { partner = '', external = '', internal = '', kind = '' } = about;
  return (
    `{"at":${now},"direction":"${direction}","partner":${JSON.stringify(partner)},"external":${JSON.stringify(external)},` +
    `"internal":${JSON.stringify(internal)},"kind":"${kind}","isWhole":true,"action":"allow","parts":[${names}],` +
    '"found":{},"cut":[],"markings":[],"bidi":false,"would":[]}\n'
  );
}

/**
 * The features of one decision: places and scores, never a character of a text. `names` are the detectors in the order
 * of the policy. A label is told where the packet has one of its own, since what stands for none is policy.
 */
export function decisionOf(
  subject: Subject,
  { findings, markings, isWhole }: Detected,
  { action, rule, wouldHave }: Evaluation,
  names: readonly string[],
  policy: Pick<Policy, 'labels'>,
): JournalDecision {
  const { direction, parts, about = {}, label, now } = subject;
  const same = new Map<string, number>();
  const told = (finding: Finding): z.infer<typeof found> => {
    const known = same.get(finding.same) ?? same.size;
    same.set(finding.same, known);
    const { part, start, end, score, channel: seenIn, spread = false } = finding;
    return [part, start, end, score, seenIn, known, spread];
  };
  // By far the most packets hold nothing that is looked for.
  const namesFound = findings.isEmpty() ? [] : names;
  const { partner = '', external = '', internal = '', kind = '' } = about;
  const usual = policy.labels?.of(partner).unlabelled[direction]?.marking;
  const isOwn = kind === 'message' && label !== undefined && label !== usual;
  return {
    ...{ at: now, direction, partner, external, internal, kind, isWhole, action },
    parts: parts.map(({ part }) => part),
    found: Object.fromEntries(
      namesFound.flatMap((name, index) => {
        const all = findings.of(index);
        return all.length === 0 ? [] : [[name, all.map(told)]];
      }),
    ),
    cut: namesFound.filter((_, index) => findings.isCut(index)),
    markings: markings.flatMap((finding) =>
      finding.marking === undefined ? [] : [{ at: told(finding), marking: plain(finding.marking) }],
    ),
    ...(isOwn ? { label: label === 'unknown' ? label : plain(label) } : {}),
    bidi: parts.some(({ text }) => bidiControl.test(text)),
    ...(rule === undefined ? {} : { rule }),
    would: wouldHave.map((one) => one.rule),
  };
}

function plain({ caveats, releasableTo, ...one }: Marking): z.infer<typeof marking> {
  const more = releasableTo === undefined ? {} : { releasableTo: [...releasableTo] };
  return { ...one, caveats: [...caveats], ...more };
}
