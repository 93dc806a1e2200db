// One stream for both directions (XEP-0288; xmpp-boundary B1 to B3, H21): who may ask, what it carries, how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../shared/policy/policy.ts';
import { bidi, bidiClient, bidiServer, both, success, whole } from './bidi-ends.ts';
import { auth, header, type Peer, secureClient } from './scripted-peer.ts';
import { credentialsOf, ours, partner, policyOf, shipment, theirs, until } from './setting.ts';

const sm = 'urn:xmpp:sm:3';
const request = `<r xmlns="${sm}"/>`;
const answer = (h: number) => `<a xmlns="${sm}" h="${h}"/>`;
const message = (body: string) =>
  `<message from="ann@out.example" to="bob@in.example" id="m" type="chat"><body>${body}</body></message>`;

test('one connection carries both directions between two of our own, acknowledged both ways', async (t) => {
  let port = 1;
  const near = await whole(t, { policy: () => policyOf(both(port)) });
  const far = await whole(t, {
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf({ ...partner('in.example'), bidi: true }),
  });
  port = far.listener.port;
  const there = shipment('there');
  near.streams.ship(there.shipment);
  await there.written;
  await until(() => far.listener.streams()[0]?.managed === true, 'stream management is on');
  const back = Array.from({ length: 100 }, (_, i) => shipment(`${i}`, { from: 'out.example', to: 'in.example' }));
  for (const each of back) far.streams.ship(each.shipment);
  assert.deepEqual(new Set(await Promise.all(back.map((each) => each.settled))), new Set([undefined]));
  assert.equal(await there.settled, undefined);
  const bodies = near.received.map(({ element }) => element.children[0]?.text);
  assert.deepEqual(
    bodies,
    back.map((_, i) => `${i}`),
    'in their order',
  );
  assert.equal(near.received[0]?.stream.direction, 'outbound');
  assert.equal(near.received[0]?.stream.remoteDomain, 'out.example');
  assert.deepEqual([near.listener.streams().length, far.streams.streams().length], [0, 0], 'nobody dialled back');
  const facts = near.streams.streams()[0];
  assert.deepEqual([facts?.bidi, facts?.managed, facts?.stanzasIn, facts?.stanzasOut], [true, true, 100, 1]);
});

test('without the word in the entry it is neither offered nor asked for, and who asks all the same gets nothing', async (t) => {
  const near = await whole(t, { policy: () => policyOf(partner('out.example')) });
  const peer = await secureClient(near.listener.port, theirs);
  peer.say(header());
  assert.doesNotMatch(await peer.hear('</stream:features>'), /bidi/);
  peer.say(bidi + auth());
  await peer.hear(success);
  peer.say(header());
  await peer.hear('</stream:features>');
  const one = shipment('one', { mayWait: false });
  near.streams.ship(one.shipment);
  assert.equal((await one.settled)?.code, 'partner-unreachable');

  let asked = '';
  const server = await bidiServer(t, async (stream, words) => {
    asked = words;
    stream.say(message('unasked'));
  });
  const other = await whole(t, { policy: () => policyOf(partner('out.example', server.port)) });
  other.streams.ship(shipment('two').shipment);
  await until(() => other.streams.lastError('out.example') !== undefined, 'the stream has ended');
  assert.doesNotMatch(asked, /bidi/);
  assert.match(other.streams.lastError('out.example')?.text ?? '', /the partner sends on a stream that is ours/);
  assert.equal(other.received.length, 0);
});

