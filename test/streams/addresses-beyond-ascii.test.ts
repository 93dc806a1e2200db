// Streams between domains in other letters than a to z: U-labels in XML, A-labels in TLS (xmpp-boundary J5, C6, C9, N12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { auth, header, listenScripted, secureClient, startTls } from './scripted-peer.ts';
import { authority, credentialsOf, dialOut, partner, policyOf, serve, shipment, until } from './setting.ts';

const bücher = issueCertificate(authority, { dns: ['xn--bcher-kva.example'] });
const пример = issueCertificate(authority, { dns: ['xn--e1afmkfd.example'] });

test('a message goes from one such domain to another', async (t) => {
  const inside = await serve({
    domain: 'пример.example',
    credentials: credentialsOf(пример),
    policy: () => policyOf(partner('bücher.example')),
  });
  t.after(() => inside.listener.stop('system-shutdown'));
  const policy = () => policyOf(partner('пример.example', inside.listener.port));
  const { streams } = dialOut(policy, { domain: 'bücher.example', credentials: credentialsOf(bücher) });
  t.after(() => streams.stop('system-shutdown'));
  const { shipment: message, written } = shipment('hello', { from: 'bücher.example', to: 'пример.example' });
  streams.ship(message);
  await written;
  await until(() => inside.received.length === 1, 'the message');
  const { element, stream } = inside.received[0]!;
  assert.equal(element.attributes.from, 'bob@bücher.example');
  assert.equal(stream.remoteDomain, 'bücher.example');
  assert.equal(stream.localDomain, 'пример.example');
  assert.equal(stream.certificate?.matchedName, 'DNS:xn--bcher-kva.example');
});

test('TLS asks for the name in A-labels', async (t) => {
  let asked: unknown;
  const names = 'from="пример.example" to="in.example" version="1.0" id="a1"';
  const server = await listenScripted(async (plain) => {
    await plain.hear('xml:lang="en">');
    plain.say(`${header(names)}<stream:features>${startTls}</stream:features>`);
    await plain.hear(startTls);
    plain.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    const secure = await plain.tlsAsServer(пример);
    asked = Reflect.get(secure.socket, 'servername');
    secure.socket.destroy();
  });
  t.after(() => server.close());
  const { streams } = dialOut(() => policyOf(partner('пример.example', server.port)));
  t.after(() => streams.stop('system-shutdown'));
  streams.ship(shipment('hello', { to: 'пример.example' }).shipment);
  await until(() => asked !== undefined, 'the handshake');
  assert.equal(asked, 'xn--e1afmkfd.example');
});

test('a partner may write its own domain with A-labels, capitals or decomposed letters; it is the same partner', async (t) => {
  const inside = await serve({ policy: () => policyOf(partner('bücher.example'), partner('out.example')) });
  t.after(() => inside.listener.stop('system-shutdown'));
  for (const domain of ['xn--bcher-kva.example', 'BÜCHER.example', 'bu\u0308cher.example.']) {
    const peer = await secureClient(inside.listener.port, bücher);
    peer.say(header(`from="${domain}" to="in.example" version="1.0"`));
    await peer.hear('</stream:features>');
    peer.say(auth(Buffer.from(domain).toString('base64')));
    await peer.hear('<success');
    peer.say(header(`from="${domain}" to="in.example" version="1.0"`));
    await peer.hear('</stream:features>');
    const before = inside.received.length;
    peer.say(`<message from="jürgen@${domain}" to="bob@in.example"><body>x</body></message>`);
    await until(() => inside.received.length > before, 'the message');
    assert.equal(inside.received.at(-1)?.stream.remoteDomain, 'bücher.example');
    peer.socket.destroy();
  }
});

test('a domain that only looks like the partner is not the partner', async (t) => {
  const inside = await serve({
    policy: () => policyOf(partner('bucher.example'), partner('bücher.example'), partner('out.example')),
  });
  t.after(() => inside.listener.stop('system-shutdown'));
  const lookalike = issueCertificate(authority, { dns: ['xn--bher-8dd5a.example', 'xn--bcher-kva.example'] });
  for (const domain of ['büсher.example', 'bü\u200bcher.example', 'xn--bher-8dd5a.example']) {
    const peer = await secureClient(inside.listener.port, lookalike);
    peer.say(header(`from="${domain}" to="in.example" version="1.0"`));
    assert.match(await peer.hear('</stream:stream>'), /<stream:error>/);
    assert.equal(inside.received.length, 0);
  }
});
