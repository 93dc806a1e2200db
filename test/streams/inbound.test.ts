// A partner dials us: the whole way, and each trap on it, with real sockets and real TLS (xmpp-boundary §1.2 to §1.5).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Issued, issueCertificate } from '../../deploy/certificates/issue.ts';
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
import { authority, partner, policyOf, serve, stranger, theirs, until } from './setting.ts';

let server: Awaited<ReturnType<typeof serve>>;
let port: number;
before(async () => {
  server = await serve();
  port = server.listener.port;
});
after(() => server.listener.stop('system-shutdown'));

const proved = (): number => server.listener.streams().length;

async function refusedWith(peer: Peer, condition: string): Promise<string> {
  const words = await peer.hear('</stream:stream>');
  assert.match(words, new RegExp(`<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`));
  return words;
}

async function plainRefused(first: string, condition: string): Promise<void> {
  const peer = await dial(port);
  peer.say(first);
  const words = await refusedWith(peer, condition);
  // L3, H9: a header with an id goes before every error.
  assert.match(
    words,
    /^<\?xml version="1.0"\?><stream:stream [^>]*from="in.example"[^>]* id="s[0-9a-f]{40}" version="1.0"/,
  );
  peer.socket.destroy();
}

test('a partner with a good certificate gets its stanzas through', async () => {
  const peer = await connectedClient(port, theirs);
  peer.say('<message from="ann@out.example" to="bob@in.example"><body>Good morning</body></message>');
  await until(() => server.received.length === 1, 'the stanza');
  const { element, stream } = server.received[0]!;
  assert.equal(element.children[0]?.text, 'Good morning');
  assert.equal(stream.remoteDomain, 'out.example');
  assert.equal(stream.localDomain, 'in.example');
  assert.equal(stream.tls, 'TLSv1.3');
  assert.equal(stream.certificate?.matchedName, 'DNS:out.example');
  assert.equal(stream.stanzasIn, 1);
  assert.deepEqual(
    server.listener.streams().map(({ id }) => id),
    [stream.id],
  );
  peer.say('</stream:stream>');
  assert.equal(await peer.hear('</stream:stream>'), '</stream:stream>');
  await peer.closed;
  await until(() => proved() === 0, 'the stream is forgotten');
});

test('stanzas may stand in the same segment as the header after success', async () => {
  const had = server.received.length;
  const peer = await authenticatedClient(port, theirs);
  const stanza = '<message from="ann@out.example" to="bob@in.example"><body>pipelined</body></message>';
  peer.say(header() + stanza + stanza);
  await until(() => server.received.length === had + 2, 'both stanzas');
  assert.match(await peer.hear('</stream:features>'), /<max-bytes>65536<\/max-bytes>/);
  peer.socket.destroy();
});

test('before TLS the only feature is STARTTLS, required', async () => {
  const peer = await dial(port);
  peer.say(header());
  const words = await peer.hear('</stream:features>');
  assert.match(
    words,
    /<stream:features><starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required\/><\/starttls><\/stream:features>$/,
  );
  assert.match(words, /xmlns:db="jabber:server:dialback"/);
  peer.say('</stream:stream>');
  await peer.hear('</stream:stream>');
});

test('bytes behind <starttls/> end the connection without a word', async () => {
  for (const behind of ['<message/>', ' ', '\n']) {
    const peer = await dial(port);
    peer.say(header());
    await peer.hear('</stream:features>');
    peer.say(startTls + behind);
    await peer.closed;
    assert.equal(peer.heard(), '');
  }
});

test('a stanza in plain text is a policy violation', async () => {
  const peer = await dial(port);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say('<message from="ann@out.example" to="bob@in.example"><body>x</body></message>');
  await refusedWith(peer, 'policy-violation');
});

test('SASL in plain text is told that encryption is required', async () => {
  const peer = await dial(port);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  assert.match(await refusedWith(peer, 'policy-violation'), /<encryption-required\/>/);
});

test('a wrong namespace is refused, behind our own header', async () => {
  await plainRefused(header(undefined, 'jabber:client'), 'invalid-namespace');
  await plainRefused('<stream:stream xmlns="jabber:server" xmlns:stream="urn:x" version="1.0">', 'invalid-namespace');
});

test('a version below 1.0, or none, is refused', async () => {
  await plainRefused(header('from="out.example" to="in.example"'), 'unsupported-version');
  await plainRefused(header('from="out.example" to="in.example" version="0.9"'), 'unsupported-version');
});

test('a missing or foreign to is refused', async () => {
  await plainRefused(header('from="out.example" version="1.0"'), 'improper-addressing');
  await plainRefused(header('from="out.example" to="else.example" version="1.0"'), 'host-unknown');
  await plainRefused(header('from="out.example" to="bob@in.example" version="1.0"'), 'improper-addressing');
});

test('a from that is malformed or ours is refused', async () => {
  await plainRefused(header('from="-" to="in.example" version="1.0"'), 'invalid-from');
  await plainRefused(header('from="in.example" to="in.example" version="1.0"'), 'invalid-from');
  await plainRefused(header('from="ann@out.example" to="in.example" version="1.0"'), 'improper-addressing');
});

test('a domain that is not a partner is refused before TLS, and audited', async () => {
  server.audited.length = 0;
  await plainRefused(header('from="evil.example" to="in.example" version="1.0"'), 'policy-violation');
  const entry = server.audited.find(({ code }) => code === 'partner-unknown');
  assert.equal(entry?.event, 'stream-refused');
  assert.equal(entry?.from, 'evil.example');
});

