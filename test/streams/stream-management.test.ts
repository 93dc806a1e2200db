// Stream management on a partner's stream: what is offered, what is counted, and when it is said (XEP-0198; B4 to B6, L2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  auth,
  authenticatedClient,
  connectedClient,
  dial,
  header,
  type Peer,
  secureClient,
  startTls,
} from './scripted-peer.ts';
import { type ServerOptions, serve, theirs, until } from './setting.ts';

const ns = 'urn:xmpp:sm:3';
const enable = `<enable xmlns="${ns}"/>`;
const enabled = `<enabled xmlns="${ns}"/>`;
const request = `<r xmlns="${ns}"/>`;
const answer = (h: number) => `<a xmlns="${ns}" h="${h}"/>`;
const message = (body = 'x') =>
  `<message from="ann@out.example" to="bob@in.example" id="m" type="chat"><body>${body}</body></message>`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that keeps nothing until the test says so, and a peer that has stream management on. */
async function managed(options: ServerOptions = {}) {
  const keep: (() => void)[] = [];
  const { listener, received } = await serve({
    receive: (_element, _bytes, _stream, handled) => {
      keep.push(handled);
    },
    ...options,
    times: { acknowledge: 60_000, ...options.times },
  });
  const peer = await connectedClient(listener.port, theirs);
  peer.say(enable);
  assert.equal(await peer.hear(enabled), enabled, 'without id and resume');
  return { listener, received, keep, peer };
}

async function count(peer: Peer): Promise<string> {
  peer.say(request);
  return peer.hear('/>');
}

test('it is offered after authentication only, in version 3 only', async () => {
  const { listener } = await serve();
  const plain = await dial(listener.port);
  plain.say(header());
  assert.doesNotMatch(await plain.hear('</stream:features>'), /urn:xmpp:sm/);
  plain.say(startTls);
  const secure = await secureClient(listener.port, theirs);
  secure.say(header());
  assert.doesNotMatch(await secure.hear('</stream:features>'), /urn:xmpp:sm/);
  secure.say(auth());
  await secure.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  secure.say(header());
  const features = await secure.hear('</stream:features>');
  assert.match(features, /<sm xmlns="urn:xmpp:sm:3"\/>/);
  assert.doesNotMatch(features, /urn:xmpp:sm:2/);
  await listener.stop('system-shutdown');
});

test('a stream cannot be resumed, and can be managed after it has tried', async () => {
  const { listener } = await serve();
  const peer = await connectedClient(listener.port, theirs);
  peer.say(`<resume xmlns="${ns}" h="3" previd="x"/>`);
  assert.equal(
    await peer.hear('</failed>'),
    `<failed xmlns="${ns}"><feature-not-implemented xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>`,
  );
  peer.say(`<enable xmlns="${ns}" resume="true" max="600"/>`);
  assert.equal(await peer.hear('/>'), enabled);
  peer.say(`<resume xmlns="${ns}" h="3" previd="x"/>`);
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation/);
  await listener.stop('system-shutdown');
});

test('it is enabled once; a second time ends the stream', async () => {
  const { listener, peer } = await managed();
  peer.say(enable);
  assert.match(await peer.hear('</stream:stream>'), /^<stream:error><policy-violation /);
  await listener.stop('system-shutdown');
});

test('what belongs to it ends the stream while it is off, and urn:xmpp:sm:2 always does', async () => {
  const { listener } = await serve();
  for (const words of [request, answer(0), enabled, '<enable xmlns="urn:xmpp:sm:2"/>']) {
    const peer = await connectedClient(listener.port, theirs);
    peer.say(words);
    assert.match(await peer.hear('</stream:stream>'), /<unsupported-stanza-type/, words);
  }
  await listener.stop('system-shutdown');
});

test('messages, presence and queries are counted from when it was enabled, and nothing else is', async () => {
  const { listener, received } = await serve();
  const peer = await connectedClient(listener.port, theirs);
  peer.say(message('before') + enable);
  await peer.hear(enabled);
  assert.equal(await count(peer), answer(0));
  peer.say(`${message()}<presence from="ann@out.example" to="bob@in.example"/>  ${request}`);
  assert.equal(await peer.hear('/>'), answer(2));
  peer.say('<iq from="out.example" to="in.example" id="q" type="get"><ping xmlns="urn:xmpp:ping"/></iq>');
  assert.equal(await count(peer), answer(3));
  assert.equal(received.length, 4);
  await listener.stop('system-shutdown');
});

test('a request is answered at once, also when the stanzas before it came in the same breath as the header', async () => {
  const { listener } = await serve();
  const peer = await authenticatedClient(listener.port, theirs);
  peer.say(header() + enable + message() + request);
  assert.match(await peer.hear(answer(1)), new RegExp(`</stream:features>${enabled}`));
  await listener.stop('system-shutdown');
});

test('only what is kept is acknowledged, and only up to the first that is not', async () => {
  const { listener, keep, peer } = await managed();
  peer.say(message('one') + message('two') + message('three'));
  assert.equal(await count(peer), answer(0));
  keep[1]?.();
  assert.equal(await count(peer), answer(0), 'the second is kept, the first is not');
  keep[0]?.();
  keep[0]?.();
  assert.equal(await count(peer), answer(2));
  keep[2]?.();
  assert.equal(await count(peer), answer(3));
  await listener.stop('system-shutdown');
});

