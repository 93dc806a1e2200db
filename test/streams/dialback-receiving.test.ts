// We are asked to believe a key: its domain's own server is asked, and nobody else (XEP-0220 §2.2.1; xmpp-boundary D1,
// D4 to D6, D8, D10, D11, H16, A8, B8, S3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerTo,
  attribute,
  dialbackHeader,
  dialbackPartner,
  error,
  keyIn,
  message,
  result,
  site,
  stranded,
  valid,
} from './dialback-peers.ts';
import { auth, dial, header, listenScripted, secureClient, startTls } from './scripted-peer.ts';
import { authority, partner, policyOf, serve, theirs, until } from './setting.ts';

test('a key that its own server confirms opens the stream: no restart, no other proof', async (t) => {
  const { home, port, received, listener } = await site(t, (question) => answerTo(question, 'valid'));
  const peer = await stranded(port);
  peer.say(result('the key'));
  await peer.hear(valid);
  peer.say(message());
  await until(() => received.length === 1, 'the message');
  const [question = ''] = home.asked;
  assert.deepEqual(
    [attribute(question, 'from'), attribute(question, 'to'), attribute(question, 'id'), keyIn(question)],
    ['in.example', 'out.example', peer.id, 'the key'],
  );
  assert.equal(home.connections(), 1);
  const [facts] = listener.streams();
  assert.deepEqual([facts?.proof, facts?.certificate, facts?.remoteDomain], ['dialback', undefined, 'out.example']);
  peer.socket.destroy();
});

test('SASL that fails leaves the stream to dialback, twice and no more (A7, A8)', async (t) => {
  const terms = { trust: [authority.certPem], external: 'optional' } as const;
  const { port } = await site(t, (question) => answerTo(question, 'valid'), terms, { issued: theirs });
  const peer = await secureClient(port, theirs);
  peer.say(dialbackHeader);
  await peer.hear('</stream:features>');
  peer.say(auth(Buffer.from('else.example').toString('base64')));
  await peer.hear('<invalid-authzid/></failure>');
  peer.say(result());
  await peer.hear(valid);
  const stubborn = await stranded(port);
  stubborn.say(auth());
  await stubborn.hear('<invalid-mechanism/></failure>');
  stubborn.say(auth());
  assert.match(await stubborn.hear('</stream:stream>'), /<policy-violation /);
  peer.socket.destroy();
});

test('a certificate that covers the domain is enough: nobody is asked (D6)', async (t) => {
  const terms = { trust: [authority.certPem], external: 'never' } as const;
  const { home, port, listener } = await site(t, () => undefined, terms);
  const peer = await stranded(port, theirs);
  peer.say(result());
  await peer.hear(valid);
  assert.equal(home.connections(), 0);
  assert.equal(listener.streams()[0]?.proof, 'certificate');
  peer.socket.destroy();
});

test('invalid closes the stream, and is audited (D10)', async (t) => {
  const { port, audited, received } = await site(t, (question) => answerTo(question, 'invalid'));
  const peer = await stranded(port);
  peer.say(result() + message());
  assert.match(await peer.hear('</stream:stream>'), /<db:result from="in.example" to="out.example" type="invalid"\/>/);
  peer.say('</stream:stream>');
  await peer.closed;
  assert.deepEqual(
    audited.map(({ event, code, from }) => [event, code, from]),
    [['stream-refused', 'dialback-refused', 'out.example']],
  );
  assert.equal(received.length, 0);
});

test('a stanza before the answer is not authorized (S1)', async (t) => {
  const { port, received } = await site(t, () => undefined);
  const peer = await stranded(port);
  peer.say(message());
  assert.match(await peer.hear('</stream:stream>'), /<not-authorized /);
  assert.equal(received.length, 0);
});

test('only the answer to this very question counts, and only where it was asked (D5)', async (t) => {
  const { port, received } = await site(
    t,
    (question) =>
      answerTo(question, 'valid', { id: 'another' }) +
      answerTo(question, 'valid', { from: 'far.example' }) +
      answerTo(question, 'valid', { to: 'other.example' }) +
      '<db:result from="out.example" to="in.example" type="valid"/>' +
      '<db:verify type="valid"/>' +
      answerTo(question, 'invalid'),
  );
  const peer = await stranded(port);
  peer.say(result());
  assert.match(await peer.hear('</stream:stream>'), /type="invalid"/);
  assert.equal(received.length, 0);
});

test('answers on the stream of the asker are attacks: dropped, counted, and the stream ends (D5)', async (t) => {
  const { home, port, received } = await site(t, () => undefined);
  const peer = await stranded(port);
  peer.say(result());
  await until(() => home.asked.length === 1, 'the question');
  for (let i = 0; i < 3; i++) {
    peer.say(`<db:verify from="out.example" to="in.example" id="${peer.id}" type="valid"/>`);
    peer.say('<db:result from="out.example" to="in.example" type="valid"/>');
  }
  peer.say(message());
  home.close();
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation /);
  assert.equal(received.length, 0);
});

