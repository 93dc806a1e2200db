// Answers of several endpoints, peers that fall silent, and peers that speak too much (sip-dialect §2.5, §5.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frontEndByHand, line, respond } from './front-end-by-hand.ts';
import { contact, offer, rawPeer, request } from './raw-peer.ts';
import { startAdapter, text } from './rig.ts';

const session = [
  `Contact: ${contact}`,
  'Content-Type: application/sdp',
  'Record-Route: <sip:b.example;lr>, <sip:a.example;lr>',
];

test('the second endpoint that picks up is acknowledged and ended', async () => {
  const peer = await frontEndByHand((heard) => {
    if (heard.startsWith('INVITE')) {
      return (
        respond(heard, 180, 'early', session.slice(0, 1)) +
        respond(heard, 200, 'one', session, offer) +
        respond(heard, 200, 'two', session, offer)
      );
    }
    return heard.startsWith('ACK') ? '' : respond(heard, 200, 'x');
  });
  const gateway = await startAdapter({ dial: peer.port });
  assert.equal((await gateway.deliver(text('hello'))).state, 'delivered');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const said = peer.heard.map((each) => `${each.split(' ')[0]} ${/tag=(one|two)/.exec(line(each, 'To'))?.[1] ?? ''}`);
  assert.deepEqual(said.toSorted(), ['ACK one', 'ACK two', 'BYE two', 'INVITE ', 'MESSAGE one']);
  const message = peer.heard.find((each) => each.startsWith('MESSAGE')) ?? '';
  // The route set is reversed, and the Contact is the Request-URI to the letter.
  assert.match(message, /\r\nRoute: <sip:a\.example;lr>\r\nRoute: <sip:b\.example;lr>\r\n/);
  assert.ok(message.startsWith(`MESSAGE ${contact.slice(1, -1)} SIP/2.0`));
});

test('401 is never answered with credentials', async () => {
  const challenge = 'WWW-Authenticate: NTLM realm="SIP", targetname="x", version=4';
  const peer = await frontEndByHand((heard) =>
    heard.startsWith('INVITE') ? respond(heard, 401, 'a', [challenge]) : '',
  );
  const gateway = await startAdapter({ dial: peer.port });
  assert.deepEqual(await gateway.deliver(text('x')), { state: 'refused', refusal: { code: 'far-trust-broken' } });
  await until(() => peer.heard.length === 2);
  assert.equal(peer.heard.filter((each) => each.startsWith('INVITE')).length, 1);
  assert.equal(peer.heard.filter((each) => each.startsWith('ACK')).length, 1);
});

test('a 200 to INVITE that is broken does not bring the adapter down', async () => {
  const peer = await frontEndByHand((heard) => {
    if (heard.startsWith('OPTIONS')) return respond(heard, 200, 'x');
    if (!heard.startsWith('INVITE')) return '';
    return (
      respond(heard, 200, 'a', [], offer) +
      respond(heard, 200, 'b', ['Contact: <sip:a%25zz@x'], offer) +
      respond(heard, 603, 'c')
    );
  });
  const gateway = await startAdapter({ dial: peer.port });
  const outcome = gateway.deliver(text('x'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(gateway.adapter.status()[0]?.state, 'up');
  await gateway.adapter.stop();
  assert.equal((await outcome).state, 'refused');
});

test('a silent peer is asked whether it lives, and the connection is made anew where it does not answer', async () => {
  let offset = 0;
  let answers = true;
  const peer = await frontEndByHand((heard) => (answers ? respond(heard, 405, 'x') : ''));
  const gateway = await startAdapter({ dial: peer.port, offsetMs: () => offset });
  await until(() => peer.sockets.size === 1);
  offset += 61_000;
  await until(() => peer.heard.length === 1);
  assert.match(peer.heard[0] ?? '', /^OPTIONS sip:pool\.in\.example:\d+;transport=tls SIP/);
  assert.equal(gateway.adapter.status()[0]?.state, 'up');
  answers = false;
  const [first] = peer.sockets;
  offset += 61_000;
  await until(() => peer.heard.length === 2);
  offset += 33_000;
  await until(() => first !== undefined && !peer.sockets.has(first) && peer.sockets.size === 1);
});

test('a peer that says more than can be judged is not read until some of it is', async () => {
  let open = () => {};
  const judged = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gateway = await startAdapter({
    judge: async () => {
      await judged;
      return { passed: false, refusal: { code: 'not-permitted' } };
    },
  });
  const peer = await rawPeer(gateway.port);
  peer.write(Array.from({ length: 400 }, () => request('MESSAGE', {}, 'x')).join(''));
  await until(() => gateway.accepted.length >= 256);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(gateway.accepted.length, 256);
  open();
  for (let i = 0; i < 400; i++) assert.equal((await peer.response()).status, 403);
  peer.end();
});

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 10));
}
