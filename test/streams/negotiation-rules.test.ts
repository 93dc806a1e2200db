// What is offered to a partner that dials us, and what is not taken from it (xmpp-boundary H16, H20, A5, A7, P13, T3, T5,
// T10, T11, L1, L4, L11, §1.12).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import {
  auth,
  authenticatedClient,
  connectedClient,
  dial,
  header,
  peerOn,
  secureClient,
  startTls,
} from './scripted-peer.ts';
import { partner, policyOf, serve, stranger, theirs, until } from './setting.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A door that is closed when the test is over, however it ends. */
async function serveUntilEnd(t: TestContext, options?: Parameters<typeof serve>[0]) {
  const server = await serve(options);
  t.after(() => server.listener.stop('system-shutdown'));
  return server;
}

async function directClient(port: number, options: object = {}) {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    cert: theirs.certPem,
    key: theirs.keyPem,
    ...options,
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return peerOn(socket);
}

test('after TLS the one mechanism is EXTERNAL; no dialback, no bidi, no compression, ever', async (t) => {
  const { listener } = await serveUntilEnd(t);
  const peer = await secureClient(listener.port, theirs);
  peer.say(header());
  const before = await peer.hear('</stream:features>');
  assert.deepEqual(before.match(/<mechanism>[^<]*</g), ['<mechanism>EXTERNAL<']);
  assert.match(before, /<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>65536</);
  peer.say(auth());
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(header());
  const behind = await peer.hear('</stream:features>');
  assert.match(behind, /<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>65536</);
  for (const words of [before, behind]) assert.doesNotMatch(words, /features:dialback|bidi|compress|starttls/);
  peer.say('<compress xmlns="http://jabber.org/protocol/compress"><method>zlib</method></compress>');
  assert.match(await peer.hear('</stream:stream>'), /<unsupported-stanza-type /);
});

test('dialback is not taken: not in plain text, not inside TLS, not on a proved stream', async (t) => {
  const { listener, received } = await serveUntilEnd(t);
  const key = '<db:result xmlns:db="jabber:server:dialback" from="out.example" to="in.example">00</db:result>';
  const answer =
    '<db:verify xmlns:db="jabber:server:dialback" from="out.example" to="in.example" id="1" type="valid"/>';
  for (const words of [key, answer]) {
    const plain = await dial(listener.port);
    plain.say(header());
    await plain.hear('</stream:features>');
    plain.say(words);
    assert.match(await plain.hear('</stream:stream>'), /<policy-violation /);
    const secure = await secureClient(listener.port, theirs);
    secure.say(header());
    await secure.hear('</stream:features>');
    secure.say(words);
    assert.match(await secure.hear('</stream:stream>'), /<unsupported-stanza-type /);
    const proved = await connectedClient(listener.port, theirs);
    proved.say(words);
    assert.match(await proved.hear('</stream:stream>'), /<unsupported-stanza-type /);
  }
  assert.equal(received.length, 0);
});

test('features from an initiator are no stanza', async (t) => {
  const { listener } = await serveUntilEnd(t);
  const peer = await connectedClient(listener.port, theirs);
  peer.say('<stream:features/>');
  assert.match(await peer.hear('</stream:stream>'), /<unsupported-stanza-type /);
});

