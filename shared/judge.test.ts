// The judge: order, names, and that failing is refusing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Stage } from './judge.ts';
import { pass, refuse } from './verdict.ts';

const addOne: Stage<number, null> = function addOne(subject) {
  return pass(subject + 1);
};
const addTenLater: Stage<number, null> = async function addTenLater(subject) {
  return pass(subject + 10);
};
const sayNo: Stage<number, null> = function sayNo() {
  return refuse('content-refused', { rule: 'r-1' });
};
const throwUp: Stage<number, null> = function throwUp(subject) {
  throw new TypeError(`a text that quotes ${subject}`);
};
const throwLater: Stage<number, null> = async function throwLater() {
  throw new Error('later');
};
const stall: Stage<number, null> = function stall() {
  return new Promise(() => {});
};

test('each stage takes what the one before has made of the subject', () => {
  assert.deepEqual(judge([addOne, addOne], 1, null), pass(3));
});

test('stages that wait for nothing are judged at once, without a promise', () => {
  assert.ok(!(judge([addOne], 1, null) instanceof Promise));
});

test('a stage that waits makes the whole verdict wait, in the same order', async () => {
  assert.deepEqual(await judge([addOne, addTenLater, addOne], 1, null), pass(13));
});

test('the first refusal ends it, and carries the name of its stage', () => {
  const seen: string[] = [];
  const verdict = judge([addOne, sayNo, addOne], 1, null, (stage) => seen.push(stage));
  assert.deepEqual(verdict, { passed: false, refusal: { code: 'content-refused', rule: 'r-1', stage: 'sayNo' } });
  assert.deepEqual(seen, ['addOne', 'sayNo']);
});

for (const stage of [throwUp, throwLater]) {
  test(`a stage that throws refuses, and its words go nowhere: ${stage.name}`, async () => {
    const verdict = await judge([addOne, stage, addOne], 41, null);
    assert.ok(!verdict.passed);
    assert.equal(verdict.refusal.code, 'internal-fault');
    assert.equal(verdict.refusal.stage, stage.name);
    assert.doesNotMatch(JSON.stringify(verdict), /42|later|quotes/);
  });
}

test('a stage that stalls refuses after five seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const verdict = judge([stall], 1, null);
  t.mock.timers.tick(5_000);
  const judged = await verdict;
  assert.ok(!judged.passed);
  assert.deepEqual([judged.refusal.code, judged.refusal.stage], ['internal-fault', 'stall']);
});
