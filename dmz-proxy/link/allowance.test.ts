// How much may be under way, and whose stream waits when it is too much.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAllowance } from './allowance.ts';

async function isOpen(promise: Promise<void> | undefined): Promise<boolean> {
  if (promise === undefined) return true;
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

const limits = { packets: 40, bytes: 4_000, perPair: 5 };

test('a stream is read on while little is under way', () => {
  const allowance = createAllowance(limits);
  for (let i = 0; i < 4; i++) assert.equal(allowance.enter('out.example', 'a', 'b', 10), undefined);
});

test('a pair that fills its share holds its stream until one of its packets has ended', async () => {
  const allowance = createAllowance(limits);
  let held: Promise<void> | undefined;
  for (let i = 0; i < 5; i++) held = allowance.enter('out.example', 'a', 'b', 10);
  assert.equal(await isOpen(held), false);
  allowance.leave('out.example', 'a', 'b', 10);
  assert.equal(await isOpen(held), true);
});

test('a partner that fills a quarter of all is held, and another partner is not', async () => {
  const allowance = createAllowance(limits);
  let held: Promise<void> | undefined;
  for (let i = 0; i < 11; i++) held = allowance.enter('out.example', `a${i}`, 'b', 10);
  assert.equal(await isOpen(held), false);
  assert.equal(allowance.enter('far.example', 'z', 'b', 10), undefined);
  allowance.leave('out.example', 'a0', 'b', 10);
  assert.equal(await isOpen(held), true);
});

test('bytes count as well as packets', async () => {
  const allowance = createAllowance(limits);
  const held = allowance.enter('out.example', 'a', 'b', 1_001);
  assert.equal(await isOpen(held), false);
  allowance.leave('out.example', 'a', 'b', 1_001);
  assert.equal(await isOpen(held), true);
});

test('when all together are too much, each partner waits, and goes on when any of them has room again', async () => {
  const allowance = createAllowance(limits);
  const held: (Promise<void> | undefined)[] = [];
  for (let i = 0; i < 41; i++) held.push(allowance.enter(`p${i % 8}.example`, `a${i}`, 'b', 1));
  assert.equal(await isOpen(held.at(-1)), false);
  allowance.leave('p1.example', 'a1', 'b', 1);
  assert.equal(await isOpen(held.at(-1)), true);
});

test('a packet that leaves while others still fill the pair frees nobody', async () => {
  const allowance = createAllowance(limits);
  const held = Array.from({ length: 7 }, () => allowance.enter('out.example', 'a', 'b', 1));
  allowance.leave('out.example', 'a', 'b', 1);
  assert.equal(await isOpen(held[6]), false);
});

test('a pair that is under way keeps its count while thousands of others come and go', async () => {
  const allowance = createAllowance({ packets: 40_000, bytes: 40_000, perPair: 5 });
  for (let i = 0; i < 4; i++) allowance.enter('out.example', 'a', 'b', 1);
  for (let i = 0; i < 10_000; i++) {
    assert.equal(allowance.enter('out.example', `a${i % 3}`, `b${i}`, 1), undefined);
    allowance.leave('out.example', `a${i % 3}`, `b${i}`, 1);
  }
  const held = allowance.enter('out.example', 'a', 'b', 1);
  assert.equal(await isOpen(held), false);
  allowance.leave('out.example', 'a', 'b', 1);
  assert.equal(await isOpen(held), true);
});
