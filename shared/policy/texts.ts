// Everything that a user can be told, in one table: texts of our own in English, and what texts.yaml says instead.
import { z } from 'zod';
import type { Refusal } from '../refusals.ts';
import { type TextName, usualTexts } from '../user-texts.ts';
import { language } from './schema-pieces.ts';

/** A text, and the language in which it is. */
export type Said = { readonly text: string; readonly lang: string };

/** The text in the language of who reads it: `de-AT`, else `de`, else that of all others, else what is usual. */
export type Texts = (name: TextName, lang: string) => Said;

const text = z.string().max(300);

const inOneLanguage = z.strictObject({
  refused: text.optional().describe('a content rule refused it, and has no text of its own; empty unless told'),
  held: text.optional().describe('a content rule holds it; empty unless told'),
  encrypted: text.optional().describe('it is encrypted end to end'),
  labelled: text.optional().describe('it has a label, and its partner may use none'),
  labelUnknown: text.optional().describe('its label cannot be read, or its marking cannot be written as one'),
  rooms: text.optional().describe('it is about a group chat'),
  tooOften: text.optional().describe('content rules refused too many of this sender’s messages'),
  incident: text
    .optional()
    .describe('behind no other text: the number of the incident, {incident}; empty: it is not told'),
  withIncident: text
    .refine((said) => said.includes('{text}'), { error: 'write {text} into it, where the other text is to stand' })
    .optional()
    .describe('the same behind another text, which is {text}'),
  redacted: text.min(1).optional().describe('in the place of what was taken out; {rule} is the id of the rule'),
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
  const byLanguage = new Map(Object.entries(entry.texts).map(([lang, texts]) => [lang.toLowerCase(), { lang, texts }]));
  const fallback = byLanguage.get(entry.default.toLowerCase());
  return (name, lang) => {
    for (const candidate of languagesOf(lang)) {
      const found = byLanguage.get(candidate);
      const said = found?.texts[name];
      if (found !== undefined && said !== undefined) return { text: said, lang: found.lang };
    }
    const said = fallback?.texts[name];
    return said === undefined ? usual(name) : { text: said, lang: entry.default };
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
  const said = (texts ?? usual)(says, lang);
  return { ...refusal, publicText: said.text, lang: said.lang };
}

/**
 * What the sender of a refusal reads, the number of the incident included. `lang` of the refusal is the language of its
 * public text, and where it has none that of who reads it.
 */
export function readable(
  { publicText = '', incident = '', lang = '' }: Pick<Refusal, 'publicText' | 'incident' | 'lang'>,
  texts: Texts = usual,
): Said {
  const number = texts(publicText === '' ? 'incident' : 'withIncident', lang);
  // A rule with one text for all says no language: it is that of all others.
  const own = { text: publicText, lang: lang === '' || publicText === '' ? number.lang : lang };
  return incident === '' ? own : { ...own, text: filled(number.text, { text: publicText, incident }) };
}

const usual = (name: TextName): Said => ({ text: usualTexts[name], lang: 'en' });

/** `de-AT` is looked for as `de-at`, then as `de`. */
export function languagesOf(lang: string): readonly string[] {
  const whole = lang.toLowerCase();
  const dash = whole.indexOf('-');
  return dash < 0 ? [whole] : [whole, whole.slice(0, dash)];
}
