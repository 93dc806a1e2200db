// Keys that were right once, said again: on another stream, for another domain, in the other direction (D2, D3, H10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forged, result, startWeakSite, verify } from './weak-partner.ts';

const site = await startWeakSite();

test('a key that opened one stream opens no other: each stream has an id of its own', async () => {
  const real = await site.knock();
  const key = site.weak.keyFor('in.example', 'weak.example', real.id);
  real.say(result(key));
  await real.hear('type="valid"/>');
  for (let i = 0; i < 3; i++) {
    const eve = await site.knock();
    assert.notEqual(eve.id, real.id);
    eve.say(result(key) + forged);
    assert.match(await eve.hear('</stream:stream>'), /type="invalid"/);
    eve.socket.destroy();
  }
  real.socket.destroy();
  await site.onlyDelivered();
});

test('a key for one of our domains is none for another', async () => {
  const eve = await site.knock();
  eve.say(result(site.weak.keyFor('hq.example', 'weak.example', eve.id)));
  assert.match(await eve.hear('</stream:stream>'), /type="invalid"/);
  eve.socket.destroy();
});

test('the keys of others are not ours, whoever asks about them, and however often', async () => {
  const eve = await site.knock();
  const id = eve.id;
  const guesses = [
    site.weak.keyFor('weak.example', 'in.example', id),
    site.weak.keyFor('in.example', 'weak.example', id),
    '0'.repeat(64),
    '',
  ];
  for (const guess of guesses) {
    eve.say(verify(guess, id));
    assert.match(await eve.hear('/>'), /type="invalid"\/>/);
  }
  eve.socket.destroy();
  await site.onlyDelivered();
});