test('what cannot be asked has its own error, and the stream stays (D4, D11)', async (t) => {
  const others = [partner('never.example')];
  const { home, port } = await site(t, (question) => answerTo(question, 'valid'), {}, { others });
  const peer = await stranded(port);
  peer.say(result('k', 'out.example', 'else.example'));
  assert.match(await peer.hear('</db:result>'), error('item-not-found', 'out.example', 'else.example'));
  peer.say(result('k', 'in.example'));
  assert.match(await peer.hear('</db:result>'), error('not-acceptable', 'in.example'));
  peer.say(result('k'.repeat(257)));
  assert.match(await peer.hear('</db:result>'), error('not-acceptable'));
  peer.say(result('k', 'never.example'));
  assert.match(await peer.hear('</db:result>'), error('policy-violation', 'never.example'));
  assert.equal(home.connections(), 0);
  peer.say(result());
  await peer.hear(valid);
  peer.socket.destroy();
});

test('a question without addresses, or from no domain, ends the stream', async (t) => {
  const { port } = await site(t, () => undefined);
  for (const [words, condition] of [
    ['<db:result to="in.example">k</db:result>', 'improper-addressing'],
    ['<db:result from="out.example">k</db:result>', 'improper-addressing'],
    ['<db:result from="ann@out.example" to="in.example">k</db:result>', 'invalid-from'],
    ['<db:verify from="out.example" to="in.example">k</db:verify>', 'invalid-xml'],
    ['<db:other/>', 'unsupported-stanza-type'],
  ] as const) {
    const peer = await stranded(port);
    peer.say(words);
    assert.match(await peer.hear('</stream:stream>'), new RegExp(`<${condition} `), words);
  }
});

test('a pair that is proved may say its key again, which nobody is asked about, but not for ever', async (t) => {
  const { home, port } = await site(t, (question) => answerTo(question, 'valid'));
  const peer = await stranded(port);
  for (let i = 0; i < 3; i++) {
    peer.say(result(`k${i}`));
    await peer.hear(valid);
  }
  assert.equal(home.connections(), 1);
  peer.say(result('again').repeat(60));
  assert.match(await peer.hear('</stream:stream>'), /<policy-violation /);
});

test('each way of not reaching the server has its condition (D11)', async (t) => {
  const refusing = async (script: Parameters<typeof listenScripted>[0], times = {}) => {
    const home = await listenScripted(script);
    t.after(() => home.close());
    const { listener } = await serve({ policy: () => policyOf(dialbackPartner(home.port)), times });
    t.after(() => listener.stop('system-shutdown'));
    const peer = await stranded(listener.port);
    peer.say(result());
    const words = await peer.hear('</db:result>');
    peer.socket.destroy();
    return words;
  };
  const closing = async (t2: Parameters<Parameters<typeof listenScripted>[0]>[0]) => void t2.socket.destroy();
  assert.match(await refusing(closing), error('remote-connection-failed'));
  const unknown =
    '<stream:error><host-unknown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>';
  const ours = header('from="out.example" to="in.example" id="x" version="1.0"');
  const notOurs = await refusing(async (peer) => peer.say(ours + unknown));
  assert.match(notOurs, error('remote-server-not-found'));
  assert.match(await refusing(async () => {}, { dialback: 200 }), error('remote-server-timeout'));
  const homes: readonly [string, string][] = [
    ['</stream:stream>', 'remote-server-timeout'],
    [
      '<db:verify from="out.example" to="in.example" id="ID" type="error"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></db:verify>',
      'remote-server-not-found',
    ],
  ];
  for (const [words, condition] of homes) {
    const { port } = await site(t, (question) => words.replace('ID', attribute(question, 'id')));
    const peer = await stranded(port);
    peer.say(result());
    assert.match(await peer.hear('</db:result>'), error(condition));
    peer.socket.destroy();
  }
});

test('a server that is never reached ends the stream after five keys', async (t) => {
  const { home, port } = await site(t, () => undefined);
  home.close();
  const peer = await stranded(port);
  for (let i = 0; i < 5; i++) peer.say(result(`k${i}`));
  const words = await peer.hear('</stream:stream>');
  assert.equal(words.match(/<db:result /g)?.length, 5);
  assert.match(words, /<stream:error><remote-connection-failed /);
});

test('dialback in plain text is against our policy, asked or answered (D1, D8)', async (t) => {
  const { home, port } = await site(t, (question) => answerTo(question, 'valid'));
  for (const words of [result(), '<db:verify from="out.example" to="in.example" id="1">k</db:verify>']) {
    const peer = await dial(port);
    peer.say(dialbackHeader);
    const features = await peer.hear('</stream:features>');
    assert.ok(!features.includes('urn:xmpp:features:dialback'), 'it is not offered before TLS');
    assert.ok(features.includes(startTls.slice(0, -2)));
    peer.say(words);
    assert.match(await peer.hear('</stream:stream>'), /<policy-violation /);
  }
  assert.equal(home.connections(), 0);
});
