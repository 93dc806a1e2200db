// Connections that are opened and then say nothing, to use up places (XEP-0205; xmpp-boundary L7, L8, N11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { dial, header, type Peer, startTls } from '../streams/scripted-peer.ts';
import { serve } from '../streams/setting.ts';
import { refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

test('who says nothing is told connection-timeout and loses the place, in each phase', async (t) => {
  const { listener } = await serve({ times: { header: 800, negotiation: 2_000, handshake: 1_000 } });
  t.after(() => listener.stop('system-shutdown'));
  const mute = await dial(listener.port);
  await refusedWith(mute, 'connection-timeout');
  const greeted = await dial(listener.port);
  greeted.say(header());
  await greeted.hear('</stream:features>');
  await refusedWith(greeted, 'connection-timeout');
  const handshaking = await dial(listener.port);
  handshaking.say(header());
  await handshaking.hear('</stream:features>');
  handshaking.say(startTls);
  await handshaking.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  await handshaking.closed;
  assert.equal(handshaking.heard(), '');
});

test('three hundred of one address: above the limit they are cut without a word, and the others are served on', async () => {
  const open: Peer[] = [];
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 300; i++) open.push(await dial(site.door));
      await wait(1_000);
    }),
  );
  const cut = open.filter((peer) => peer.isClosed());
  // The limit of the lab is 200, and the partners of the lab come from the same address.
  assert.ok(cut.length >= 100 && cut.length <= 120, `${cut.length} were cut`);
  for (const peer of cut) assert.equal(peer.heard(), '');
  for (const peer of open) peer.socket.destroy();
  await wait(200);
  const next = await site.openStream();
  next.socket.destroy();
  await site.onlyDelivered();
});
