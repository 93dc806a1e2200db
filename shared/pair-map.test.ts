// A Map by two texts: it does what a Map does, and what is deleted leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPairMap } from './pair-map.ts';

test('what is set under two texts is found under both in their order, and a second value takes its place', () => {
  const map = createPairMap<number>();
  map.set('a', 'b', 1);
  map.set('b', 'a', 2);
  map.set('a', 'c', 3);
  map.set('a', 'b', 4);
  assert.deepEqual([map.get('a', 'b'), map.get('b', 'a'), map.get('a', 'c'), map.get('c', 'a')], [4, 2, 3, undefined]);
  assert.deepEqual([map.size(), [...map.values()].toSorted()], [3, [2, 3, 4]]);
});

test('what is deleted is gone, also while all are walked through', () => {
  const map = createPairMap<readonly [string, string]>();
  for (const first of ['a', 'b']) for (const second of ['x', 'y']) map.set(first, second, [first, second]);
  map.delete('a', 'z');
  map.delete('c', 'x');
  assert.equal(map.size(), 4);
  for (const [first, second] of map.values()) if (second === 'x') map.delete(first, second);
  assert.deepEqual([map.size(), map.get('a', 'x'), map.get('a', 'y')], [2, undefined, ['a', 'y']]);
  for (const [first, second] of map.values()) map.delete(first, second);
  assert.deepEqual([map.size(), [...map.values()]], [0, []]);
});
