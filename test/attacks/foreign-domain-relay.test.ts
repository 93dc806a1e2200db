// Using us as a relay to third domains (RFC 6120 §10.4, xmpp-boundary S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annAndBob } from '../pair/whole-site.ts';
import { body, heardBy, leaveAtEnd, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const to = (recipient: string, type = 'chat', id = 'r') =>
  `<message from="ann@out.example/desk" to="${recipient}" type="${type}" id="${id}">${body('relayed')}</message>`;

const elsewhere = [
  'zoe@far.example',
  'heidi@hq.example',
  'x@stranger.example',
  'bob@sub.in.example',
  'ann@out.example',
];

test('what is for another domain than that of the stream is answered item-not-found, from us and not from there', async () => {
  const { ann } = annAndBob(site);
  const peer = await site.openStream();
  for (const [i, recipient] of elsewhere.entries()) {
    peer.say(to(recipient, 'chat', `r${i}`));
    const error = await ann.nextError({ within: 5_000 });
    assert.equal(error.error?.condition, 'item-not-found');
    assert.equal(error.from, 'in.example');
    assert.equal(error.id, `r${i}`);
    assert.doesNotMatch(error.raw, /relayed/);
  }
  peer.socket.destroy();
});

test('errors and answers for other domains are dropped, and count like the others', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  for (let i = 0; i < 11; i++) peer.say(to('zoe@far.example', 'error'));
  await refusedWith(peer, 'policy-violation');
  assert.deepEqual(heard(), []);
});

test('after ten of them the stream is over, with policy-violation', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  peer.say(to('zoe@far.example').repeat(11));
  await refusedWith(peer, 'policy-violation');
  await site.stillServes();
  assert.ok(heard().filter((line) => line.includes('item-not-found')).length <= 11);
});

test('a flood of relayed stanzas reaches neither the third domain nor anybody inside', async () => {
  const far = heardBy(site, 'far.example');
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 40; i++) {
        const peer = await site.openStream();
        peer.say(to('zoe@far.example').repeat(200));
        await leaveAtEnd(peer);
      }
    }),
  );
  assert.deepEqual(far(), []);
  await site.onlyDelivered();
});
