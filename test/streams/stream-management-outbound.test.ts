// Stream management on our streams to partners: acknowledgements settle what was written; and L5, the ping of a silent
// partner (XEP-0198, XEP-0199; xmpp-boundary B4, B5, B7, L5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptStream, listenScripted, type Peer } from './scripted-peer.ts';
import {
  credentialsOf,
  dialOut,
  partner,
  policyOf,
  type ServerOptions,
  serve,
  shipment,
  theirs,
  until,
} from './setting.ts';

const ns = 'urn:xmpp:sm:3';
const enable = `<enable xmlns="${ns}"/>`;
const enabled = `<enabled xmlns="${ns}"/>`;
const request = `<r xmlns="${ns}"/>`;
const answer = (h: number | string) => `<a xmlns="${ns}" h="${h}"/>`;
const feature = `<sm xmlns="urn:xmpp:sm:2"><optional/></sm><sm xmlns="${ns}"><optional/></sm>`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A partner that offers stream management; `script` has each connection after its features. */
async function partnerThat(
  script: (peer: Peer, connection: number) => Promise<void>,
  options: ServerOptions & { features?: string } = {},
) {
  const server = await listenScripted(async (plain, connection) =>
    script(await acceptStream(plain, theirs, options.features ?? feature), connection),
  );
  const { streams } = dialOut(() => policyOf(partner('out.example', server.port)), {
    ...options,
    times: { lived: 60_000, ...options.times },
  });
  const stop = async () => {
    server.close();
    await streams.stop('system-shutdown');
    assert.deepEqual(server.faults, []);
  };
  return { server, streams, stop };
}

test('it is enabled before the first stanza, and an acknowledgement settles what it counts', async () => {
  let peer: Peer | undefined;
  const { streams, stop } = await partnerThat(async (each) => {
    const words = await each.hear('two</body></message>');
    assert.ok(words.startsWith(enable), words);
    each.say(enabled);
    await each.hear(request);
    peer = each;
  });
  const [one, two, three] = [shipment('one'), shipment('two'), shipment('three')];
  streams.ship(one.shipment);
  streams.ship(two.shipment);
  await until(() => peer !== undefined, 'the request');
  peer?.say(answer(1));
  assert.equal(await one.settled, undefined);
  assert.equal(two.counts.settled, 0);
  streams.ship(three.shipment);
  assert.match((await peer?.hear(request)) ?? '', /three/, 'a request stands behind what is written');
  peer?.say(answer(3));
  assert.equal(await two.settled, undefined);
  assert.equal(await three.settled, undefined);
  assert.deepEqual(three.counts, { written: 1, settled: 1 });
  await pause(250);
  assert.equal(peer?.heard(), '', 'no ping, and nothing to ask for');
  await stop();
});

test('there is one request at a time, and not another one at once where the answer settles nothing', async () => {
  let words = '';
  const { streams, stop } = await partnerThat(async (peer) => {
    peer.say(enabled);
    await peer.hear(request);
    await pause(250);
    words = peer.heard();
    peer.say(answer(0));
    await peer.hear(request);
    const start = Date.now();
    peer.say(answer(0));
    await peer.hear(request);
    assert.ok(Date.now() - start >= 80, 'it is not asked in a circle');
    peer.say(answer(2));
  });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  await one.written;
  streams.ship(two.shipment);
  assert.equal(await two.settled, undefined);
  assert.doesNotMatch(words, /<r /);
  await stop();
});

test('a partner that has acknowledged nothing is not believed for living on', async () => {
  const { streams, stop } = await partnerThat(
    async (peer) => {
      peer.say(enabled);
    },
    { times: { lived: 50 } },
  );
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  await pause(300);
  assert.equal(one.counts.settled, 0);
  await stop();
  assert.equal((await one.settled)?.note, 'lost-after-write');
});

test('a stream that ends: what was acknowledged is delivered, the rest is told as lost behind its write', async () => {
  const { streams, stop } = await partnerThat(async (peer, connection) => {
    if (connection > 1) return;
    peer.say(enabled);
    await peer.hear('two</body></message>');
    peer.say(`${answer(1)}</stream:stream>`);
  });
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  streams.ship(two.shipment);
  assert.equal(await one.settled, undefined);
  assert.deepEqual(await two.settled, { code: 'partner-unreachable', note: 'lost-after-write' });
  await stop();
});

