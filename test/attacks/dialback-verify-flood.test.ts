// Questions about our keys by the thousand: each costs us a hash and an answer (xmpp-boundary D7, L7, I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWeakSite, verify } from './weak-partner.ts';

const site = await startWeakSite();

test('sixty streams that ask a hundred times each: twenty at once are answered, and nobody is held up', async () => {
  let judged = 0;
  const since = Date.now();
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 60; i++) {
        const eve = await site.knock();
        eve.say(verify('0'.repeat(64), 'x').repeat(100));
        const words = await eve.hear('</stream:stream>');
        eve.socket.destroy();
        judged += words.match(/type="invalid"/g)?.length ?? 0;
        assert.match(words, /<resource-constraint /);
        assert.match(words, /<stream:error><policy-violation /);
      }
    }),
  );
  const allowed = 20 + ((Date.now() - since) / 1000) * 10 + 5;
  assert.ok(judged >= 20 && judged <= allowed, `${judged} keys were judged, ${allowed} were allowed`);
  await site.onlyDelivered();
});
