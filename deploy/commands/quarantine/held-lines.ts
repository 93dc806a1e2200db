// What is held, as lines for a terminal: nothing of it may steer the terminal, or read as something else than it is.
import { z } from 'zod';
import { columns } from '../status-table.ts';

const line = z.object({
  ...{ id: z.string(), from: z.string(), to: z.string(), kind: z.string(), direction: z.string(), rule: z.string() },
  ...{ bytes: z.number(), heldAt: z.number(), daysLeft: z.number() },
});
const listed = z.object({ held: z.array(line) });
const shown = z.object({
  shown: line.extend({
    at: z.number(),
    lang: z.string(),
    texts: z.array(z.object({ part: z.string(), text: z.string() })),
  }),
});

/** The table of `quarantine list`; undefined where the answer is none. */
export function listLines(answer: unknown): readonly string[] | undefined {
  const read = listed.safeParse(answer);
  if (!read.success) return undefined;
  if (read.data.held.length === 0) return ['nothing is held'];
  return columns(
    ['id', 'held since', 'from', 'to', 'way', 'rule', 'bytes', 'days left'],
    read.data.held.map(({ id, heldAt, from, to, direction, rule, bytes, daysLeft }) => [
      ...[id, momentOf(heldAt), from, to, direction, rule, bytes, daysLeft],
    ]),
  );
}

/** `quarantine show`: what it says, each line behind a bar; undefined where the answer is none. */
export function shownLines(answer: unknown): readonly string[] | undefined {
  const read = shown.safeParse(answer);
  if (!read.success) return undefined;
  const { id, from, to, kind, direction, rule, heldAt, daysLeft, at, lang, texts } = read.data.shown;
  const facts: readonly (readonly [string, string])[] = [
    ['id', id],
    ['from', from],
    ['to', to],
    ['kind', `${kind}, ${direction}${lang === '' ? '' : `, language ${lang}`}`],
    ['said', momentOf(at)],
    ['held', `since ${momentOf(heldAt)} by rule ${rule}, ${daysLeft} days left`],
  ];
  return [
    ...facts.map(([what, words]) => `${what.padEnd(6)}${visible(words)}`),
    ...texts.flatMap(({ part, text }) => [
      '',
      `${visible(part)}:`,
      ...text.split('\n').map((each) => `  | ${visible(each)}`),
    ]),
    '',
    'Characters that are invisible, that steer a terminal or turn the line around are written as \\u{…}.',
  ];
}

/** With all that is no plain sign or plain space as an escape; a backslash is two, so that no escape can be forged. */
export function visible(text: string): string {
  return text.replace(/[\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu, (found) =>
    found === '\\' ? '\\\\' : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function momentOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(0, 19).replace('T', ' ');
}
