// Ids that only we can have made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Jid, parseJid } from '@sallyport/shared/address/jid.ts';
import { createSentIds } from './sent-ids.ts';

const jid = (text: string): Jid => {
  const read = parseJid(text);
  assert.ok(read);
  return read;
};
const bob = jid('bob@in.example');
const ann = jid('ann@out.example');
const secret = new Uint8Array(32).fill(7);

test('an id is known again, over a restart, by whoever has the secret', () => {
  const id = createSentIds(secret).idFor(bob, ann, 'call 1');
  assert.ok(createSentIds(secret).isAnswered(id, bob, ann));
  assert.ok(!createSentIds(new Uint8Array(32).fill(8)).isAnswered(id, bob, ann));
});

test('an id is good for its two people alone, whatever their resources', () => {
  const ids = createSentIds(secret);
  const id = ids.idFor(bob, ann, 'call 1');
  assert.ok(!ids.isAnswered(id, bob, jid('amy@out.example')));
  assert.ok(!ids.isAnswered(id, ann, bob));
  assert.ok(ids.isAnswered(id, bob, jid('ann@out.example/desk')));
});

test('an id is answered once', () => {
  const ids = createSentIds(secret);
  const id = ids.idFor(bob, ann, 'call 1');
  assert.ok(ids.isAnswered(id, bob, ann));
  assert.ok(!ids.isAnswered(id, bob, ann));
});

test('what nobody sent is no id, in whatever shape', () => {
  const ids = createSentIds(secret);
  const id = ids.idFor(bob, ann, 'call 1');
  for (const forged of [
    '',
    'x',
    'A'.repeat(24),
    `${id}A`,
    id.slice(1),
    `${id.slice(0, 23)}${id.endsWith('A') ? 'B' : 'A'}`,
    'ä'.repeat(24),
  ]) {
    assert.ok(!ids.isAnswered(forged, bob, ann), forged);
  }
});

test('an id shows nothing of what it stands for, and the same thing has the same id', () => {
  const ids = createSentIds(secret);
  assert.equal(ids.idFor(bob, ann, 'call@pool.in.example 1'), ids.idFor(bob, ann, 'call@pool.in.example 1'));
  assert.doesNotMatch(ids.idFor(bob, ann, 'call@pool.in.example 1'), /pool/);
});

test('a receipt answers only what asked for one, once of each kind, and an error may still follow', () => {
  const ids = createSentIds(secret);
  const plain = ids.idFor(bob, ann, 'call 1');
  const asking = ids.idFor(bob, ann, 'call 1', true);
  assert.notEqual(plain, asking);
  assert.ok(!ids.isAnswered(plain, bob, ann, 'received'));
  for (const kind of ['received', 'displayed', 'answer'] as const) {
    assert.ok(ids.isAnswered(asking, bob, ann, kind), kind);
    assert.ok(!ids.isAnswered(asking, bob, ann, kind), kind);
  }
});