test('it is offered inside TLS alone, and a request that comes after authentication is ignored', async (t) => {
  const { listener, streams, received } = await whole(t);
  const peer = await secureClient(listener.port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  await peer.hear(success);
  peer.say(header());
  assert.doesNotMatch(await peer.hear('</stream:features>'), /bidi/, 'not after authentication');
  peer.say(bidi + message('goes on'));
  await until(() => received.length === 1, 'the stream goes on');
  const one = shipment('one', { mayWait: false });
  streams.ship(one.shipment);
  assert.equal((await one.settled)?.code, 'partner-unreachable', 'nothing of ours goes there');
  peer.say(bidi.repeat(20));
  assert.match(await peer.hear('</stream:stream>'), /<unsupported-stanza-type/, 'patience has an end');
});

test('we ask for it with our limits, before SASL, and what comes on our stream counts like any other', async (t) => {
  let asked = '';
  let peer: Peer | undefined;
  const server = await bidiServer(
    t,
    async (stream, words) => {
      asked = words;
      await stream.hear(`<enable xmlns="${sm}"/>`);
      stream.say(`${message('not counted')}<enabled xmlns="${sm}"/>${message('counted')}`);
      peer = stream;
    },
    `<sm xmlns="${sm}"/>`,
  );
  const near = await whole(t, { policy: () => policyOf(both(server.port)) });
  near.streams.ship(shipment('one').shipment);
  await until(() => near.received.length === 2, 'both have come');
  assert.match(asked, /<bidi xmlns="urn:xmpp:bidi"><limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>65536</);
  assert.ok(asked.indexOf('<bidi') < asked.indexOf('<auth'));
  await peer?.hear('</message>');
  peer?.say(request);
  assert.match((await peer?.hear(answer(1))) ?? '', /h="1"/, 'from their word on');
  peer?.say(answer(1));
});

test('on their stream what was written before they enabled stream management is not counted, yet confirmed', async (t) => {
  const { listener, streams } = await whole(t);
  const peer = await bidiClient(listener.port);
  const [one, two] = [shipment('one'), shipment('two')];
  streams.ship(one.shipment);
  await peer.hear('</message>');
  peer.say(`<enable xmlns="${sm}"/>`);
  await peer.hear(`<enabled xmlns="${sm}"/>`);
  streams.ship(two.shipment);
  await peer.hear(request);
  peer.say(answer(1));
  assert.deepEqual(await Promise.all([one.settled, two.settled]), [undefined, undefined]);
  peer.say(answer(3));
  assert.match(
    await peer.hear('</stream:stream>'),
    /handled-count-too-high xmlns="urn:xmpp:sm:3" h="3" send-count="1"/,
  );
});

test('their limits hold for what we send on their stream', async (t) => {
  const { listener, streams } = await whole(t);
  const limits = '<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>10000</max-bytes></limits>';
  await bidiClient(listener.port, `<bidi xmlns="urn:xmpp:bidi">${limits}</bidi>`);
  const [large, small] = [shipment('x'.repeat(10_000)), shipment('x')];
  streams.ship(large.shipment);
  streams.ship(small.shipment);
  assert.equal((await large.settled)?.code, 'too-large');
  assert.equal(await small.settled, undefined);
});

test('a stream carries its own pair alone: another partner with bidi gets nothing of it', async (t) => {
  const { listener, streams } = await whole(t, {
    policy: () => policyOf(both(), { ...partner('far.example'), bidi: true }),
  });
  const peer = await bidiClient(listener.port);
  const other = shipment('for far.example', { to: 'far.example', mayWait: false });
  streams.ship(other.shipment);
  assert.equal((await other.settled)?.code, 'partner-unreachable');
  const mine = shipment('for out.example');
  streams.ship(mine.shipment);
  assert.doesNotMatch(await peer.hear('</message>'), /far\.example/);
});

test('while it waits for a stream that ends to be confirmed, nothing overtakes on another one', async (t) => {
  const random = Math.random;
  Math.random = () => 0;
  t.after(() => {
    Math.random = random;
  });
  let credentials = credentialsOf(ours)();
  const { listener, streams } = await whole(t, { credentials: () => credentials, times: { confirm: 2_000 } });
  const first = await bidiClient(listener.port);
  first.say(`<enable xmlns="${sm}"/>`);
  await first.hear('/>');
  const one = shipment('one');
  streams.ship(one.shipment);
  await first.hear(request);
  credentials = { ...credentials, generation: 2 };
  const second = await bidiClient(listener.port);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const two = shipment('two');
  streams.ship(two.shipment);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.doesNotMatch(second.heard(), /two/, 'the first stanza is not confirmed yet');
  first.say(answer(1));
  assert.match(await first.hear('</stream:stream>'), /<reset/);
  assert.match(await second.hear('</message>'), /two/);
  assert.equal(await one.settled, undefined);
});

test('a partner that stops answering on its own stream loses it, and what was unsettled is told as such', async (t) => {
  const { listener, streams } = await whole(t, { times: { pong: 200 } });
  const peer = await bidiClient(listener.port);
  peer.say(`<enable xmlns="${sm}"/>`);
  const one = shipment('one');
  streams.ship(one.shipment);
  assert.match(await peer.hear('</stream:stream>'), /<connection-timeout/);
  assert.equal((await one.settled)?.note, 'lost-after-write');
});

test('while it is we who do not read, no answer of the partner is missed', async (t) => {
  let release = (): void => {};
  const { listener, streams } = await whole(t, {
    times: { pong: 100 },
    receive: (_element, _bytes, _stream, handled) =>
      new Promise<void>((resolve) => {
        release = () => {
          handled();
          resolve();
        };
      }),
  });
  const peer = await bidiClient(listener.port);
  peer.say(`<enable xmlns="${sm}"/>`);
  await peer.hear('/>');
  peer.say(message('waits inside'));
  await until(() => listener.streams()[0]?.stanzasIn === 1, 'it waits inside');
  const one = shipment('one');
  streams.ship(one.shipment);
  await peer.hear(request);
  peer.say(answer(1));
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(peer.isClosed(), false);
  release();
  assert.equal(await one.settled, undefined);
});

test('when the entry says no more, streams that carry both directions end with reset, whoever dialled', async (t) => {
  let there: Peer | undefined;
  const server = await bidiServer(t, async (stream) => {
    there = stream;
  });
  let policy: Policy = policyOf(both(server.port));
  const near = await whole(t, { policy: () => policy });
  near.streams.ship(shipment('one').shipment);
  await until(() => there !== undefined, 'we have dialled');
  const peer = await bidiClient(near.listener.port);
  policy = { ...policyOf(partner('out.example', server.port)), revision: 'r2' };
  assert.match(await peer.hear('</stream:stream>'), /<reset/);
  assert.match((await there?.hear('</stream:stream>')) ?? '', /<reset/);
});

test('a domain that is no partner any more is off at once, on our own stream too, whatever waits inside', async (t) => {
  let there: Peer | undefined;
  const server = await bidiServer(t, async (stream) => {
    there = stream;
    stream.say(message('waits inside'));
  });
  let policy: Policy = policyOf(both(server.port));
  let release = (): void => {};
  const waits = new Promise<void>((resolve) => {
    release = resolve;
  });
  const near = await whole(t, { policy: () => policy, receive: () => waits });
  near.streams.ship(shipment('one').shipment);
  await until(() => near.received.length === 1, 'it waits inside');
  policy = { ...policyOf(), revision: 'r2' };
  near.streams.dropPartner('out.example', 'policy-violation');
  assert.match((await there?.hear('</stream:stream>')) ?? '', /<policy-violation/);
  release();
});