test('a request without an answer ends the stream with connection-timeout', async () => {
  let words = '';
  const { streams, stop } = await partnerThat(
    async (peer, connection) => {
      if (connection > 1) return;
      peer.say(enabled);
      await peer.hear(request);
      words = await peer.hear('</stream:stream>');
    },
    { times: { pong: 100 } },
  );
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.note, 'lost-after-write');
  await until(() => words !== '', 'the end');
  assert.match(words, /<connection-timeout/);
  await stop();
});

test('the partner may ask too, and hears that we have handled nothing', async () => {
  let words = '';
  const { streams, stop } = await partnerThat(async (peer) => {
    await peer.hear(enable);
    peer.say(`${enabled}${request}`);
    await peer.hear('one</body></message>');
    words = await peer.hear(answer(0));
    peer.say(answer(1));
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await until(() => words !== '', 'the answer');
  await stop();
});

test('a count that is too high or no count ends the stream', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    [answer(2), /<undefined-condition [^>]*\/><handled-count-too-high xmlns="urn:xmpp:sm:3" h="2" send-count="1"\/>/],
    [answer(-1), /<invalid-xml/],
    [`<a xmlns="${ns}"/>`, /<invalid-xml/],
    [enabled, /<unsupported-stanza-type/],
    [`<resumed xmlns="${ns}" h="0" previd="x"/>`, /<unsupported-stanza-type/],
  ];
  for (const [say, expected] of wrong) {
    let words = '';
    const { streams, stop } = await partnerThat(async (peer, connection) => {
      if (connection > 1) return;
      peer.say(enabled);
      await peer.hear('</message>');
      peer.say(say);
      words = await peer.hear('</stream:stream>');
    });
    const one = shipment('one');
    streams.ship(one.shipment);
    assert.equal((await one.settled)?.note, 'lost-after-write', say);
    await until(() => words !== '', 'the end');
    assert.match(words, expected);
    await stop();
  }
});

test('a partner that offers it and then does not want it is pinged', async () => {
  const { streams, stop } = await partnerThat(async (peer) => {
    await peer.hear(enable);
    peer.say(`<failed xmlns="${ns}"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>`);
    const id = / id="([^"]+)"[^>]*><ping /.exec(await peer.hear('</iq>'))?.[1] ?? '';
    assert.equal(streams.pingAnswered('out.example', 'in.example', id), true);
  });
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal(await one.settled, undefined);
  await stop();
});

test('version 2 alone is not taken up, and what is not offered may not be spoken', async () => {
  let words = '';
  let end = '';
  const { streams, stop } = await partnerThat(
    async (peer, connection) => {
      if (connection > 1) return;
      words = await peer.hear('</message>');
      peer.say(request);
      end = await peer.hear('<unsupported-stanza-type');
    },
    { features: '<sm xmlns="urn:xmpp:sm:2"/>' },
  );
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.note, 'lost-after-write');
  await until(() => end !== '', 'the end');
  assert.doesNotMatch(words, /enable/);
  await stop();
});

test('two of our own ends acknowledge each other, and only what is kept', async () => {
  const keep: (() => void)[] = [];
  const inside = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
    receive: (_element, _bytes, _stream, handled) => {
      keep.push(handled);
    },
    times: { acknowledge: 20 },
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', inside.listener.port)));
  const all = Array.from({ length: 200 }, (_, i) => shipment(`number ${i}`));
  for (const each of all) streams.ship(each.shipment);
  await until(() => keep.length === 200, 'all of them');
  for (const each of keep.slice(0, 120)) each();
  await until(() => all.filter(({ counts }) => counts.settled === 1).length === 120, 'what is kept');
  await pause(400);
  assert.equal(all.filter(({ counts }) => counts.settled === 1).length, 120, 'living on delivers nothing');
  for (const each of keep) each();
  const settled = await Promise.all(all.map((each) => each.settled));
  assert.ok(settled.every((refusal) => refusal === undefined));
  await Promise.all([inside.listener.stop('system-shutdown'), streams.stop('system-shutdown')]);
});
