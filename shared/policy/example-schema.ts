// What may stand in examples/*.yaml of a policy: messages, and what its rules must make of them.
import { z } from 'zod';
import { markingOf } from '../content/markings/label.ts';
import { actions } from '../content/rules.ts';
import { writtenAddress } from '../settings-schema.ts';
import { day, language, name } from './schema-pieces.ts';

const text = z.string().min(1).max(70_000);
const address = z.string().refine((written) => writtenAddress(written) !== undefined, {
  error: 'write an address in lower case, such as ann@out.example',
});

const parts = z.strictObject({
  body: text.optional().describe('message: what is said'),
  subject: text.optional().describe('message: what it is about'),
  thread: text.optional().describe('message: the id of a conversation'),
  link: text.optional().describe('message: the address of a link'),
  nick: text.optional().describe('message, presence, subscription: the name that a sender gives himself'),
  status: text.optional().describe('presence: what stands beside a name'),
  note: text.optional().describe('subscription: why somebody asks to be a contact'),
  card: text.optional().describe('card: a note on a contact card'),
  reason: text.optional().describe('invitation: why somebody is invited'),
});

export type ExampleKind = 'message' | 'presence' | 'subscription' | 'card' | 'invitation';

/** Which parts each kind of packet has. */
export const partsOfKind = {
  message: ['body', 'subject', 'thread', 'link', 'nick'],
  presence: ['status', 'nick'],
  subscription: ['note', 'nick'],
  card: ['card'],
  invitation: ['reason'],
} as const satisfies Record<ExampleKind, readonly (keyof z.infer<typeof parts>)[]>;

const example = z
  .strictObject({
    title: z.string().min(1).max(200).optional().describe('what it shows'),
    direction: z.enum(['inward', 'outward']).default('outward').describe('inward: it comes in; outward: it leaves'),
    from: address.optional().describe('who says it; somebody unless told'),
    to: address.optional().describe('to whom; somebody of the first partner, or somebody inside, unless told'),
    kind: z
      .enum(['message', 'presence', 'subscription', 'card', 'invitation'])
      .default('message')
      .describe('which kind of packet it is'),
    text: text.optional().describe('what is said'),
    parts: parts.optional().describe('instead of text: several texts, or other parts'),
    label: z
      .string()
      .max(200)
      .refine((written) => markingOf(written) !== undefined, {
        error: 'write a marking in full, such as UK OFFICIAL, NATO RESTRICTED or TLP:GREEN',
      })
      .optional()
      .describe('the security label, as its marking: UK OFFICIAL'),
    lang: language.optional().describe('the language of who says it'),
    before: z.array(text).max(32).optional().describe('what was said before in this conversation, the oldest first'),
    on: day.optional().describe('the day on which it is said, for exceptions; unless told, none of them holds'),
    expect: z
      .strictObject({
        rule: name.describe('this rule'),
        action: z.enum(actions).describe('does this, or would do it where it only monitors'),
        becomes: z.string().max(70_000).optional().describe('with redact: what is left of the text'),
      })
      .optional()
      .describe('a rule stops it'),
    passes: z
      .union([name, z.array(name).min(1).max(100)], { error: 'write the name of a rule, or several as a list' })
      .optional()
      .describe('these rules say nothing of it, and no other stops it'),
  })
  .superRefine((entry, context) => {
    const tell = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
    if (entry.text === undefined && entry.parts === undefined) tell('says nothing; write text or parts');
    if (entry.text !== undefined && entry.parts !== undefined) tell('stands beside text; write body in it', 'parts');
    if (entry.text !== undefined && entry.kind !== 'message') tell('is for messages; write parts', 'text');
    if (entry.expect === undefined && entry.passes === undefined) tell('expects nothing; write expect or passes');
    if (entry.expect !== undefined && entry.passes !== undefined) tell('stands beside expect; keep one', 'passes');
    if (entry.expect?.becomes !== undefined && entry.expect.action !== 'redact')
      tell('has a meaning with redact alone; remove it', 'expect', 'becomes');
    const known: readonly string[] = partsOfKind[entry.kind];
    for (const part of Object.keys(entry.parts ?? {})) {
      if (!known.includes(part)) tell(`is no part of a ${entry.kind}; write ${known.join(' or ')}`, 'parts', part);
    }
  });

export const examplesFile = z
  .strictObject({
    where: z
      .enum(['inside', 'both'])
      .default('inside')
      .describe(
        'both: the proxy holds these examples too, and plays them; no word that stays inside may be in the file',
      ),
    examples: z.array(example).min(1).max(1_000).describe('the messages, in any order'),
  })
  .describe('examples/*.yaml');

export type ExampleEntry = z.infer<typeof example>;