test('what was kept is said unasked after a moment, once', async () => {
  const { listener, keep, peer } = await managed({ times: { acknowledge: 100 } });
  peer.say(message() + message());
  await until(() => keep.length === 2, 'both stanzas');
  const start = Date.now();
  for (const each of keep) each();
  assert.equal(await peer.hear('/>'), answer(2));
  assert.ok(Date.now() - start < 1_000);
  await pause(250);
  assert.equal(peer.heard(), '');
  await listener.stop('system-shutdown');
});

test('a request that was answered with less is answered again when all that it asked for is kept', async () => {
  const { listener, keep, peer } = await managed();
  peer.say(message() + message());
  assert.equal(await count(peer), answer(0));
  keep[0]?.();
  await pause(60);
  assert.equal(peer.heard(), '');
  keep[1]?.();
  assert.equal(await peer.hear('/>'), answer(2));
  peer.say(message());
  await until(() => keep.length === 3, 'one more');
  keep[2]?.();
  await pause(60);
  assert.equal(peer.heard(), '', 'nobody asked for that one');
  await listener.stop('system-shutdown');
});

test('every fiftieth stanza is said without waiting', async () => {
  const { listener, keep, peer } = await managed();
  peer.say(message().repeat(120));
  await until(() => keep.length === 120, 'all stanzas');
  for (const each of keep) each();
  await peer.hear(answer(100));
  await pause(60);
  assert.equal(peer.heard(), '');
  assert.equal(await count(peer), answer(120));
  await listener.stop('system-shutdown');
});

test('while we do not read, the count is said again and again, for a request may be among what is unread', async () => {
  const { listener, peer } = await managed({
    receive: () => new Promise(() => {}),
    times: { acknowledgeAgain: 60, close: 50, confirm: 50 },
  });
  peer.say(message() + request);
  await peer.hear(answer(0));
  await peer.hear(answer(0));
  await listener.stop('system-shutdown');
});

test('a peer that closes hears first what was kept, also of what is kept only now', async () => {
  const { listener, keep, peer } = await managed();
  peer.say(`${message() + message()}</stream:stream>`);
  await until(() => keep.length === 2, 'both stanzas');
  keep[0]?.();
  await pause(50);
  assert.equal(peer.heard(), '', 'the last words wait for the second');
  keep[1]?.();
  assert.equal(await peer.hear('</stream:stream>'), `${answer(2)}</stream:stream>`);
  await listener.stop('system-shutdown');
});

test('a stanza that nobody keeps does not hold the end up for long, and is not acknowledged', async () => {
  const { listener, keep, peer } = await managed({ times: { confirm: 100 } });
  peer.say(`${message() + message()}</stream:stream>`);
  await until(() => keep.length === 2, 'both stanzas');
  keep[0]?.();
  assert.equal(await peer.hear('</stream:stream>'), `${answer(1)}</stream:stream>`);
  await listener.stop('system-shutdown');
});

test('at shutdown the count goes before the error, and what comes behind them stays with the partner', async () => {
  const { listener, received, keep, peer } = await managed();
  peer.say(message());
  await until(() => keep.length === 1, 'the stanza');
  const stopped = listener.stop('system-shutdown');
  await pause(50);
  assert.equal(peer.heard(), '');
  keep[0]?.();
  const words = await peer.hear('</stream:stream>');
  assert.ok(words.startsWith(`${answer(1)}<stream:error><system-shutdown `), words);
  peer.say(`${message('late')}</stream:stream>`);
  await stopped;
  assert.equal(received.length, 1, 'it can be acknowledged no more, so it is not taken');
});

test('whoever breaks a rule hears the count as well, and at once', async () => {
  const { listener, keep, peer } = await managed();
  peer.say(message() + message());
  await until(() => keep.length === 2, 'both stanzas');
  keep[0]?.();
  peer.say('<unheard-of/>');
  assert.ok((await peer.hear('</stream:stream>')).startsWith(`${answer(1)}<stream:error><unsupported-stanza-type `));
  await listener.stop('system-shutdown');
});

test('a peer that has handled more than we sent is told so', async () => {
  const { listener, peer } = await managed();
  peer.say(answer(0) + answer(1));
  assert.equal(
    await peer.hear('</stream:stream>'),
    '<stream:error><undefined-condition xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>' +
      `<handled-count-too-high xmlns="${ns}" h="1" send-count="0"/></stream:error></stream:stream>`,
  );
  await listener.stop('system-shutdown');
});

test('an answer without a usable count is invalid', async () => {
  for (const h of ['', ' h=""', ' h="-1"', ' h="1.5"', ' h="one"', ' h="4294967296"', ' h="99999999999"']) {
    const { listener, peer } = await managed();
    peer.say(`<a xmlns="${ns}"${h}/>`);
    assert.match(await peer.hear('</stream:stream>'), /<stream:error><invalid-xml /, h);
    await listener.stop('system-shutdown');
  }
});

test('nobody may ask without end', async () => {
  const { listener, peer } = await managed();
  peer.say(request.repeat(1_000));
  const last = answer(0);
  for (let i = 0; i < 1_000; i += 1) await peer.hear(last);
  peer.say(request.repeat(200));
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation/);
  await listener.stop('system-shutdown');
});
