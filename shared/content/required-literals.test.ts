// What an expression asks for stands in every text that it matches; what hints at markings and keys stands in theirs.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { casedOf } from './cased.ts';
import { characterAt } from './characters.ts';
import { findNumbers, keyHints } from './find-numbers.ts';
import { createFolder, skeletonOf } from './fold.ts';
import { findMarkings, markingHints } from './markings/parse-markings.ts';
import { compilePatterns } from './patterns.ts';
import { requiredLiterals } from './required-literals.ts';
import { validatorNames } from './validators.ts';

test('the rarest literals that a match needs are asked for', () => {
  const asked: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['\\b(?:nhs|patients?|national insurance)\\b', ['nhs', 'patients', 'patient', 'national insurance']],
    ['A(?:KI|SI)A[0-9A-Z]{16}|gh[op]_[0-9A-Za-z]{36}', ['akia', 'asia', 'gho_', 'ghp_']],
    ['\\b(?:password|kennwort)\\s?(?:is|[:=])\\s?\\S{6,}', ['password', 'kennwort']],
    ['[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+', ['@']],
    ['case file [0-9]{4}', ['case file']],
    ['(?i)x{2}fooo+', ['foo']],
    ['(?P<word>abc|abd){1,3}', ['abc', 'abd']],
    ['(?:abcdef)?x\\.y', ['abcdefx.y', 'x.y']],
    ['[a-z]{3}\\d', [...'0123456789']],
    ['[[:alpha:]]abc', undefined],
    ['\\Qabc\\E', undefined],
    ['abc|[a-z]+', undefined],
    ['(?:abc)*', undefined],
    ['(?:abc){0,3}', undefined],
    ['ab', undefined],
    ['a-bc', undefined],
  ];
  for (const [expression, literals] of asked) assert.deepEqual(requiredLiterals(expression), literals, expression);
});

const letter = fc.constantFrom('a', 'b', 'k', 'S', '1', '2', ' ', '-', '.', '@', '\n', '  ');
const atom = fc.constantFrom(
  ...[
    'a',
    'bb',
    'K',
    's1',
    '12',
    ' ',
    '-',
    '\\.',
    '@',
    '.',
    '\\d',
    '\\s',
    '\\w',
    '\\b',
    '[ab]',
    '[^a]',
    '[a-c1]',
    '[1-2@]',
    '[ab-]',
    '^',
    '$',
    '(?i)',
  ],
);
const expression = fc.letrec<{ whole: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<n>'), tie('whole')).map(([open, inside]) => `${open}${inside})`),
    fc
      .tuple(tie('piece'), fc.constantFrom('?', '*', '+', '{2}', '{1}', '{0,1}', '{1,2}', '+?', '{2,}'))
      .map(([inside, times]) => `(?:${inside})${times}`),
  ),
  whole: fc
    .array(
      fc.array(tie('piece'), { minLength: 1, maxLength: 5 }).map((all) => all.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => all.join('|')),
})).whole;

test('each text that an expression matches has one of its literals in its skeleton', (t) => {
  let matched = 0;
  const text = fc.array(letter, { maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 5, maxLength: 5 }), (written, texts) => {
      const literals = requiredLiterals(written);
      const made = literals === undefined ? undefined : compilePatterns([{ expression: written }]);
      if (literals === undefined || made?.ok !== true) return;
      for (const said of texts) {
        made.find(casedOf({ text: said, ascii: true }), () => {
          matched++;
          const skeleton = skeletonOf(said);
          assert.ok(
            literals.some((literal) => skeleton.includes(literal)),
            `${written} in ${JSON.stringify(said)}`,
          );
        });
      }
    }),
    { numRuns: Number(process.env.LITERALS_RUNS ?? 1_500) },
  );
  t.diagnostic(`${matched} matches`);
  assert.ok(matched > 20);
});

test('what patterns see of a character is in the skeleton as well, but for its case, hyphens and lines', () => {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^!-,.-~]/g, '');
  for (let codePoint = 0; codePoint < 0x2_0000; codePoint++) {
    const { cased, skeleton } = characterAt(codePoint);
    if (plain(cased) !== plain(skeleton)) assert.fail(`U+${codePoint.toString(16)}: ${cased} and ${skeleton}`);
    // What an expression without regard to case would take for a letter of ASCII is that letter.
    assert.ok(!/[\u017f\u212a]/.test(cased));
  }
});

test('a text with a marking, or a key without digits, has one of the hints in its skeleton', () => {
  const word = fc.constantFrom(
    ...'TOP SECRET,secret,UK OFFICIAL,official,(S),(C//NF),S//NF,TLP:RED,tlp amber,CUI,FOUO,SBU,LIMITE,//JOINT SECRET,FIVE EYES ONLY,GBR/USA EYES ONLY,NOFORN,RESTREINT UE,NATO RESTRICTED,COSMIC TOP SECRET,CTS//X,PROTECT,UNCLASSIFIED,EU CONFIDENTIAL,classification: ,uk secret,FOR OFFICIAL USE ONLY,a,\n, ,/,(,[,],)'.split(
      ',',
    ),
  );
  const key = fc.constantFrom(
    '-----BEGIN RSA PRIVATE KEY-----',
    'eyJabcdef.eyJabcdef.abc',
    '-----BEGIN PRIVATE KEY-----',
  );
  const fold = createFolder();
  let found = 0;
  fc.assert(
    fc.property(fc.array(fc.oneof(word, word, word, key), { maxLength: 6 }), (words) => {
      const text = words.join('');
      const cased = casedOf({ text, ascii: true });
      const skeleton = skeletonOf(text);
      const has = (hints: readonly string[]) => hints.some((hint) => skeleton.includes(hint));
      if (findMarkings(cased).length > 0) assert.ok(has(markingHints), text);
      const { digits } = fold(text);
      if (digits === 0)
        findNumbers(validatorNames, { digits }, cased, () => {
          found++;
          assert.ok(has(keyHints), text);
        });
    }),
    { numRuns: 2_000 },
  );
  assert.ok(found > 50);
});
