// The habits of Openfire, replayed by a scripted peer (xmpp-boundary §4.3, findings 7 and 8; N10, N11, H3, H9, H19, A9, B9,
// D6, D8, D12, L4).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Partner } from '../../shared/policy/policy.ts';
import { attribute, dialbackPartner, keyIn, untrusted } from './dialback-peers.ts';
import {
  closesWhenIdle,
  noMechanisms,
  openfireAnswer,
  openfireDials,
  openfireHeader,
  openfireKey,
  openfireObjects,
  startTlsAndDialback,
} from './openfire-peer.ts';
import { dial, listenScripted, type Peer } from './scripted-peer.ts';
import { authority, dialOut, keys, policyOf, serve, shipment, theirs, until } from './setting.ts';

const proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const message = '<message from="ann@out.example" to="bob@in.example" id="1"><body>hello</body></message>';

/** Openfire's own port: STARTTLS, its second header with these features, then `then`. */
async function openfire(t: TestContext, features: string, then: (peer: Peer, connection: number) => Promise<void>) {
  const server = await listenScripted(async (plain, connection) => {
    const asked = await plain.hear('xml:lang="en">');
    assert.match(asked, / xmlns:db="jabber:server:dialback"/);
    plain.say(openfireAnswer(`1${connection}nd8a`, startTlsAndDialback));
    assert.equal(openfireObjects(await plain.hear('xmpp-tls"/>')), undefined);
    plain.say(proceed);
    const peer = await plain.tlsAsServer(untrusted);
    await peer.hear('xml:lang="en">');
    peer.say(openfireAnswer(`2${connection}k0xq`, features));
    await then(peer, connection);
  });
  t.after(() => server.close());
  return server;
}

async function door(t: TestContext, terms: Partial<Partner>, options: Parameters<typeof serve>[0] = {}, port = 1) {
  const served = await serve({ policy: () => policyOf(dialbackPartner(port, terms)), ...options });
  t.after(() => served.listener.stop('system-shutdown'));
  return { ...served, port: served.listener.port };
}

const withTrust = { trust: [authority.certPem], external: 'optional' } as const;

