// What judging a text costs: texts of every kind, friendly and hostile, at two lengths, with 10,000 terms.
import type { Engine } from '@sallyport/shared/content/engine.ts';
import type { Rules } from '@sallyport/shared/content/rules.ts';
import { harmlessLines } from './harmless.ts';
import { engineOf, names, rules } from './policy.ts';

export type Cost = { readonly policy: string; readonly text: string; readonly length: number; readonly us: number };

export const lengths = [80, 2_000];
const manyNames = names(10_000);

/** A list of 10,000 terms alone, and with everything that the policy of the corpus has. */
export const policies: Readonly<Record<string, Rules>> = { terms: termsAlone(), everything: rules(manyNames) };

const ascii = harmlessLines().filter((line) => /^[\x20-\x7e]*$/.test(line));
const beheaded = manyNames.map((name) => name.slice(0, -1));

/** Long enough for every length. The first two are what chats are; the others are made to cost. */
export const texts: Readonly<Record<string, string>> = {
  'chat in ASCII': ascii.join(' ').slice(7_000),
  'chat in many languages': harmlessLines().join(' ').slice(30_000),
  'terms without their last letter': beheaded.join(''),
  'terms without their last letter, with spaces': beheaded.join(' '),
  'terms, each of them found': manyNames.join(' '),
  'terms in leet': manyNames.map((name) => name.replaceAll('e', '3').replaceAll('a', '4')).join(' '),
  'letters with dots': [...beheaded.join('')].join('.'),
  'the same letter': 'n'.repeat(2_000),
  Cyrillic: 'Доброе утро, пришлите пожалуйста слайды к совещанию в десять часов. '.repeat(40),
  'zero-width between letters': [...beheaded.join('')].join('\u200b'),
  base64: Buffer.from(ascii.join(' ')).toString('base64'),
  'base64, cut in words': Buffer.from(ascii.join(' '))
    .toString('base64')
    .replaceAll(/(.{8})/g, '$1 '),
  percent: [...ascii.join(' ').slice(0, 2_000)].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
  'digits like cards': '4111 1111 1111 1112 '.repeat(110),
  'words like markings': 'SECRET official TOP '.repeat(110),
  'hex pairs': '6e 69 67 '.repeat(250),
};

/** The best of several runs, in microseconds of this thread a text: what others do on the machine only ever adds. */
export function measure(engine: Engine, text: string, runs: number, rounds: number): number {
  const subject = { direction: 'outward' as const, parts: [{ part: 'body' as const, text }], now: 0 };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.threadCpuUsage();
    for (let i = 0; i < runs; i++) engine.evaluate(subject);
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, (user + system) / runs);
  }
  return best;
}

/** Every text at every length with one policy. */
export function costs(policy: string, runs: number, rounds: number): readonly Cost[] {
  const made = policies[policy];
  if (made === undefined) throw new Error(`there is no policy ${policy}`);
  const engine = engineOf(made);
  // What was seen once is compiled for it, as in a process that runs.
  for (const text of Object.values(texts)) measure(engine, text.slice(0, 2_000), 200, 1);
  return Object.entries(texts).flatMap(([text, whole]) =>
    lengths.map((length) => {
      const times = Math.max(20, Math.round((runs * 80) / length));
      return { policy, text, length, us: measure(engine, whole.slice(0, length), times, rounds) };
    }),
  );
}

function termsAlone(): Rules {
  return {
    detectors: [{ id: 'names', source: { kind: 'terms', list: { terms: manyNames.map((text) => ({ text })) } } }],
    rules: [
      {
        id: 'no-names',
        when: { kind: 'found', detector: 'names' },
        action: 'block',
        mode: 'enforce',
        direction: 'both',
      },
    ],
  };
}
