// The ping of a partner that says nothing, and what counts as an answer (XEP-0199; xmpp-boundary L5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptStream, listenScripted } from './scripted-peer.ts';
import { credentialsOf, dialOut, partner, policyOf, serve, shipment, theirs, until } from './setting.ts';

const enabled = '<enabled xmlns="urn:xmpp:sm:3"/>';
const request = '<r xmlns="urn:xmpp:sm:3"/>';
const answer = (h: number) => `<a xmlns="urn:xmpp:sm:3" h="${h}"/>`;
const feature = '<sm xmlns="urn:xmpp:sm:3"/>';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const withPings = { times: { ping: 200, pong: 60, keepalive: 60_000 } };

test('a silent partner is asked twice, then the stream ends with connection-timeout', async () => {
  let words = '';
  const server = await listenScripted(async (plain) => {
    const peer = await acceptStream(plain, theirs, feature);
    peer.say(enabled);
    await peer.hear(request);
    peer.say(answer(1));
    words = await peer.hear('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), withPings);
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await until(() => words !== '', 'the end');
  assert.equal(words.match(/<ping xmlns="urn:xmpp:ping"\/>/g)?.length, 2);
  assert.match(words, /<iq type="get" id="[\w-]{16}" from="in.example" to="out.example">/);
  assert.match(words, /<connection-timeout/);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner whose own stream says something is not given up, whatever it says', async () => {
  let asked = 0;
  let heardAt = 0;
  const server = await listenScripted(async (plain) => {
    const peer = await acceptStream(plain, theirs, feature);
    peer.say(enabled);
    await peer.hear(request);
    peer.say(answer(1));
    for (;;) {
      await peer.hear('<ping xmlns="urn:xmpp:ping"/></iq>');
      asked += 1;
      heardAt = Date.now();
    }
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    ...withPings,
    heardFrom: () => heardAt,
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await pause(1_200);
  assert.equal(streams.streams().length, 1, 'it lives');
  assert.ok(asked >= 3 && asked <= 6, `asked ${asked} times in 1,200 ms`);
  server.close();
  await streams.stop('system-shutdown');
});

test('the listener knows when a pair was last heard, and does not blame a partner that we do not read', async () => {
  let free: () => void = () => {};
  const wait = new Promise<void>((resolve) => {
    free = resolve;
  });
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
    receive: () => wait,
    times: { confirm: 50 },
  });
  assert.equal(inside.listener.heardFrom('out.example', 'in.example'), 0);
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)));
  streams.ship(shipment('one').shipment);
  await until(() => inside.received.length === 1, 'the stanza');
  await pause(200);
  assert.ok(Date.now() - inside.listener.heardFrom('out.example', 'in.example') < 50);
  assert.equal(inside.listener.heardFrom('out.example', 'far.example'), 0);
  free();
  await pause(300);
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});