test('the certificate must hold at the moment of SASL, not only at the handshake', async (t) => {
  let policy = policyOf(partner('out.example'));
  const { listener } = await serveUntilEnd(t, { policy: () => policy });
  const peer = await secureClient(listener.port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  policy = { ...policyOf(partner('out.example', 1, [stranger.certPem])), revision: 'r2' };
  peer.say(auth());
  const words = await peer.hear('</stream:stream>');
  assert.match(words, /<not-authorized /);
  assert.doesNotMatch(words, /<success/);
});

test('a failed authentication costs its address a second attempt', async (t) => {
  const { listener } = await serveUntilEnd(t, { limits: { attemptsPerAddress: 3 } });
  const wrong = await secureClient(listener.port, theirs);
  wrong.say(header());
  await wrong.hear('</stream:features>');
  wrong.say(auth(Buffer.from('other.example').toString('base64')));
  await wrong.hear('<invalid-authzid/></failure></stream:stream>');
  wrong.say('</stream:stream>');
  await wrong.closed;
  await pause(30);
  const third = await dial(listener.port);
  third.say(header());
  await third.hear('</stream:features>');
  const fourth = await dial(listener.port);
  await fourth.closed;
  assert.equal(fourth.heard(), '');
});

test('a handshake that fails ends without a word', async (t) => {
  const { listener } = await serveUntilEnd(t);
  const peer = await dial(listener.port);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(startTls);
  await peer.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  peer.say(`${header()}<message/>`);
  await peer.closed;
  assert.doesNotMatch(peer.heard(), /stream/);
});

test('TLS 1.2 without forward secrecy or authenticated encryption is refused', async (t) => {
  const { listener } = await serveUntilEnd(t);
  for (const ciphers of [
    'AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-SHA256',
    'ECDHE-RSA-AES256-SHA',
    'DHE-RSA-AES128-GCM-SHA256',
  ]) {
    await assert.rejects(directClient(listener.directTlsPort!, { maxVersion: 'TLSv1.2', ciphers }), ciphers);
  }
  const good = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' };
  (await directClient(listener.directTlsPort!, good)).socket.destroy();
});

test('STARTTLS on a connection of direct TLS fails', async (t) => {
  const { listener } = await serveUntilEnd(t);
  const peer = await directClient(listener.directTlsPort!);
  peer.say(header());
  assert.doesNotMatch(await peer.hear('</stream:features>'), /starttls/);
  peer.say(startTls);
  await peer.hear('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>');
});

test('a server name in TLS that is missing or another one changes nothing', async (t) => {
  const { listener } = await serveUntilEnd(t);
  for (const servername of ['', 'else.example']) {
    const peer = await directClient(listener.directTlsPort!, { servername });
    peer.say(header());
    await peer.hear('EXTERNAL');
    peer.socket.destroy();
  }
});

test('only what an operator must mend is said in words; all else is the bare condition', async (t) => {
  const { listener } = await serveUntilEnd(t);
  const stranded = await dial(listener.port);
  stranded.say(header('from="evil.example" to="in.example" version="1.0"'));
  assert.match(await stranded.hear('</stream:stream>'), /<policy-violation xmlns="[^"]*"\/><\/stream:error>/);
  const broken = await connectedClient(listener.port, theirs);
  broken.say('<message><!-- secret --></message>');
  assert.match(await broken.hear('</stream:stream>'), /<restricted-xml xmlns="[^"]*"\/><\/stream:error>/);
});

test('a fault of our own ends the stream as such, and says nothing of why', async (t) => {
  const { listener } = await serveUntilEnd(t, {
    receive: () => {
      throw new Error('secret');
    },
  });
  const peer = await connectedClient(listener.port, theirs);
  peer.say('<message from="ann@out.example" to="bob@in.example"/>');
  assert.match(await peer.hear('</stream:stream>'), /<internal-server-error xmlns="[^"]*"\/><\/stream:error>/);
});

test('no space is sent while a stream is negotiated', async (t) => {
  const { listener } = await serveUntilEnd(t, { times: { keepalive: 20 } });
  const plain = await dial(listener.port);
  plain.say(header());
  await plain.hear('</stream:features>');
  const secure = await secureClient(listener.port, theirs);
  secure.say(header());
  await secure.hear('</stream:features>');
  const proved = await authenticatedClient(listener.port, theirs);
  await pause(150);
  assert.deepEqual([plain.heard(), secure.heard(), proved.heard()], ['', '', '']);
  for (const peer of [plain, secure, proved]) peer.socket.destroy();
});

test('nothing follows our closing tag, and the transport is closed by us when the peer does not', async (t) => {
  const { listener, received } = await serveUntilEnd(t, { times: { keepalive: 20, close: 200 } });
  const peer = await connectedClient(listener.port, theirs);
  listener.dropPartner('out.example', 'reset');
  await peer.hear('</stream:stream>');
  peer.say('<message from="ann@out.example" to="bob@in.example"/>');
  await until(() => received.length === 1, 'what was said before our tag was seen');
  assert.equal(peer.isClosed(), false);
  await peer.closed;
  assert.equal(peer.heard(), '');
});
