// Everything that a user can be told, in one table: texts of our own in English, and what texts.yaml says instead.
import { z } from 'zod';
import type { Refusal } from '../refusals.ts';
import { language } from './schema-pieces.ts';

/** What holds where the policy says nothing. `{…}` is put in when it is told. */
export const usualTexts = {
  /** A content rule refused, and has no text of its own. */
  refused: '',
  /** A content rule holds it for somebody to look at. */
  held: '',
  encrypted: 'End-to-end encryption is not permitted here.',
  labelled: 'Messages with a security label are not accepted here.',
  rooms: 'Group chats are not reached from here.',
  tooOften: 'Too many messages were refused. Please wait a while.',
  /** To users of networks that have no late errors. */
  notDelivered: 'Your message was not delivered: {why}',
  becausePolicy: 'it is not allowed by policy.',
  becauseAway: 'this contact cannot be reached.',
  becauseLater: 'this contact cannot be reached at the moment. Please try again later.',
  becauseOther: 'the other side could not take it.',
  /** In front of what may have been delivered before. */
  repeated: '[repeated] ',
  /** The first line of a text, to users of networks that have no labels. */
  label: '[{marking}]',
  /** In front of a text that replaces an earlier one, and of one that its server had kept. */
  correction: '[correction] ',
  sent: '[sent {time} UTC] ',
  /** What is no text in XMPP, to users of networks that know nothing else. */
  reacted: '[reacted {emojis} to a message]',
  unreacted: '[took back a reaction to a message]',
  retracted: '[took back a message; what was delivered stays]',
  invited: '[invites you to the group chat {room}, which cannot be joined from here]',
} as const;

export type TextName = keyof typeof usualTexts;

/** The text in the language of who reads it: `de-AT`, else `de`, else what is usual. */
export type Texts = (name: TextName, lang: string) => string;

const text = z.string().max(300);

const inOneLanguage = z.strictObject({
  refused: text.optional().describe('a content rule refused it, and has no text of its own; empty unless told'),
  held: text.optional().describe('a content rule holds it; empty unless told'),
  encrypted: text.optional().describe('it is encrypted end to end'),
  labelled: text.optional().describe('it has a label, and its partner may use none'),
  rooms: text.optional().describe('it is about a group chat'),
  tooOften: text.optional().describe('content rules refused too many of this sender’s messages'),
  notDelivered: text.optional().describe('it failed after it was taken; {why} is one of the next four'),
  becausePolicy: text.optional().describe('why: a policy, ours or theirs'),
  becauseAway: text.optional().describe('why: nobody is reached there'),
  becauseLater: text.optional().describe('why: nobody is reached there now'),
  becauseOther: text.optional().describe('why: anything else'),
  repeated: text.min(1).optional().describe('in front of what may have been delivered before'),
  label: text.optional().describe('the first line of a text with a marking; {marking} is it'),
  correction: text.optional().describe('in front of a text that replaces an earlier one'),
  sent: text.optional().describe('in front of a text that was kept for long; {time} is when it was said'),
  reacted: text.optional().describe('a reaction; {emojis} are what it says'),
  unreacted: text.optional().describe('a reaction that is taken back'),
  retracted: text.optional().describe('a message that is taken back'),
  invited: text.optional().describe('an invitation to a group chat; {room} is its address'),
} satisfies Record<TextName, unknown>);

export const textsFile = z
  .strictObject({
    default: language.default('en').describe('the language of those who tell none, or one that is not here'),
    texts: z
      .record(language, inOneLanguage)
      .describe('by language; what is left out is that of the default language, else what is usual'),
  })
  .superRefine(({ default: usual, texts }, context) => {
    if (usual !== 'en' && texts[usual] === undefined) {
      const message = `there are no texts in ${usual}; write them, or another default`;
      context.addIssue({ code: 'custom', path: ['default'], message });
    }
  })
  .describe('texts.yaml');

/** Compiles texts.yaml; without it everybody reads what is usual. */
export function compileTexts(entry?: z.infer<typeof textsFile>): Texts {
  if (entry === undefined) return usual;
  const byLanguage = new Map(Object.entries(entry.texts).map(([lang, texts]) => [lang.toLowerCase(), texts]));
  const fallback = byLanguage.get(entry.default.toLowerCase());
  return (name, lang) => {
    for (const candidate of languagesOf(lang)) {
      const said = byLanguage.get(candidate)?.[name];
      if (said !== undefined) return said;
    }
    return fallback?.[name] ?? usualTexts[name];
  };
}

/** The text with what stands for `{name}` put in. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? (values[key] ?? '') : whole,
  );
}

/** The refusal with the text that its sender reads, where it names one and has none of its own. */
export function worded(refusal: Refusal, texts: Texts | undefined, lang: string): Refusal {
  const { says, publicText } = refusal;
  if (says === undefined || publicText !== undefined) return refusal;
  return { ...refusal, publicText: (texts ?? usual)(says, lang) };
}

const usual: Texts = (name) => usualTexts[name];

/** `de-AT` is looked for as `de-at`, then as `de`. */
export function languagesOf(lang: string): readonly string[] {
  const whole = lang.toLowerCase();
  const dash = whole.indexOf('-');
  return dash < 0 ? [whole] : [whole, whole.slice(0, dash)];
}
