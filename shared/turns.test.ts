// Proves that those who have much to say take turns, and that who has little to say does not wait for them (L7, I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTurns } from './turns.ts';

/** Works for `ms` of a clock of its own on each of `things`, and says when each was done. */
async function work(name: string, things: number, ms: number, done: string[]): Promise<void> {
  let at = 0;
  const turns = createTurns(() => at);
  for (let thing = 1; thing <= things; thing++) {
    const turn = turns.mine();
    if (turn !== undefined) await turn;
    at += ms;
    done.push(`${name}${thing}`);
  }
}

test('whoever works for less than two milliseconds goes on at once', async () => {
  const done: string[] = [];
  const working = work('a', 19, 0.1, done);
  assert.equal(done.length, 19);
  await working;
});

test('of those that have more to say one goes on in each turn of the event loop, each as often as the others', async () => {
  const done: string[] = [];
  const working = ['a', 'b', 'c'].map((name) => work(name, 6, 1, done));
  assert.deepEqual(
    done.splice(0),
    ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'],
    'each begins in the turn in which it is heard',
  );
  const turns: string[] = [];
  for (let turn = 0; turn < 6; turn++) {
    await nextTurn();
    turns.push(done.splice(0).join(' '));
  }
  assert.deepEqual(turns, ['a3 a4', 'b3 b4', 'c3 c4', 'a5 a6', 'b5 b6', 'c5 c6']);
  await Promise.all(working);
});

test('who says one word waits for none of them', async () => {
  const done: string[] = [];
  const working = ['a', 'b', 'c'].map((name) => work(name, 10, 2, done));
  await nextTurn();
  done.splice(0);
  await work('quiet', 1, 2, done);
  assert.deepEqual(done.splice(0), ['quiet1']);
  await Promise.all(working);
});
