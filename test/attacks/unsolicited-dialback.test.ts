// The attacks of 2012: answers of dialback for which nobody has asked, on whatever stream (XEP-0220 §4.1; D5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial, header } from '../streams/scripted-peer.ts';
import { refusedWith } from './site-under-attack.ts';
import { startWeakSite } from './weak-partner.ts';

const site = await startWeakSite();
const answers = ['result', 'verify'].flatMap((name) =>
  ['weak.example', 'out.example', 'far.example', 'in.example'].map(
    (from) => `<db:${name} xmlns:db="jabber:server:dialback" from="${from}" to="in.example" id="x" type="valid"/>`,
  ),
);

test('before TLS they end the stream', async () => {
  for (const answer of answers) {
    const peer = await dial(site.door);
    peer.say(header('from="weak.example" to="in.example" version="1.0"'));
    await peer.hear('</stream:features>');
    peer.say(answer);
    await refusedWith(peer, 'policy-violation');
  }
});

test('on the proved stream of another partner they end it, and make it nobody else', async () => {
  for (const answer of answers) {
    const peer = await site.openStream();
    peer.say(`${answer}<message from="wendy@weak.example" to="bob@in.example"><body>forged</body></message>`);
    await refusedWith(peer, 'unsupported-stanza-type');
  }
  await site.onlyDelivered();
});

test('where dialback is spoken the third one ends the stream, and ten thousand cost nothing', async () => {
  for (const answer of answers) {
    const eve = await site.knock();
    eve.say(answer.repeat(3));
    await refusedWith(eve, 'policy-violation');
  }
  await site.staysFlat(async () => {
    for (let i = 0; i < 10; i++) {
      const eve = await site.knock();
      eve.say(answers.join('').repeat(125));
      await eve.hear('</stream:stream>');
      eve.socket.destroy();
    }
  });
  assert.equal(site.dialled().times, 0, 'nobody was asked because of an answer');
  await site.onlyDelivered();
});
