// Namespace declarations by the thousand, each of which stays in scope (§0.2, P6, H4).
import { test } from 'node:test';
import { dial, header } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const declared = (count: number) => Array.from({ length: count }, (_, i) => `xmlns:n${i}="urn:n${i}"`).join(' ');

test('sixteen declarations of one element are read; one more ends the stream', async () => {
  const peer = await site.openStream();
  peer.say(message(body('sixteen'), declared(16)));
  await site.onlyDelivered('sixteen');
  peer.socket.destroy();
  const over = await site.openStream();
  over.say(message(body('seventeen'), declared(17)));
  await refusedWith(over, 'policy-violation', 'stanza-too-big');
});

test('the header may declare sixteen, and not one more', async () => {
  // The header itself declares two.
  const attributes = 'from="out.example" to="in.example" version="1.0"';
  const good = await dial(site.door);
  good.say(header(`${attributes} ${declared(14)}`));
  await good.hear('</stream:features>');
  good.socket.destroy();
  const bad = await dial(site.door);
  bad.say(header(`${attributes} ${declared(15)}`));
  await refusedWith(bad, 'policy-violation');
});

test('names that wander through a thousand elements, each with sixteen declarations', async () => {
  const one = `<x xmlns="urn:x" ${declared(15)}/>`;
  const flood = message(body('wandering') + one.repeat(Math.floor(60_000 / one.length)));
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 10; i++) {
        const peer = await site.openStream();
        peer.say(message(body('flood'), declared(2_000)));
        await leaveAtEnd(peer);
        const legal = await site.openStream();
        legal.say(flood.replace(body('wandering'), ''));
        legal.say('</stream:stream>');
        await leaveAtEnd(legal);
      }
    }),
  );
  await site.onlyDelivered('sixteen');
});
