// More attributes than anybody needs, longer than anybody needs (§0.2, P9, P15).
import { test } from 'node:test';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const attributes = (count: number) => Array.from({ length: count }, (_, i) => `a${i}="x"`).join(' ');
const tooBig = async (xml: string) => {
  const peer = await site.openStream();
  peer.say(xml);
  await refusedWith(peer, 'policy-violation', 'stanza-too-big');
};

test('thirty-two attributes are read and the unknown ones dropped; one more ends the stream', async () => {
  const peer = await site.openStream();
  // `message` writes three of its own.
  peer.say(message(body('thirty-two'), attributes(29)));
  await site.onlyDelivered('thirty-two');
  peer.socket.destroy();
  await tooBig(message(body('thirty-three'), attributes(30)));
  await tooBig(message(`<x xmlns="urn:x" ${attributes(33)}/>${body('thirty-three')}`));
});

test('a value of 4,096 bytes is read; one more ends the stream, in whatever alphabet', async () => {
  const peer = await site.openStream();
  peer.say(message(body('4,096'), `x="${'x'.repeat(4_096)}"`));
  await site.onlyDelivered('thirty-two', '4,096');
  peer.socket.destroy();
  await tooBig(message(body('4,097'), `x="${'x'.repeat(4_097)}"`));
  await tooBig(message(body('4,098'), `x="${'ü'.repeat(2_049)}"`));
});

test('twice the same attribute is not well-formed, also by two prefixes', async () => {
  for (const pair of ['a="1" a="2"', 'xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2"']) {
    const peer = await site.openStream();
    peer.say(message(body('twice'), pair));
    await refusedWith(peer, 'not-well-formed');
  }
});

test('forty floods of five thousand attributes', async () => {
  const flood = message(body('flood'), attributes(5_000));
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 40; i++) {
        const peer = await site.openStream();
        peer.say(flood);
        await leaveAtEnd(peer);
      }
    }),
  );
  await site.onlyDelivered('thirty-two', '4,096');
});
