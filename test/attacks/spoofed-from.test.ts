// A partner that writes in other people's names (RFC 6120 §8.1.2.2, §4.9.3.9; xmpp-boundary S2, S3, S16, H7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial, header } from '../streams/scripted-peer.ts';
import { body, heardBy, leaveAtEnd, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const from = (sender: string) => `<message from="${sender}" to="bob@in.example">${body('forged')}</message>`;

const forged = [
  'zoe@far.example',
  'bob@in.example',
  'heidi@hq.example',
  'in.example',
  'ann@sub.out.example',
  'ann@example',
  'ann@xout.example',
  'ann@out.example.evil.example',
  'nobody@stranger.example',
];

for (const sender of forged) {
  test(`a message from ${sender} ends the stream of out.example with invalid-from`, async () => {
    site.decisions.mark();
    const heard = heardBy(site);
    const peer = await site.openStream();
    peer.say(from(sender));
    await refusedWith(peer, 'invalid-from');
    await site.decisions.await({ by: 'proxy', event: 'refused', code: 'sender-forged', stage: 'checkSender' });
    // No error stanza: whoever was named would get it.
    assert.deepEqual(heard(), []);
  });
}

test('iq and presence are no way around it', async () => {
  for (const xml of [
    '<iq from="far.example" to="in.example" type="get" id="q"><ping xmlns="urn:xmpp:ping"/></iq>',
    '<presence from="zoe@far.example" to="bob@in.example" type="subscribe"/>',
  ]) {
    const peer = await site.openStream();
    peer.say(xml);
    await refusedWith(peer, 'invalid-from');
  }
});

test('no from, and no to, is improper addressing', async () => {
  for (const attributes of ['to="bob@in.example"', 'from="ann@out.example"', '']) {
    const peer = await site.openStream();
    peer.say(`<message ${attributes}>${body('forged')}</message>`);
    await refusedWith(peer, 'improper-addressing');
  }
});

test('a header that claims one of our own domains is refused before TLS', async () => {
  for (const ours of ['in.example', 'hq.example']) {
    const peer = await dial(site.door);
    peer.say(header(`from="${ours}" to="in.example" version="1.0"`));
    await refusedWith(peer, 'invalid-from');
  }
});

test('a hundred forgeries later nothing was delivered, no memory lost, and others never noticed', async () => {
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 100; i++) {
        const peer = await site.openStream();
        peer.say(from('zoe@far.example').repeat(50));
        await leaveAtEnd(peer);
      }
    }),
  );
  await site.onlyDelivered();
});
