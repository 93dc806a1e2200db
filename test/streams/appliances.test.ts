// A load balancer in front of us says for whom it speaks, and only a listed one (PROXY protocol v2; xmpp-boundary L7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { listAppliances } from '../../dmz-proxy/stream/appliances.ts';
import { openAppliance, proxyBytes, proxyHeader } from './proxy-headers.ts';
import { auth, dial, header, type Peer, peerOn, startTls } from './scripted-peer.ts';
import { serve, settingsOf, theirs, until } from './setting.ts';

const appliances = ['127.0.0.1'];

/** A stream of out.example behind a header, as far as its features. */
async function streamBehind(port: number, before: Buffer, cut = before.length): Promise<Peer> {
  const plain = await dial(port);
  plain.socket.write(before.subarray(0, cut));
  if (cut < before.length) {
    await wait(20);
    plain.socket.write(before.subarray(cut));
  }
  plain.say(header());
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  const peer = await plain.tlsAsClient({ cert: theirs.certPem, key: theirs.keyPem });
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(header());
  await peer.hear('</stream:features>');
  return peer;
}

test('behind a listed appliance a stream has the address of its client, however the header is cut', async (t) => {
  const { listener } = await serve({ appliances });
  t.after(() => listener.stop('system-shutdown'));
  const long = proxyHeader('203.0.113.9', Buffer.from([0x20, 0, 5, 1, 2, 3, 4, 5]));
  for (const cut of [1, 12, 15, 16, 17, 27, long.length]) {
    const peer = await streamBehind(listener.port, long, cut);
    assert.equal(listener.streams()[0]?.remoteAddress, '203.0.113.9');
    peer.socket.destroy();
    await until(() => listener.streams().length === 0, 'its end');
  }
});

test('direct TLS begins right behind the header, also in the same segment', async (t) => {
  const { listener } = await serve({ appliances });
  t.after(() => listener.stop('system-shutdown'));
  for (const together of [true, false]) {
    const appliance = await openAppliance(listener.directTlsPort ?? 0, () => proxyHeader('203.0.113.9'), together);
    t.after(() => appliance.close());
    const secure = connectTls({
      ...{ port: appliance.port, host: '127.0.0.1', servername: 'in.example', rejectUnauthorized: false },
      ...{ cert: theirs.certPem, key: theirs.keyPem },
    });
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    const peer = peerOn(secure);
    peer.say(header());
    assert.match(await peer.hear('</stream:features>'), /EXTERNAL/);
    peer.socket.destroy();
  }
});

test('limits per address are those of the client, not of the appliance', async (t) => {
  const { listener } = await serve({ appliances, limits: { connectionsPerAddress: 2 } });
  t.after(() => listener.stop('system-shutdown'));
  const knock = async (client: string) => {
    const peer = await dial(listener.port);
    peer.socket.write(proxyHeader(client));
    peer.say(header());
    return peer.hear('</stream:features>').then(
      () => true,
      () => false,
    );
  };
  const one = [await knock('203.0.113.1'), await knock('203.0.113.1'), await knock('203.0.113.1')];
  assert.deepEqual(one, [true, true, false]);
  assert.equal(await knock('203.0.113.2'), true);
});

test('an appliance that asks whether we live is answered, and counted against nobody', async (t) => {
  const { listener } = await serve({ appliances, limits: { connectionsPerAddress: 1, attemptsPerAddress: 1 } });
  t.after(() => listener.stop('system-shutdown'));
  for (let i = 0; i < 5; i++) {
    const peer = await dial(listener.port);
    peer.socket.write(proxyBytes(0x20, 0x00, Buffer.alloc(i)));
    peer.say(header());
    await peer.hear('</stream:features>');
  }
});

test('a listed appliance must say it: anything else is cut without a word', async (t) => {
  const { listener } = await serve({ appliances, times: { announcement: 200 } });
  t.after(() => listener.stop('system-shutdown'));
  const wrong = [
    Buffer.from(header()),
    Buffer.from('PROXY TCP4 203.0.113.9 192.0.2.1 1234 5269\r\n'),
    proxyBytes(0x21, 0x12, Buffer.alloc(12)),
    proxyBytes(0x21, 0x11, Buffer.alloc(12), 60_000),
    proxyBytes(0x21, 0x11, Buffer.alloc(5)),
    Buffer.from('160301020001000001fc0303', 'hex'),
    // Truncated, and then silence or the end.
    proxyHeader('203.0.113.9').subarray(0, 20),
    Buffer.alloc(0),
  ];
  for (const bytes of wrong) {
    const peer = await dial(listener.port);
    peer.socket.write(bytes);
    await peer.closed;
    assert.equal(peer.heard(), '');
  }
  const half = await dial(listener.port);
  half.socket.end(proxyHeader('203.0.113.9').subarray(0, 20));
  await half.closed;
});

test('a header that drips has five seconds in all, and holds no place of a partner', async (t) => {
  const { listener } = await serve({ appliances, times: { announcement: 300 } });
  t.after(() => listener.stop('system-shutdown'));
  const since = Date.now();
  const bytes = proxyBytes(0x21, 0x11, Buffer.concat([proxyHeader('203.0.113.9').subarray(16), Buffer.alloc(900)]));
  const slow = await Promise.all(Array.from({ length: 20 }, () => dial(listener.port)));
  let at = 0;
  const drip = setInterval(() => {
    for (const peer of slow) peer.socket.write(bytes.subarray(at, at + 1));
    at += 1;
  }, 10);
  await Promise.all(slow.map((peer) => peer.closed));
  clearInterval(drip);
  assert.ok(Date.now() - since < 2_000);
  assert.equal(settingsOf('in.example').appliances.length, 0);
});

test('going down cuts those that have not said anything yet', async () => {
  const { listener } = await serve({ appliances });
  const peer = await dial(listener.port);
  await wait(50);
  await listener.stop('system-shutdown');
  await peer.closed;
});

test('a header from an address that is not listed is no XML', async (t) => {
  const { listener } = await serve({ appliances: ['192.0.2.0/24'] });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await dial(listener.port);
  peer.socket.write(proxyHeader('203.0.113.9'));
  peer.say(header());
  assert.match(await peer.hear('</stream:stream>'), /<(?:not-well-formed|restricted-xml|unsupported-encoding) /);
});

test('who is listed: addresses and networks of both families, a mapped address as itself', () => {
  const isListed = listAppliances(['192.0.2.7', '198.51.100.0/24', '2001:db8::/32']);
  for (const yes of ['192.0.2.7', '::ffff:192.0.2.7', '198.51.100.255', '2001:db8:1::1']) {
    assert.equal(isListed(yes), true, yes);
  }
  for (const no of ['192.0.2.8', '::ffff:192.0.2.8', '198.51.101.0', '2001:db9::1', '', 'unix']) {
    assert.equal(isListed(no), false, no);
  }
  assert.equal(listAppliances([])('127.0.0.1'), false);
});

test('settings name addresses and networks, and none so wide that it is everybody', () => {
  const accepted = (entry: string) => {
    try {
      return settingsOf('in.example', {}, [entry]).appliances.length === 1;
    } catch {
      return false;
    }
  };
  for (const good of ['192.0.2.7', '10.0.0.0/8', '2001:db8::/64', '::1']) assert.equal(accepted(good), true, good);
  for (const bad of ['0.0.0.0/0', '::/0', '10.0.0.0/33', 'lb.example', '192.0.2.7/', '192.0.2.0/24/1', 'fe80::1%eth0'])
    assert.equal(accepted(bad), false, bad);
});
