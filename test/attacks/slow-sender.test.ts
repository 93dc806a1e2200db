// Elements that arrive byte by byte, to hold a place and memory for ever (xmpp-boundary L8, P11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connectedClient, dial, header, type Peer } from '../streams/scripted-peer.ts';
import { serve, theirs } from '../streams/setting.ts';
import { body, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

function drip(peer: Peer, text: string, everyMs: number): () => void {
  let at = 0;
  const timer = setInterval(() => {
    if (peer.isClosed() || at >= text.length) clearInterval(timer);
    else peer.say(text.slice(at, ++at));
  }, everyMs);
  return () => clearInterval(timer);
}

test('an element has so long from its first byte, however often a byte comes', async (t) => {
  const { listener, received } = await serve({ times: { assembly: 400, header: 400, negotiation: 3_000 } });
  t.after(() => listener.stop('system-shutdown'));
  const slow = await connectedClient(listener.port, theirs);
  const since = Date.now();
  const end = drip(slow, message(body('x'.repeat(500))), 20);
  await refusedWith(slow, 'connection-timeout');
  assert.ok(Date.now() - since < 2_000);
  end();
  assert.equal(received.length, 0);
});

test('a header has so long from the connection', async (t) => {
  const { listener } = await serve({ times: { header: 300 } });
  t.after(() => listener.stop('system-shutdown'));
  const slow = await dial(listener.port);
  const end = drip(slow, header(), 20);
  await refusedWith(slow, 'connection-timeout');
  end();
});

test('white space is no way to look alive for ever: above 1 KiB a minute the stream ends', async () => {
  const peer = await site.openStream();
  for (let i = 0; i < 50; i++) peer.say(' '.repeat(30));
  await refusedWith(peer, 'policy-violation');
});

test('sixty slow senders at once hold nobody up and hold little memory', async () => {
  const senders: Peer[] = [];
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 60; i++) {
        const peer = await dial(site.door);
        peer.say(header());
        senders.push(peer);
      }
      for (let i = 0; i < 4; i++) senders.push(await site.openStream());
      const ends = senders.map((peer) => drip(peer, message(body('y'.repeat(60_000))), 5));
      await wait(1_500);
      for (const end of ends) end();
    }),
  );
  for (const peer of senders) peer.socket.destroy();
  await site.onlyDelivered();
});
