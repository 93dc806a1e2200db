// What the wait between attempts promises.
import assert from 'node:assert/strict';
import test from 'node:test';
import { backoff } from './backoff.ts';

test('the longest wait doubles with each attempt up to the cap', () => {
  const longest = [0, 1, 2, 3, 4, 1000].map((attempt) =>
    backoff(attempt, { firstMs: 100, capMs: 1_000, random: () => 1 }),
  );
  assert.deepEqual(longest, [100, 200, 400, 800, 1_000, 1_000]);
});

test('the wait is anywhere between nothing and the longest one', () => {
  assert.equal(backoff(3, { firstMs: 100, capMs: 1_000, random: () => 0 }), 0);
  const waits = Array.from({ length: 200 }, () => backoff(3, { firstMs: 100, capMs: 1_000 }));
  assert.ok(waits.every((ms) => ms >= 0 && ms <= 800));
  assert.ok(new Set(waits).size > 50, 'they differ');
});
