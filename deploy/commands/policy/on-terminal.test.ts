// Marks stand under the letters that they mean, whatever the letters are, and nothing that is printed steers a terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawn, safe } from './on-terminal.ts';

test('a mark stands under its letters: wide ones, marks that combine, and what is written as an escape', () => {
  assert.deepEqual(drawn('a secret b', [{ start: 2, end: 8, word: '1' }]), ['a secret b', '  ^^^^^^ 1']);
  assert.deepEqual(drawn('項目 x', [{ start: 3, end: 4, word: '1' }]), ['項目 x', '     ^ 1']);
  assert.deepEqual(drawn('e\u0301x', [{ start: 2, end: 3, word: '1' }]), ['e\u0301x', ' ^ 1']);
  assert.deepEqual(drawn('a\u200bb', [{ start: 1, end: 2, word: '1' }]), ['a\\u{200b}b', ' ^^^^^^^^ 1']);
  assert.deepEqual(drawn('👍x', [{ start: 2, end: 3, word: '1' }]), ['👍x', '  ^ 1']);
});

test('a mark over two lines stands under both, and equal marks are one', () => {
  const marks = [1, 2].map((word) => ({ start: 1, end: 4, word: String(word) }));
  assert.deepEqual(drawn('ab\ncd', marks), ['ab\\n', ' ^^^ 1, 2', 'cd', '^ 1, 2']);
});

test('whatever the text is, no control, direction or invisible character is printed, and rows stay short', () => {
  const steers = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(400), fc.nat(50), (text, start, length) => {
      const rows = drawn(text, [{ start, end: start + length, word: '1' }]);
      for (const row of [...rows, safe(text)]) assert.doesNotMatch(row, steers);
      assert.ok(rows.every((row) => [...row].filter((letter) => !/\p{M}/u.test(letter)).length <= 120));
    }),
  );
});
