// What becomes of what is shipped to a partner: written, delivered, refused, lost (architecture §4.1 point 2, S13).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptStream, listenScripted, pingIn } from './scripted-peer.ts';
import { dialOut, goodPartner, partner, policyOf, shipment, theirs } from './setting.ts';

test('what is shipped in one turn arrives in order, in one stream, and a ping behind it settles it', async () => {
  let heard: (words: string) => void = () => {};
  const words = new Promise<string>((resolve) => {
    heard = resolve;
  });
  const server = await goodPartner(async (peer) => heard(await peer.hear('</iq>')));
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  streams.ship(two.shipment);
  assert.equal(streams.waiting('out.example'), 2);
  const all = await words;
  assert.ok(
    all.indexOf('one') >= 0 && all.indexOf('one') < all.indexOf('two') && all.indexOf('two') < all.indexOf('<ping'),
  );
  await Promise.all([one.written, two.written]);
  assert.deepEqual(one.counts, { written: 1, settled: 0 });
  assert.equal(streams.pingAnswered('evil.example', 'in.example', pingIn(all)), false);
  assert.equal(streams.pingAnswered('out.example', 'in.example', 'guess'), false);
  assert.equal(streams.pingAnswered('out.example', 'in.example', pingIn(all)), true);
  assert.equal(await one.settled, undefined);
  assert.equal(await two.settled, undefined);
  assert.deepEqual(two.counts, { written: 1, settled: 1 });
  assert.equal(streams.streams()[0]?.certificate?.matchedName, 'DNS:out.example');
  assert.equal(streams.streams()[0]?.stanzasOut, 2);
  assert.equal(server.connections(), 1);
  server.close();
  await streams.stop('system-shutdown');
});

test('where no answer comes, a stream that lives on settles what was written', async () => {
  const server = await goodPartner(async () => {});
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  assert.equal(one.counts.settled, 0);
  assert.equal(await one.settled, undefined);
  assert.deepEqual(one.counts, { written: 1, settled: 1 });
  server.close();
  await streams.stop('system-shutdown');
});

test('a stream that is lost behind a write says so', async () => {
  const server = await goodPartner(async (peer) => {
    await peer.hear('</message>');
    peer.socket.destroy();
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.deepEqual(await one.settled, { code: 'partner-unreachable', note: 'lost-after-write' });
  assert.equal(one.counts.settled, 1);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that answered pings and then falls silent is not believed', async () => {
  let ping: (id: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    ping = resolve;
  });
  const server = await goodPartner(async (peer) => ping(pingIn(await peer.hear('</iq>'))));
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { pong: 150 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  assert.equal(streams.pingAnswered('out.example', 'in.example', await first), true);
  streams.ship(two.shipment);
  assert.deepEqual(await two.settled, { code: 'partner-unreachable', note: 'lost-after-write' });
  assert.match(streams.lastError('out.example')?.text ?? '', /no longer answers/);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that refuses the connection is waited for, then its stanzas are refused once', async () => {
  const server = await listenScripted(async () => {});
  server.close();
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { connect: 250 } });
  const one = shipment('one');
  const impatient = shipment('two', { mayWait: false });
  streams.ship(one.shipment);
  streams.ship(impatient.shipment);
  assert.equal((await impatient.settled)?.code, 'partner-unreachable');
  const start = Date.now();
  assert.equal((await one.settled)?.code, 'partner-unreachable');
  assert.ok(Date.now() - start >= 150, 'it waited');
  assert.match(streams.lastError('out.example')?.text ?? '', /ECONNREFUSED/);
  assert.equal(one.counts.written, 0);
  await streams.stop('system-shutdown');
});

test('what waits is written when the partner comes back, and the next address is tried', async () => {
  const dead = await listenScripted(async () => {});
  dead.close();
  let attempts = 0;
  const server = await listenScripted(async (plain) => {
    attempts += 1;
    if (attempts === 1) plain.socket.destroy();
    else await acceptStream(plain, theirs);
  });
  const both = {
    ...partner('out.example'),
    connect: [dead.port, server.port].map((port) => ({ host: '127.0.0.1', port })),
  };
  const { streams } = dialOut(() => policyOf(both));
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  assert.equal(attempts, 2);
  server.close();
  await streams.stop('system-shutdown');
});

test('nobody is dialled who is not a partner', async () => {
  const { streams } = dialOut(() => policyOf());
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.code, 'partner-not-found');
  await streams.stop('system-shutdown');
});

test('a full queue refuses, and does so only beyond its bound', async () => {
  const server = await listenScripted(async () => {});
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { limits: { queuePackets: 10 } });
  const held = Array.from({ length: 10 }, () => shipment('x'));
  for (const each of held) streams.ship(each.shipment);
  const eleventh = shipment('x');
  streams.ship(eleventh.shipment);
  assert.deepEqual(await eleventh.settled, { code: 'queue-full' });
  assert.ok(held.every(({ counts }) => counts.settled === 0));
  await streams.stop('system-shutdown');
  assert.deepEqual(
    await Promise.all(held.map(({ settled }) => settled)),
    held.map(() => ({ code: 'shutting-down' })),
  );
  server.close();
});
