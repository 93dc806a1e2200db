// Elements nested without end: a tokenizer that is quadratic in depth stands still for seconds (§0.1 point 2, P9).
import { test } from 'node:test';
import { dial, header } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
// The message itself is the first of them.
const nested = (depth: number) => '<x xmlns="urn:x">'.repeat(depth - 1) + '</x>'.repeat(depth - 1);

test('thirty-two levels are read, and the thirty-third ends the stream', async () => {
  const good = await site.openStream();
  good.say(message(body('deep enough') + nested(32)));
  await site.onlyDelivered('deep enough');
  good.socket.destroy();
  const bad = await site.openStream();
  bad.say(message(body('too deep') + nested(33)));
  await refusedWith(bad, 'policy-violation', 'stanza-too-big');
  await site.onlyDelivered('deep enough');
});

test('it ends at the thirty-third tag, and does not wait for the end of the message', async () => {
  const peer = await site.openStream();
  peer.say(`<message from="ann@out.example" to="bob@in.example">${'<a>'.repeat(32)}`);
  await refusedWith(peer, 'policy-violation', 'stanza-too-big');
});

test('twenty thousand levels, forty times, before and after authentication', async () => {
  const flood = '<a>'.repeat(20_000);
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 20; i++) {
        const peer = await site.openStream();
        peer.say(`<message from="ann@out.example" to="bob@in.example">${flood}`);
        await leaveAtEnd(peer);
        const stranger = await dial(site.door);
        stranger.say(header() + flood);
        await leaveAtEnd(stranger);
      }
    }),
  );
  await site.onlyDelivered('deep enough');
});
