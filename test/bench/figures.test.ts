// The arithmetic behind what the bench prints.
import assert from 'node:assert/strict';
import test from 'node:test';
import { median, table } from './figures.ts';

test('the median is the middle one, or the mean of the two in the middle, in whatever order they came', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 2, 4]), 3);
});

test('columns stand under each other, figures to the right', () => {
  assert.equal(
    table([
      ['', 'both'],
      ['inward', '9'],
    ]),
    '          both\n  inward     9',
  );
});
