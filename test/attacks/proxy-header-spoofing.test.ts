// A PROXY header from somebody who is no appliance, or through one: another's address, to get past the limits (L7).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../pair/whole-site.ts';
import { proxyBytes, proxyHeader } from '../streams/proxy-headers.ts';
import { dial, header, type Peer, peerOn } from '../streams/scripted-peer.ts';
import { refusedWith, startUnderAttack } from './site-under-attack.ts';

// The appliance is 127.0.0.2; partners and attackers are 127.0.0.1.
const site = await startUnderAttack({ appliances: ['127.0.0.2'] });

async function throughAppliance(): Promise<Peer> {
  const socket = connect({ host: '127.0.0.1', port: site.door, localAddress: '127.0.0.2', noDelay: true });
  const peer = peerOn(socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return peer;
}

test('from an address that is not listed a header is broken XML, and the address that counts is the real one', async () => {
  for (const bytes of [proxyHeader('203.0.113.9'), Buffer.from('PROXY TCP4 203.0.113.9 127.0.0.1 1 5269\r\n')]) {
    const peer = await dial(site.door);
    peer.socket.write(bytes);
    peer.say(header());
    assert.match(await peer.hear('</stream:stream>'), /<(?:not-well-formed|restricted-xml|unsupported-encoding) /);
    peer.socket.destroy();
  }
  assert.doesNotMatch(site.pair.log('proxy'), /203\.0\.113\.9/);
  assert.doesNotMatch(readFileSync(site.lab.audit.proxy, 'utf8'), /203\.0\.113\.9/);
});

test('a header on the port for direct TLS is no handshake', async () => {
  const socket = connect({ host: '127.0.0.1', port: site.lab.proxy.directTls });
  const peer = peerOn(socket);
  socket.write(proxyHeader('203.0.113.9'));
  await peer.closed;
  assert.doesNotMatch(peer.heard(), /stream/);
});

test('a client behind the appliance that sends a second header is not believed', async () => {
  const peer = await throughAppliance();
  peer.socket.write(Buffer.concat([proxyHeader('203.0.113.10'), proxyHeader('203.0.113.66')]));
  peer.say(header());
  assert.match(await peer.hear('</stream:stream>'), /<(?:not-well-formed|restricted-xml|unsupported-encoding) /);
  assert.doesNotMatch(site.pair.log('proxy'), /203\.0\.113\.66/);
  peer.socket.destroy();
});

test('three hundred clients behind the appliance: each address has its own limit, and one cannot use up another’s', async () => {
  const greeted: Peer[] = [];
  const one = async (client: string) => {
    const peer = await throughAppliance();
    greeted.push(peer);
    peer.socket.write(proxyHeader(client));
    peer.say(header());
    return peer.hear('</stream:features>').then(
      () => true,
      () => false,
    );
  };
  const first = await Promise.all(Array.from({ length: 230 }, () => one('203.0.113.11')));
  assert.equal(first.filter((let_in) => let_in).length, 200, 'the limit of the lab');
  assert.equal(await one('203.0.113.12'), true);
  for (const peer of greeted) peer.socket.destroy();
});

test('headers that are cut off, too long or never end: nothing is said, nothing grows, nobody waits', async () => {
  const wrong = [
    proxyHeader('203.0.113.9').subarray(0, 15),
    proxyBytes(0x21, 0x11, Buffer.alloc(3), 1_000),
    proxyBytes(0x21, 0x11, Buffer.alloc(12), 65_535),
    proxyBytes(0x2f, 0x11, Buffer.alloc(12)),
    proxyBytes(0x21, 0x31, Buffer.alloc(216)),
    Buffer.from('PROXY UNKNOWN\r\n'),
    Buffer.from(header()),
  ];
  const peers: Peer[] = [];
  const since = Date.now();
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 420; i++) {
        const peer = await throughAppliance();
        peers.push(peer);
        peer.socket.write(wrong[i % wrong.length] ?? '');
      }
      const drip = setInterval(() => {
        for (const peer of peers) if (!peer.isClosed()) peer.socket.write(Buffer.from([0]));
      }, 100);
      await until('all are cut', () => peers.every((peer) => peer.isClosed()), 20_000);
      clearInterval(drip);
    }),
  );
  assert.ok(Date.now() - since >= 4_500, 'those that could still become a header had their five seconds');
  for (const peer of peers) assert.equal(peer.heard(), '');
  assert.match(site.pair.log('proxy'), /an appliance did not say for whom it speaks/);
});

test('the site serves its partners as before, without headers', async () => {
  const peer = await site.openStream();
  peer.say('<message from="ann@else.example" to="bob@in.example"><body>forged</body></message>');
  await refusedWith(peer, 'invalid-from');
  await wait(50);
  await site.onlyDelivered();
});
