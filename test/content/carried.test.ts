// The engine looks where something may be, and goes on from where it stood: it finds what the plain way finds, and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';
import { type CompiledRules, compileRules } from '@sallyport/shared/content/compile-rules.ts';
import { createDetect, type Detected } from '@sallyport/shared/content/detect.ts';
import { keyedHash } from '@sallyport/shared/content/hash-list.ts';
import type { Detector, PartOfText, Rules } from '@sallyport/shared/content/rules.ts';
import { createTails } from '@sallyport/shared/content/tails.ts';
import type { TermList } from '@sallyport/shared/content/terms.ts';
import { validatorNames } from '@sallyport/shared/content/validators.ts';
import fc from 'fast-check';
import { evasions } from './evasions.ts';
import { harmlessLines } from './harmless.ts';
import { createPlainDetect } from './plain-detect.ts';
import { terms } from './terms.ts';

const key = Buffer.alloc(32, 7);
const list = (texts: readonly string[], more: Partial<TermList> = {}): Detector['source'] => ({
  kind: 'terms',
  list: { terms: texts.map((text) => ({ text })), ...more },
});
const pattern = (expression: string, caseSensitive = false): Detector['source'] => ({
  kind: 'pattern',
  pattern: { expression, caseSensitive },
});

// Short ones, and letters that are there twice or are written as two: what a join may hide.
const doubled = 'nn,mm,da,mama,dad,ha ha,a man,meeting room,rnm,hammer time,middle name,dim mood,summer home'.split(
  ',',
);

/** Detectors of every kind, of which a policy has some. */
const sources: readonly Detector['source'][] = [
  list(terms, { views: ['reversed', 'rot13', 'turned'] }),
  list(terms),
  list(terms.slice(0, 10), { channels: ['canonical'] }),
  list(doubled),
  {
    kind: 'terms',
    list: { terms: ['night', 'harbour', 'dim', 'mad'].map((text) => ({ text, boundary: 'anywhere' as const })) },
  },
  list(['Доброе утро', '会议', 'नमस्ते', 'straße', 'ﷺ', '㏄m']),
  pattern('\\b(?:password|kennwort)\\s?(?:is|ist|[:=])\\s?\\S{6,}'),
  pattern('\\bcase file [0-9]{4}/[0-9]{2}\\b'),
  pattern('[a-z]{3}\\s[0-9]{3}'),
  pattern('[0-9]{3}-[0-9]{3}'),
  pattern('\\b[\\w.]+@[\\w-]+\\.[a-z]{2,}'),
  pattern('A(?:KI|SI)A[0-9A-Z]{4}', true),
  pattern('see\\W+you'),
  { kind: 'number', validators: ['payment-card', 'iban', 'nhs-number'] },
  { kind: 'number', validators: ['jwt', 'private-key'] },
  { kind: 'number', validators: validatorNames },
  { kind: 'marking', atLeast: 'official' },
  { kind: 'marking', light: 'green' },
  { kind: 'hashes', list: { key, digests: terms.map((term) => keyedHash(key, term)), words: 1 } },
  { kind: 'hashes', list: { key, digests: terms.map((term) => keyedHash(key, term)), words: 3 } },
];

const policy: fc.Arbitrary<Rules> = fc
  .record({ some: fc.subarray([...sources.keys()], { minLength: 1 }), aboveClearance: fc.boolean() })
  .map(({ some, aboveClearance }) => ({
    detectors: some.map((at) => ({ id: `d${at}`, source: sources[at] ?? assert.fail() })),
    rules: aboveClearance
      ? [{ id: 'r', when: { kind: 'above-clearance' }, action: 'block', mode: 'enforce', direction: 'both' } as const]
      : [],
  }));

const ascii = harmlessLines().filter((line) => /^[\x20-\x7e]*$/.test(line));
const harmless = fc.oneof(fc.constantFrom(...ascii), fc.constantFrom(...ascii), fc.constantFrom(...harmlessLines()));
const spelt = fc.tuple(fc.constantFrom(...evasions), fc.constantFrom(...terms)).map(([{ write }, term]) => {
  const { before = [], parts } = write(term);
  return [...before, ...parts.map(({ text }) => text)].join('\n');
});
const plainly = fc.constantFrom(...doubled, ...terms.slice(0, 10), 'harbour', '会议', 'ﷺ');
// Within a longer word, with its last letter once more.
const hidden = fc.constantFrom(...doubled, ...terms.slice(0, 10)).map((term) => `x${term}${term.at(-1)}at`);
const telling = fc.constantFrom(
  'my password is hunter22!',
  'kennwort: geheim99',
  'in case file 2026/11',
  'abc 123',
  '123-456',
  'ann@out.example',
  'AKIA1234',
  'asia is far',
  'see, you',
  '4111 1111 1111 1111',
  'GB29 NWBK 6016 1331 9268 19',
  '943 476 5919',
  '-----BEGIN RSA PRIVATE KEY-----',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc',
  'UK SECRET',
  'TLP:RED',
  '(S//NF) it',
  'top secret',
  'NATO RESTRICTED',
  '+44 20 7946 0018',
  '10.1.2.3',
  'AB 12 34 56 C',
);
const letters = fc
  .array(fc.constantFrom(...'mndlcrvwai10!. \n\u200b\u0301éŉﷺ㏄ß-'), { maxLength: 12 })
  .map((all) => all.join(''));
