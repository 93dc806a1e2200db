// How much of what evades is caught, and how much of what is harmless is stopped: counted, with the confidence of the count.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Subject } from '@sallyport/shared/content/rules.ts';
import { evasions, type Said } from './evasions.ts';
import { harmlessLines } from './harmless.ts';
import { engineOf, names, rules } from './policy.ts';
import { terms } from './terms.ts';
import { printed, rateOf } from './wilson.ts';

const engine = engineOf(rules(names(10_000)));
/** Whether it, or what was said before it, is stopped: nobody goes on behind a message that was refused. */
const isStopped = (said: Said): boolean => {
  const { before = [] } = said;
  const earlier = before.some(
    (text, at) => judge({ before: before.slice(0, at), parts: [{ part: 'body', text }] }).action === 'block',
  );
  return earlier || judge(said).action === 'block';
};
const judge = (said: Said) => engine.evaluate({ direction: 'outward', now: 0, ...said } satisfies Subject);

test('every evasion is caught, of every term', (t) => {
  assert.ok(evasions.length >= 40 && terms.length >= 50);
  let caught = 0;
  let asked = 0;
  const missed: string[] = [];
  for (const { name, caughtBy, write } of evasions) {
    if (caughtBy !== 'block') continue;
    for (const term of terms) {
      asked++;
      if (isStopped(write(term))) caught++;
      else missed.push(`${name}: ${term}`);
    }
  }
  t.diagnostic(`caught: ${printed(rateOf(caught, asked))}`);
  assert.deepEqual(missed, []);
});

test('what only a score can tell is seen by a rule that monitors, and blocks nothing', (t) => {
  for (const { name, write } of evasions.filter(({ caughtBy }) => caughtBy === 'monitor')) {
    const evaluations = terms.map((term) => judge(write(term)));
    const seen = evaluations.filter(({ wouldHave }) => wouldHave.length > 0).length;
    const stopped = evaluations.filter(({ action }) => action === 'block').length;
    t.diagnostic(`${name}: ${seen} of ${terms.length} seen`);
    assert.ok(seen >= terms.length * 0.7 && stopped <= terms.length * 0.2, `${name}: ${seen} seen, ${stopped} stopped`);
  }
});

test('harmless lines pass: at most one in a thousand is stopped', (t) => {
  const lines = harmlessLines();
  assert.ok(lines.length >= 2_500 && new Set(lines).size === lines.length);
  const stopped = lines.filter((line) => judge({ parts: [{ part: 'body', text: line }] }).action === 'block');
  t.diagnostic(`stopped: ${printed(rateOf(stopped.length, lines.length))}`);
  assert.ok(stopped.length * 1_000 <= lines.length, stopped.join('\n'));
});

test('harmless lines one after the other, as a conversation, pass as well', (t) => {
  const lines = harmlessLines();
  const stopped = lines.filter((line, at) => {
    const before = lines.slice(Math.max(0, at - 5), at).filter((earlier) => earlier.length < 200);
    return judge({ before, parts: [{ part: 'body', text: line }] }).action === 'block';
  });
  t.diagnostic(`stopped: ${printed(rateOf(stopped.length, lines.length))}`);
  assert.ok(stopped.length * 1_000 <= lines.length, stopped.join('\n'));
});

test('the engine is no use if it stops nothing but words: numbers, markings and patterns are found among harmless lines', () => {
  for (const text of [
    'card 4111 1111 1111 1111 thanks',
    'UK SECRET\nsee you at ten',
    'his NHS number is 943 476 5919',
    'in case file 2026/11',
    'TLP:RED do not share',
  ]) {
    assert.equal(judge({ parts: [{ part: 'body', text }] }).action, 'block', text);
  }
});
