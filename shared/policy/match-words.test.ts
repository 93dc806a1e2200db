// The matcher against a slow one that is plainly right, and against what people try.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileWords, type Word } from './match-words.ts';
import { isWordCharacter, isWrittenWithoutSpaces, normalise } from './normalise.ts';

const matcher = (...words: string[]) => compileWords(words.map((word, rank) => ({ word: normalise(word), rank })));

// Every word at every place, by comparing.
function slowly(words: readonly Word[], text: string): number | undefined {
  const units = [...normalise(text)];
  let best: number | undefined;
  for (const { word, rank } of words) {
    const letters = [...word];
    const alone = (letter: string) =>
      isWordCharacter(letter.codePointAt(0)!) && !isWrittenWithoutSpaces(letter.codePointAt(0)!);
    for (let at = 0; at + letters.length <= units.length; at++) {
      if (!letters.every((letter, i) => units[at + i] === letter)) continue;
      const before = units[at - 1];
      const after = units[at + letters.length];
      if (before !== undefined && alone(letters[0]!) && isWordCharacter(before.codePointAt(0)!)) continue;
      if (after !== undefined && alone(letters.at(-1)!) && isWordCharacter(after.codePointAt(0)!)) continue;
      best = Math.min(best ?? rank, rank);
    }
  }
  return best;
}

test('it finds exactly what a slow comparison finds', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'A', ' ', '-', '\n', 'é', '密', '😀', '\u200b', '𝐚', '𐐨');
  const some = (maxLength: number) => fc.array(letter, { minLength: 1, maxLength }).map((letters) => letters.join(''));
  const wordList = fc
    .array(some(4), { minLength: 1, maxLength: 12 })
    .map((raw) => raw.map((one) => normalise(one).trim()).filter((one) => one !== ''))
    .map((raw) => raw.map((word, rank) => ({ word, rank })));
  fc.assert(
    fc.property(wordList, fc.array(some(20), { minLength: 1, maxLength: 4 }), (words, texts) => {
      const matches = compileWords(words);
      for (const text of texts) assert.equal(matches(text), slowly(words, text), JSON.stringify({ words, text }));
    }),
    { numRuns: 2_000 },
  );
});

test('with many words most states lie outside the full rows, and it still finds each of them', () => {
  const words = Array.from({ length: 4_000 }, (_, i) => `word${String.fromCodePoint(0x4e00 + i)}${i}end`);
  const matches = compileWords(words.map((word, rank) => ({ word, rank })));
  for (const [rank, word] of words.entries()) assert.equal(matches(`see ${word}, please`), rank);
  assert.equal(matches('see word丏1en, please'), undefined);
});

test('a word is found whatever its case, width or decoration', () => {
  const matches = matcher('nightingale', 'café', 'top secret', 'σοφός');
  for (const text of [
    'nightingale',
    'The NIGHTINGALE sings',
    '(nightingale)',
    'the_nightingale_file',
    'ｎｉｇｈｔｉｎｇａｌｅ',
    '𝐧𝐢𝐠𝐡𝐭𝐢𝐧𝐠𝐚𝐥𝐞',
    'ⓝⓘⓖⓗⓣⓘⓝⓖⓐⓛⓔ',
    'night\u200bingale',
    'night\u00adin\u2060gale',
    'night\u115fingale',
    'nightingale😀',
    '😀nightingale',
  ]) {
    assert.equal(matches(text), 0, text);
  }
  assert.equal(matches('CAFE\u0301!'), 1, 'composed and decomposed are one');
  assert.equal(matches('TOP\u00a0 \n\tSecret'), 2, 'any white space is one space');
  assert.equal(matches('ΣΟΦΌΣ'), 3, 'the final sigma is a sigma');
});

test('a word inside another word is not found, in any alphabet', () => {
  const matches = matcher('ass', 'мир', 'c++', 'نور');
  for (const text of ['class', 'assess', 'ass1', 'assé', 'мирный', 'кумир', 'النورس', 'top', '']) {
    assert.equal(matches(text), undefined, text);
  }
  assert.equal(matches('my ass!'), 0);
  assert.equal(matches('мир, труд'), 1);
  assert.equal(matches('c++17 compilers'), 2, 'an end that is no letter needs no gap behind it');
  assert.equal(matches('هذا نور.'), 3);
});

test('a word of a script without spaces is found inside a sentence', () => {
  assert.equal(matcher('机密')('这是机密文件'), 0);
  assert.equal(matcher('ความลับ')('นี่คือความลับของเรา'), 0);
});

test('shorter words at the end of longer ones are found, and the first list wins', () => {
  const matches = compileWords([
    { word: 'he said she', rank: 7 },
    { word: 'she', rank: 3 },
    { word: 'said', rank: 5 },
  ]);
  assert.equal(matches('he said she'), 3);
  assert.equal(matches('he said it'), 5);
});

test('no words match nothing', () => {
  assert.equal(compileWords([])('anything'), undefined);
});
