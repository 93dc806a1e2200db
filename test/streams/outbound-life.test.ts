// The life of our streams to partners: errors, silence, back-pressure, renewal, shutdown (xmpp-boundary L1 to L4, T12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial, type Peer, pingIn } from './scripted-peer.ts';
import {
  credentialsOf,
  dialOut,
  goodPartner,
  ours,
  partner,
  policyOf,
  serve,
  shipment,
  theirs,
  until,
} from './setting.ts';

test('a stream error while stanzas wait: what was written is told as lost, what waits goes on the next stream', async () => {
  const connections: Peer[] = [];
  const server = await goodPartner(async (peer, connection) => {
    connections.push(peer);
    if (connection > 1) return;
    await peer.hear('one');
    peer.say(
      '<stream:error><system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>',
    );
    await peer.hear('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  await one.settled.then((refusal) => assert.equal(refusal?.note, 'lost-after-write'));
  assert.match(streams.lastError('out.example')?.text ?? '', /system-shutdown/);
  streams.ship(two.shipment);
  await two.written;
  assert.equal(connections.length, 2);
  assert.match(await connections[1]!.hear('</message>'), /two/);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that sends stanzas on our stream is stopped', async () => {
  let answered = '';
  const server = await goodPartner(async (peer) => {
    peer.say('<message from="ann@out.example" to="bob@in.example"><body>x</body></message>');
    answered = await peer.hear('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)));
  streams.ship(shipment('one').shipment);
  await until(() => answered !== '', 'the end');
  assert.match(answered, /<unsupported-stanza-type/);
  server.close();
  await streams.stop('system-shutdown');
});

test('our streams get spaces, and are closed in order when there is nothing to say', async () => {
  let words = '';
  const server = await goodPartner(async (peer) => {
    await peer.hear('</iq>');
    words = await peer.hear('</stream:stream>');
    peer.say('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    times: { keepalive: 50, idle: 450, lived: 50 },
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await until(() => words !== '', 'the closing tag');
  assert.match(words, /^ {2,}<\/stream:stream>$/);
  assert.equal(streams.streams().length, 0);
  server.close();
  await streams.stop('system-shutdown');
});

test('a partner that does not read is held back, and the queue stays bounded', async () => {
  const server = await goodPartner(async (peer) => {
    peer.socket.pause();
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    limits: { queuePackets: 100 },
    times: { lived: 60_000, connect: 60_000 },
  });
  const first = shipment('first');
  streams.ship(first.shipment);
  await first.written;
  const all: ReturnType<typeof shipment>[] = [];
  let full = false;
  for (let i = 0; i < 3_000 && !full; i += 1) {
    const one = shipment('x'.repeat(20_000));
    all.push(one);
    streams.ship(one.shipment);
    one.settled.then((refusal) => {
      full ||= refusal?.code === 'queue-full';
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(full, 'the queue was full at some time');
  assert.equal(streams.waiting('out.example'), 100);
  server.close();
  await streams.stop('system-shutdown');
  await Promise.all(all.map(({ settled }) => settled));
  assert.ok(all.every(({ counts }) => counts.settled === 1));
});

test('at shutdown what was written is confirmed first, and the partner is told', async () => {
  let words = '';
  let ping: (id: string) => void = () => {};
  const asked = new Promise<string>((resolve) => {
    ping = resolve;
  });
  const server = await goodPartner(async (peer) => {
    ping(pingIn(await peer.hear('</iq>')));
    words = await peer.hear('</stream:stream>');
    peer.say('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 60_000 } });
  const one = shipment('one');
  streams.ship(one.shipment);
  const id = await asked;
  const stopped = streams.stop('system-shutdown');
  streams.pingAnswered('out.example', 'in.example', id);
  assert.equal(await one.settled, undefined);
  await stopped;
  assert.match(words, /<system-shutdown/);
  const late = shipment('late');
  streams.ship(late.shipment);
  assert.equal((await late.settled)?.code, 'shutting-down');
  server.close();
});

test('shutdown does not wait for ever for a partner that never closes', async () => {
  const server = await goodPartner(async () => {});
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { close: 50 } });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  const start = Date.now();
  await streams.stop('system-shutdown');
  assert.ok(Date.now() - start < 1_000);
  server.close();
});

test('a stanza that is larger than the partner takes is refused at once', async () => {
  const server = await goodPartner(async () => {});
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
    limits: { stanzaBytes: 10_000 },
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)));
  const [small, large] = [shipment('small'), shipment('x'.repeat(10_000))];
  streams.ship(small.shipment);
  await small.written;
  streams.ship(large.shipment);
  assert.equal((await large.settled)?.code, 'too-large');
  assert.equal(inside.listener.streams().length, 1);
  server.close();
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});

test('our renewed certificate takes a new stream, and nothing is lost with the old one', async () => {
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
  });
  let credentials = credentialsOf(ours)();
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)), {
    credentials: () => credentials,
    times: { idle: 100_000, lived: 400 },
  });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  await one.written;
  const old = streams.streams()[0]?.id;
  assert.notEqual(old, undefined);
  credentials = { ...credentials, generation: 2 };
  const random = Math.random;
  Math.random = () => 0;
  await until(() => streams.streams().length === 0, 'the old stream is retired');
  Math.random = random;
  streams.ship(two.shipment);
  await two.written;
  assert.equal(await one.settled, undefined);
  assert.notEqual(streams.streams()[0]?.id, old);
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});

test('a partner that lets us in and leaves at once is not dialled in a circle', async () => {
  const server = await goodPartner(async (peer) => {
    peer.say('</stream:stream>');
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), { times: { lived: 5_000 } });
  const end = Date.now() + 500;
  while (Date.now() < end) {
    const one = shipment('again');
    streams.ship(one.shipment);
    await Promise.race([one.settled, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  assert.ok(server.connections() >= 2 && server.connections() <= 6, `${server.connections()} connections in 500 ms`);
  server.close();
  await streams.stop('system-shutdown');
});

test('two of our own ends talk to each other', async () => {
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)));
  const all = Array.from({ length: 200 }, (_, i) => shipment(`number ${i}`));
  for (const each of all) streams.ship(each.shipment);
  await until(() => inside.received.filter(({ element }) => element.name === 'message').length === 200, 'all of them');
  const bodies = inside.received.flatMap(({ element }) =>
    element.name === 'message' ? [element.children[0]?.text] : [],
  );
  assert.deepEqual(
    bodies,
    all.map((_, i) => `number ${i}`),
  );
  assert.equal(
    inside.received.some(({ element }) => element.name === 'iq'),
    false,
    'stream management settles them, no ping',
  );
  assert.deepEqual(
    await Promise.all(all.map(({ settled }) => settled)),
    all.map(() => undefined),
  );
  streams.dropPartner('out.example', 'reset');
  await until(() => inside.listener.streams().length === 0, 'the stream is gone');
  const probe = await dial(inside.listener.port);
  probe.socket.destroy();
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});
