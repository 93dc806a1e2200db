// Presence and a contact request through a real Prosody: its user is answered, and the gateway sees her come and go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { firstMissing } from '../peers/peers.ts';
import { pemsOf, startLab } from './lab-under-test.ts';
import { startProsody } from './prosody.ts';
import { startXmppClient } from './xmpp-client.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

test('a user of Prosody is seen, asks to see somebody, is told no, and is gone when she leaves', { skip }, async () => {
  await using stack = new AsyncDisposableStack();
  const pair = await startLab();
  stack.defer(pair.stop);
  const { proxy, gateway, internalDomains, partners } = pair.lab;
  const [partner] = partners;
  assert.ok(partner);
  const name = partner.users[0]?.split('@')[0] ?? '';
  const place = { host: proxy.host, port: proxy.s2s };
  const prosody = await startProsody({
    domain: partner.domain,
    users: [{ name, password: 'secret' }],
    certs: pemsOf(partner),
    hosts: new Map(internalDomains.map((domain) => [domain, place])),
    // The client miscounts what it has handled where a roster is pushed.
    streamManagement: false,
    s2sPort: partner.listen.port,
  });
  stack.defer(prosody.stop);
  await pair.ready();
  const login = { domain: partner.domain, name, password: 'secret', port: prosody.c2sPort, ca: pemsOf(partner).ca };
  const ann = await startXmppClient(login);
  const bob = 'bob@in.example';
  const known = async (wanted: string) => {
    for (const until = Date.now() + 15_000; ; await wait(100)) {
      const text = await (await fetch(`http://${gateway.host}:${gateway.metrics}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith('sallyport_presence_known ')) ?? '';
      if (line.endsWith(` ${wanted}`)) return;
      if (Date.now() > until) throw new Error(`${line}\n${pair.log().slice(-3_000)}\n${prosody.log().slice(-3_000)}`);
    }
  };

  await ann.askRoster();
  await ann.sendPresence(bob);
  await known('1');
  await ann.sendPresence(bob, 'subscribe');
  const answer = await ann.nextPresence({ from: bob, within: 15_000 });
  assert.deepEqual([answer.type, answer.to.split('/')[0]], ['unsubscribed', `${name}@${partner.domain}`]);
  // Prosody says for her that she has left.
  await ann.stop();
  await known('0');
});
