// What is remembered of a conversation, and what is forgotten.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createTails, usualTails } from './tails.ts';

test('it remembers the last texts of each conversation, the oldest first, and forgets by time, number and size', () => {
  let now = 0;
  const tails = createTails({ now: () => now }, { conversations: 2, messages: 3, characters: 10, forMs: 5_000 });
  for (const text of ['a', 'b', '', 'c', 'd']) tails.of('x').remember(text);
  assert.deepEqual(tails.of('x').texts, ['b', 'c', 'd']);
  tails.of('x').remember('a long text that ends so');
  assert.deepEqual(tails.of('x').texts, ['at ends so'], 'the end of a long text counts');
  tails.of('y').remember('one');
  now = 1_000;
  tails.of('x').remember('two');
  tails.of('z').remember('three');
  assert.deepEqual(
    [tails.of('y').texts, tails.of('x').texts, tails.size()],
    [[], ['two'], 2],
    'the silent one is forgotten',
  );
  now = 6_000;
  assert.deepEqual(tails.of('x').texts, []);
});

test('many conversations do not grow beyond the bound', () => {
  const tails = createTails({ now: () => 0 }, { ...usualTails, conversations: 100 });
  for (let i = 0; i < 1_000; i++) tails.of(`conversation ${i}`).remember('x'.repeat(1_000));
  assert.equal(tails.size(), 100);
  assert.equal(tails.of('conversation 999').texts[0]?.length, usualTails.characters);
});