const padding = fc.oneof(fc.constant(''), fc.constant(' '), letters, harmless);

/** What is said in one conversation: texts, each cut in one to four messages, with something harmless around it. */
const said = fc
  .array(
    fc.record({
      text: fc.oneof(spelt, spelt, plainly, plainly, hidden, telling, harmless, letters),
      cuts: fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 3, size: 'max' }),
      alone: fc.boolean(),
      first: padding,
      last: padding,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) =>
    all.flatMap(({ text, cuts, alone, first, last }) => {
      const whole = alone ? text : `${first}${text}${last}`;
      // The cuts are within what is spelt.
      const places = cuts
        .map((cut) => (alone ? 0 : first.length) + Math.round((cut / 1_000) * text.length))
        .toSorted((a, b) => a - b);
      return [0, ...places].map((from, at) => whole.slice(from, places[at] ?? whole.length));
    }),
  );

const parts = fc.constantFrom<(text: string) => readonly PartOfText[]>(
  (text) => [{ part: 'body', text }],
  (text) => [{ part: 'body', text }],
  (text) => [
    { part: 'body', text },
    { part: 'thread', text: text.slice(0, 5) },
  ],
  (text) => [
    { part: 'subject', text: text.slice(0, 3) },
    { part: 'body', text: text.slice(3) },
  ],
);

function compiled(rules: Rules): CompiledRules {
  const made = compileRules(rules);
  assert.ok(made.ok, JSON.stringify(made));
  return made.compiled;
}

function shown({ findings, markings, isWhole }: Detected, detectors: number): object {
  const found = Array.from({ length: detectors }, (_, at) =>
    findings
      .of(at)
      .map((finding) => JSON.stringify(finding))
      .toSorted(),
  );
  return { found, markings: markings.map((marking) => JSON.stringify(marking)), isWhole };
}

const alone = (at: number): Rules => ({
  detectors: [{ id: `d${at}`, source: sources[at] ?? assert.fail() }],
  rules: [],
});
const judges = [
  ...[0, 2, 3, 3, 4].map(alone),
  { detectors: [...sources.keys()].map((at) => ({ id: `d${at}`, source: sources[at] ?? assert.fail() })), rules: [] },
  ...fc.sample(policy, { numRuns: 11, seed: 17 }),
].map((rules) => {
  const { detectors } = compiled(rules);
  const engines = [createDetect(detectors), createDetect(detectors)] as const;
  return { count: rules.detectors.length, engines, plain: createPlainDetect(detectors) };
});

test('an engine that goes on from where it stood finds what the plain way finds over all texts joined', (t) => {
  let crossed = 0;
  let looked = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...judges),
      said,
      fc.array(parts, { minLength: 1, maxLength: 3 }),
      fc.nat(9),
      ({ count, engines, plain }, texts, ways, pause) => {
        let now = 0;
        const tails = createTails({ now: () => now });
        for (const [at, text] of texts.entries()) {
          now += at % 10 === pause ? 70_000 : 100;
          const made = (ways[at % ways.length] ?? assert.fail())(text).filter((part) => part.text !== '');
          const tail = tails.of('x');
          // Now and then a new policy comes: then it is another engine.
          const detect = engines[at > 4 && pause > 6 ? 1 : 0];
          const { carry, ...detected } = detect({ parts: made, before: tail.texts, carry: tail.carry });
          const expected = shown(plain({ parts: made, before: tail.texts }), count);
          assert.deepEqual(shown(detected, count), expected);
          looked++;
          if (JSON.stringify(expected).includes('spread')) crossed++;
          for (const { part, text: spoken } of made) {
            if (part !== 'body' && part !== 'subject') continue;
            // And now and then something is taken out of what goes on.
            if (at === pause) tail.remember(spoken.slice(1));
            else tail.remember(spoken, carry);
          }
        }
      },
    ),
    { numRuns: Number(process.env.CARRIED_RUNS ?? 1_500) },
  );
  t.diagnostic(`${crossed} of ${looked} texts ended what had begun before them`);
  assert.ok(crossed >= 100, 'too few for a proof');
});