test('broken and restricted XML end with their own conditions', async () => {
  await plainRefused('<!DOCTYPE x>', 'restricted-xml');
  await plainRefused('hello', 'not-well-formed');
});

test('from may be missing before TLS, but not after it', async () => {
  const plain = await dial(port);
  plain.say(header('to="in.example" version="1.0"'));
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('/>');
  const peer = await plain.tlsAsClient({ cert: theirs.certPem, key: theirs.keyPem });
  peer.say(header('to="in.example" version="1.0"'));
  await refusedWith(peer, 'improper-addressing');
});

test('what was said before TLS does not bind, what was said after it does', async () => {
  const peer = await authenticatedClient(port, theirs);
  peer.say(header('from="other.example" to="in.example" version="1.0"'));
  await refusedWith(peer, 'policy-violation');
  const changed = await serve({ policy: () => policyOf(partner('out.example'), partner('second.example')) });
  const again = await authenticatedClient(changed.listener.port, theirs);
  again.say(header('from="second.example" to="in.example" version="1.0"'));
  await refusedWith(again, 'improper-addressing');
  await changed.listener.stop('system-shutdown');
});

async function certificateRefused(issued: Issued, reason: RegExp, chain = ''): Promise<void> {
  server.audited.length = 0;
  const peer = await secureClient(port, issued, chain);
  peer.say(header());
  const words = await refusedWith(peer, 'not-authorized');
  assert.match(
    words,
    /<text [^>]*>Your server's certificate is [^<]+<\/text>|<text [^>]*>Your server&apos;s certificate is [^<]+<\/text>/,
  );
  assert.match(words, reason);
  assert.doesNotMatch(words, /EXTERNAL/);
  assert.equal(server.audited[0]?.code, 'certificate-refused');
}

test('an expired certificate is refused, and the peer is told so', async () => {
  const past = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() - 3_600_000) };
  await certificateRefused(issueCertificate(authority, { dns: ['out.example'], ...past }), /expired/);
});

test('a self-signed certificate is refused, whatever its usage', async () => {
  await certificateRefused(issueCertificate(authority, { dns: ['out.example'], selfSigned: true }), /self-signed/);
  const serverOnly = issueCertificate(authority, { dns: ['out.example'], selfSigned: true, usages: ['serverAuth'] });
  await certificateRefused(serverOnly, /self-signed/);
});

test('a certificate for servers under a foreign root is refused, although Node would only name its purpose', async () => {
  const foreign = issueCertificate(stranger, { dns: ['out.example'], usages: ['serverAuth'] });
  await certificateRefused(foreign, /certificate is/, stranger.certPem);
});

test('a certificate for servers alone is good under a trusted root', async () => {
  const peer = await connectedClient(
    port,
    issueCertificate(authority, { dns: ['out.example'], usages: ['serverAuth'] }),
  );
  peer.socket.destroy();
});

test('a certificate for another name is refused', async () => {
  await certificateRefused(issueCertificate(authority, { dns: ['other.example'] }), /not valid for/);
});

test('no certificate at all is refused', async () => {
  const plain = await dial(port);
  plain.say(header());
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('/>');
  const peer = await plain.tlsAsClient({});
  peer.say(header());
  assert.match(await refusedWith(peer, 'not-authorized'), /certificate is missing/);
});

async function saslRefused(words: string, condition: string): Promise<void> {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(words);
  const answer = await peer.hear('</stream:stream>');
  assert.match(
    answer,
    new RegExp(`<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><${condition}/></failure></stream:stream>$`),
  );
}

test('bad base64, a wrong authzid and another mechanism fail in SASL', async () => {
  await saslRefused(auth('!!!!'), 'incorrect-encoding');
  await saslRefused(auth('b3V0LmV4YW1wbGU'), 'incorrect-encoding');
  await saslRefused(auth(Buffer.from('other.example').toString('base64')), 'invalid-authzid');
  await saslRefused(auth('=', 'PLAIN'), 'invalid-mechanism');
});

test('an empty auth is challenged, and the response counts', async () => {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth(''));
  await peer.hear('<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(
    `<response xmlns="urn:ietf:params:xml:ns:xmpp-sasl">${Buffer.from('out.example').toString('base64')}</response>`,
  );
  await peer.hear('<success');
  peer.socket.destroy();
});

test('an abort may be taken back once', async () => {
  const abort = '<abort xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>';
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(abort);
  await peer.hear('<aborted/></failure>');
  peer.say(abort);
  await peer.hear('<aborted/></failure></stream:stream>');
});

test('bytes behind <auth/> are refused', async () => {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(`${auth()}<message/>`);
  await refusedWith(peer, 'policy-violation');
});

test('a stanza before authentication is not authorized', async () => {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say('<message from="ann@out.example" to="bob@in.example"/>');
  await refusedWith(peer, 'not-authorized');
});

test('STARTTLS inside TLS fails', async () => {
  const peer = await secureClient(port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(startTls);
  await peer.hear('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>');
});

test('an unknown first-level element ends the stream', async () => {
  const peer = await connectedClient(port, theirs);
  peer.say('<r xmlns="urn:xmpp:sm:3"/>');
  await refusedWith(peer, 'unsupported-stanza-type');
  const other = await connectedClient(port, theirs);
  other.say('<message xmlns="jabber:client"/>');
  await refusedWith(other, 'unsupported-stanza-type');
});
