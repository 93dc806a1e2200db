// What a token bucket promises.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBucket } from './rate.ts';

test('a full bucket gives its burst at once and then refuses', () => {
  const bucket = createBucket(10, 3);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.take(1, 0)),
    [true, true, true, false],
  );
});

test('it fills by its rate and never above its burst', () => {
  const bucket = createBucket(10, 3);
  bucket.take(3, 0);
  assert.equal(bucket.take(1, 99), false);
  assert.equal(bucket.take(1, 100), true);
  assert.equal(bucket.take(4, 60_000), true, 'more than it holds is given when it is full');
  assert.equal(bucket.take(1, 60_100), false, 'and is paid back');
  assert.equal(bucket.take(1, 60_200), true);
});

test('after the wait that it names it gives what was asked', () => {
  const bucket = createBucket(7, 5);
  bucket.take(5, 1_000);
  const wait = bucket.waitMs(2, 1_000);
  assert.equal(wait, 286);
  assert.equal(bucket.take(2, 1_000 + wait - 1), false);
  assert.equal(bucket.take(2, 1_000 + wait), true);
});

test('a clock that goes back adds nothing, and does not stop it', () => {
  const bucket = createBucket(10, 1);
  bucket.take(1, 10_000);
  assert.equal(bucket.take(1, 5_000), false);
  assert.equal(bucket.take(1, 5_100), true);
});