test('it opens a connection and drops it, opens another, and sends header and stanza in one segment after success', async (t) => {
  const { port, received, audited } = await door(t, withTrust, { limits: { attemptsPerAddress: 2 } });
  const peer = await openfireDials(port, theirs);
  const authzid = Buffer.from('out.example').toString('base64');
  peer.say(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="EXTERNAL">${authzid}</auth>`);
  await peer.hear('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  peer.say(openfireHeader() + message);
  await until(() => received.length === 1, 'the message in the same segment');
  assert.match(attribute(await peer.hear('</stream:features>'), 'id'), /^s[0-9a-f]{40}$/);
  assert.deepEqual(audited, [], 'the probe was no attack');
  peer.socket.destroy();
});

test('every header of ours has an id, also the one that goes before an error', async (t) => {
  const { port } = await door(t, withTrust);
  const plain = await dial(port);
  plain.say(openfireHeader('out.example', 'else.example'));
  const words = await plain.hear('</stream:stream>');
  assert.match(words, /^<\?xml[^>]*><stream:stream [^>]* id="s[0-9a-f]{40}"/);
  assert.match(words, /<host-unknown /);
});

test('it proves itself by dialback, with a key that we only hand on', async (t) => {
  const asked: string[] = [];
  const home = await openfire(t, noMechanisms, async (peer) => {
    const question = await peer.hear('</db:verify>');
    asked.push(question);
    assert.equal(openfireObjects(question), undefined);
    const valid = openfireKey(attribute(question, 'id')) === keyIn(question);
    const id = attribute(question, 'id');
    peer.say(`<db:verify from="out.example" to="in.example" type="${valid ? 'valid' : 'invalid'}" id="${id}"/>`);
    await peer.hear('</stream:stream>');
    peer.socket.end();
  });
  const { port, received } = await door(t, {}, {}, home.port);
  const peer = await openfireDials(port, untrusted);
  assert.ok(peer.words.includes('<dialback xmlns="urn:xmpp:features:dialback">'));
  peer.say(`<db:result from="out.example" to="in.example">${openfireKey(attribute(peer.words, 'id'))}</db:result>`);
  const answer = await peer.hear('/>');
  assert.equal(answer, '<db:result from="in.example" to="out.example" type="valid"/>');
  peer.say(message);
  await until(() => received.length === 1, 'the message');
  assert.equal(asked.length, 1);
  peer.socket.destroy();
});

test('its answer about a key counts before its features, and without them', async (t) => {
  const home = await listenScripted(async (plain) => {
    await plain.hear('xml:lang="en">');
    plain.say(openfireAnswer('11', startTlsAndDialback));
    await plain.hear('xmpp-tls"/>');
    plain.say(proceed);
    const peer = await plain.tlsAsServer(untrusted);
    await peer.hear('xml:lang="en">');
    peer.say(openfireAnswer('12', '').replace('<stream:features></stream:features>', ''));
    const id = attribute(await peer.hear('</db:verify>'), 'id');
    peer.say(`<db:verify from="out.example" to="in.example" type="valid" id="${id}"/>`);
  });
  t.after(() => home.close());
  const { port } = await door(t, {}, {}, home.port);
  const peer = await openfireDials(port, untrusted);
  peer.say('<db:result from="out.example" to="in.example">k</db:result>');
  await peer.hear('type="valid"/>');
  peer.socket.destroy();
});

test('it asks about our key behind TLS, or again without; there it hears of our policy (D8)', async (t) => {
  const { port } = await door(t, {});
  const key = keys.keyFor('out.example', 'in.example', '2k');
  const question = `<db:verify xmlns:db="jabber:server:dialback" from="out.example" to="in.example" id="2k">${key}</db:verify>`;
  const secure = await openfireDials(port, untrusted);
  secure.say(question);
  assert.equal(await secure.hear('/>'), '<db:verify from="in.example" to="out.example" id="2k" type="valid"/>');
  secure.say('</stream:stream>');
  await secure.closed;
  const plain = await dial(port);
  plain.say(openfireHeader());
  await plain.hear('</stream:features>');
  plain.say(question);
  assert.match(await plain.hear('</stream:stream>'), /<policy-violation /);
});

test('where it does not believe us it lists no mechanism; our key goes on, in the prefix that it knows (H3, H19)', async (t) => {
  let said = '';
  const { port } = await openfire(t, noMechanisms, async (peer) => {
    const key = await peer.hear('</db:result>');
    said += key;
    peer.say('<db:result from="out.example" to="in.example" type="valid"/>');
    said += await peer.hear('<body>hello</body></message>');
  });
  const { streams } = dialOut(() => policyOf(dialbackPartner(port, { external: 'optional', trust: [] })));
  t.after(() => streams.stop('system-shutdown'));
  const one = shipment('hello');
  streams.ship(one.shipment);
  await one.written;
  await until(() => said.includes('hello'), 'the message');
  assert.match(said, /^<db:result from="in.example" to="out.example">[0-9a-f]{64}<\/db:result><message /);
  assert.equal(openfireObjects(said), undefined, 'nothing that it would close the stream for');
});

test('its refusal of a second stream passes: we come again (B9)', async (t) => {
  const { port, connections } = await openfire(t, noMechanisms, async (peer, connection) => {
    await peer.hear('</db:result>');
    const text = '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Incoming session already exists</text>';
    const error = `<error code="500" type="cancel"><resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>${text}</error>`;
    peer.say(
      connection === 1
        ? `<db:result type="error" from="out.example" to="in.example">${error}</db:result>`
        : '<db:result from="out.example" to="in.example" type="valid"/>',
    );
  });
  const { streams } = dialOut(() => policyOf(dialbackPartner(port)));
  t.after(() => streams.stop('system-shutdown'));
  const one = shipment('hello');
  streams.ship(one.shipment);
  await one.written;
  assert.equal(connections(), 2);
});

test('it closes what brings it no byte, also its own streams to us: both of ours stay', async (t) => {
  const times = { keepalive: 80, idle: 60_000, lived: 50 };
  const { port: home } = await openfire(t, noMechanisms, async (peer) => {
    await peer.hear('</db:result>');
    peer.say('<db:result from="out.example" to="in.example" type="valid"/>');
    closesWhenIdle(peer, 300);
  });
  const { streams } = dialOut(() => policyOf(dialbackPartner(home)), { times });
  t.after(() => streams.stop('system-shutdown'));
  const one = shipment('hello');
  streams.ship(one.shipment);
  await one.written;
  const { port, received } = await door(t, { ...withTrust, external: 'never' }, { times });
  const peer = await openfireDials(port, theirs);
  peer.say('<db:result from="out.example" to="in.example">k</db:result>');
  await peer.hear('type="valid"/>');
  closesWhenIdle(peer, 300);
  await pause(1_000);
  assert.equal(streams.streams().length, 1);
  assert.equal(peer.isClosed(), false);
  peer.say(message);
  await until(() => received.length === 1, 'the message after a long silence');
  peer.socket.destroy();
});

test('it falls from direct TLS to plain text on the same port: there nobody answers (N10)', async (t) => {
  const { listener } = await door(t, {});
  const plain = await dial(listener.directTlsPort!);
  plain.say(openfireHeader());
  await plain.closed;
  assert.doesNotMatch(plain.heard(), /stream/);
});

test('a db: prefix that its stream did not declare is nothing that we guess', async (t) => {
  const { port } = await door(t, {});
  const bare = await dial(port);
  bare.say(openfireHeader().replace(' xmlns:db="jabber:server:dialback"', ''));
  await bare.hear('</stream:features>');
  bare.say('<db:result from="out.example" to="in.example">k</db:result>');
  assert.match(await bare.hear('</stream:stream>'), /<bad-namespace-prefix /);
});
