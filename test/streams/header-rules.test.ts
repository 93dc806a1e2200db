// The header of a partner that dials us, and ours in answer, rule by rule (RFC 6120 §4.7, §4.8; xmpp-boundary H1 to H13).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { auth, authenticatedClient, dial, header, type Peer, secureClient, startTls } from './scripted-peer.ts';
import { authority, partner, policyOf, serve, theirs, until } from './setting.ts';

let server: Awaited<ReturnType<typeof serve>>;
let port: number;
before(async () => {
  server = await serve({ policy: () => policyOf(partner('out.example'), partner('second.example')) });
  port = server.listener.port;
});
after(() => server.listener.stop('system-shutdown'));

const streamsNs = 'http://etherx.jabber.org/streams';
const message = '<message from="ann@out.example" to="bob@in.example"><body>x</body></message>';

/** What we say to a first header, up to the features or the end. */
async function greeted(first: string, until = '</stream:features>'): Promise<string> {
  const peer = await dial(port);
  peer.say(first);
  const words = await peer.hear(until);
  peer.socket.destroy();
  return words;
}

async function refused(first: string, condition: string): Promise<void> {
  const words = await greeted(first, '</stream:stream>');
  assert.match(words, /^<\?xml version="1.0"\?><stream:stream [^>]* id="s[0-9a-f]{40}"/);
  assert.match(words, new RegExp(`<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`));
}

/** As far as TLS, with this first header in plain text. */
async function securedWith(first: string): Promise<Peer> {
  const plain = await dial(port);
  plain.say(first);
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  return plain.tlsAsClient({ cert: theirs.certPem, key: theirs.keyPem });
}

