// A Map for what comes and goes: it does what a Map does, and leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlotMap } from './slot-map.ts';

test('what is set is found until it is deleted, and a second value takes the place of the first', () => {
  const map = createSlotMap<string, number>();
  map.set('a', 1);
  map.set('b', 0);
  map.set('a', 3);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size()], [3, 0, undefined, 2]);
  assert.deepEqual([map.has('b'), map.delete('b'), map.delete('b'), map.has('b')], [true, true, false, false]);
  assert.deepEqual([map.get('b'), map.size()], [undefined, 1]);
});

test('the values come in the order of their keys, also where places are used again', () => {
  const map = createSlotMap<string, string>();
  for (const key of ['a', 'b', 'c']) map.set(key, key);
  map.delete('a');
  map.set('d', 'd');
  map.set('b', 'B');
  assert.deepEqual([...map.values()], ['B', 'c', 'd']);
});

test('an entry may be deleted while the values are walked through', () => {
  const map = createSlotMap<number, number>();
  for (let key = 0; key < 10; key++) map.set(key, key);
  const seen: number[] = [];
  for (const value of map.values()) {
    seen.push(value);
    map.delete(value);
    map.delete(value + 1);
  }
  assert.deepEqual(seen, [0, 2, 4, 6, 8]);
  assert.equal(map.size(), 0);
});

test('it does the same as a Map in ten thousand steps', () => {
  const map = createSlotMap<number, number>();
  const plain = new Map<number, number>();
  let random = 7;
  for (let step = 0; step < 10_000; step++) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const key = random % 97;
    if (random % 3 === 0) assert.equal(map.delete(key), plain.delete(key));
    else {
      map.set(key, step);
      plain.set(key, step);
    }
  }
  assert.deepEqual([...map.values()], [...plain.values()]);
  map.clear();
  assert.deepEqual([map.size(), [...map.values()]], [0, []]);
});