test('our header has one form: our two prefixes, the addresses, an id, version 1.0 and a language', async () => {
  assert.match(
    await greeted(header()),
    new RegExp(
      '^<\\?xml version="1.0"\\?><stream:stream xmlns="jabber:server" ' +
        `xmlns:stream="${streamsNs}" xmlns:db="jabber:server:dialback" from="in.example" to="out.example" ` +
        'id="s[0-9a-f]{40}" version="1.0" xml:lang="en"><stream:features>',
    ),
  );
  assert.doesNotMatch(await greeted(header('to="in.example" version="1.0"')), / to="/);
});

test('the header before an error speaks for the domain that was asked for, else for our first one', async () => {
  const ours = await greeted(header('to="in.example" from="evil.example" version="1.0"'), '</stream:stream>');
  assert.match(ours, / from="in.example" to="evil.example" id="s/);
  const other = await greeted(header('to="else.example" version="1.0"'), '</stream:stream>');
  assert.match(other, / from="in.example" id="s/);
});

test('a root that is not a stream is refused, behind our own header', async () => {
  await refused(`<a:b xmlns:a="${streamsNs}" xmlns="jabber:server" version="1.0">`, 'invalid-namespace');
  await refused('<stream xmlns="jabber:server" version="1.0">', 'invalid-namespace');
});

test('a to that was ours once is told that it is gone', async () => {
  await refused(header('from="out.example" to="old.example" version="1.0"'), 'host-gone');
});

test('a header without a default namespace is refused', async () => {
  await refused(`<stream:stream xmlns:stream="${streamsNs}" to="in.example" version="1.0">`, 'invalid-namespace');
});

test('any prefix will do, and more namespaces on the root hold for the elements below it', async () => {
  const peer = await dial(port);
  peer.say(
    `<s:stream xmlns:s="${streamsNs}" xmlns="jabber:server" xmlns:t="urn:ietf:params:xml:ns:xmpp-tls" xmlns:u="urn:u" ` +
      'from="out.example" to="in.example" version="1.0">',
  );
  await peer.hear('</stream:features>');
  peer.say('<t:starttls/>');
  await peer.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  peer.socket.destroy();
});

test('a higher version is answered with 1.0, and versions are compared as numbers', async () => {
  for (const version of ['1.0', '1.10', '01.00', '2.0', '10.0']) {
    const words = await greeted(header(`from="out.example" to="in.example" version="${version}"`));
    assert.match(words, / version="1.0" /, version);
  }
  for (const version of ['0.10', '1', '1.0.0', '1,0', '-1.0', '']) {
    await refused(header(`from="out.example" to="in.example" version="${version}"`), 'unsupported-version');
  }
});

test('the domains of a header are prepared before they are compared', async () => {
  const words = await greeted(header('from="OUT.Example" to="IN.example." version="1.0"'));
  assert.match(words, / from="in.example" to="out.example" /);
});

test('a domain with a local part or a resource is refused, in to and in from', async () => {
  for (const addresses of [
    'from="out.example" to="bob@in.example"',
    'from="out.example" to="in.example/x"',
    'from="ann@out.example" to="in.example"',
    'from="out.example/x" to="in.example"',
  ]) {
    await refused(header(`${addresses} version="1.0"`), 'improper-addressing');
  }
});

test('who claims to be one of our own domains is refused, and the audit has it', async () => {
  server.audited.length = 0;
  await refused(header('from="in.example" to="in.example" version="1.0"'), 'invalid-from');
  await until(() => server.audited.some(({ code }) => code === 'sender-forged'), 'the line in the audit');
});

test('every restart has a new id of 160 random bits, and an id of the initiator is ignored', async () => {
  const ids: string[] = [];
  const note = (words: string): void => {
    ids.push(/ id="(s[0-9a-f]{40})"/.exec(words)?.[1] ?? '');
  };
  const theirOwn = header(`id="s${'0'.repeat(40)}" from="out.example" to="in.example" version="1.0"`);
  const plain = await dial(port);
  plain.say(theirOwn);
  note(await plain.hear('</stream:features>'));
  plain.say(startTls);
  await plain.hear('/>');
  const peer = await plain.tlsAsClient({ cert: theirs.certPem, key: theirs.keyPem });
  peer.say(theirOwn);
  note(await peer.hear('</stream:features>'));
  peer.say(auth());
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(theirOwn);
  note(await peer.hear('</stream:features>'));
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every((id) => id !== '' && !id.endsWith('0'.repeat(40))));
  peer.socket.destroy();
});

test('addresses said before TLS are thrown away', async () => {
  const peer = await securedWith(header('from="second.example" to="in.example" version="1.0"'));
  peer.say(header());
  await peer.hear('EXTERNAL');
  peer.say(auth());
  await peer.hear('<success');
  peer.say(header());
  await peer.hear('</stream:features>');
  await until(() => server.listener.streams().some(({ remoteDomain }) => remoteDomain === 'out.example'), 'the stream');
  peer.socket.destroy();
});

test('after a restart nothing of the old stream is in scope', async () => {
  const declared = header(
    'xmlns:q="urn:ietf:params:xml:ns:xmpp-sasl" from="out.example" to="in.example" version="1.0"',
  );
  const peer = await securedWith(declared);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say('<q:auth mechanism="EXTERNAL">=</q:auth>');
  assert.match(await peer.hear('</stream:stream>'), /<bad-namespace-prefix /);
});

test('the language of the stream is given with its stanzas; one that is none is ignored', async () => {
  const langs = ['de-AT', 'x'.repeat(35), 'x'.repeat(36), 'de_AT', ''];
  const seen: string[] = [];
  for (const lang of langs) {
    const had = server.received.length;
    const peer = await authenticatedClient(port, theirs);
    peer.say(header(`from="out.example" to="in.example" version="1.0" xml:lang="${lang}"`) + message);
    await until(() => server.received.length > had, 'the stanza');
    seen.push(server.received.at(-1)!.stream.lang);
    peer.socket.destroy();
  }
  assert.deepEqual(seen, ['de-AT', 'x'.repeat(35), '', '', '']);
});

test('the CA of one partner proves nothing for another one', async (t) => {
  const { authorityOfSecond, listener } = await twoPartners();
  t.after(() => listener.stop('system-shutdown'));
  const peer = await secureClient(listener.port, issueCertificate(authorityOfSecond, { dns: ['out.example'] }));
  peer.say(header());
  assert.match(await peer.hear('</stream:stream>'), /<not-authorized /);
  const own = await secureClient(listener.port, theirs);
  own.say(header());
  await own.hear('EXTERNAL');
});

async function twoPartners() {
  const authorityOfSecond = issueAuthority({ name: 'the CA of second.example' });
  const policy = policyOf(
    partner('out.example', 1, [authority.certPem]),
    partner('second.example', 1, [authorityOfSecond.certPem]),
  );
  const { listener } = await serve({ policy: () => policy });
  return { authorityOfSecond, listener };
}
