// Two real Prosody servers find and prove each other by certificate, and our scripted partner agrees with both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { freePort } from '../daemon.ts';
import { startXmppPartner } from '../fakes/xmpp-partner/xmpp-partner.ts';
import { firstMissing } from '../peers/peers.ts';
import { type Prosody, startProsody } from './prosody.ts';
import { startXmppClient } from './xmpp-client.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

const authority = issueAuthority({ name: 'prosody test' });
const certsOf = (domain: string) => {
  const { certPem, keyPem } = issueCertificate(authority, { dns: [domain], xmppAddrs: [domain] });
  return { cert: certPem, key: keyPem, ca: authority.certPem };
};
const text = '🙂 שלום مرحبا <&>';

test('two Prosody servers exchange text over streams that both proved by EXTERNAL', { skip }, async () => {
  await using stack = new AsyncDisposableStack();
  const [outerPort, innerPort] = [await freePort(), await freePort()];
  const start = async (domain: string, name: string, s2sPort: number, hosts: ReadonlyMap<string, Place>) => {
    const certs = certsOf(domain);
    const server = await startProsody({ domain, users: [{ name, password: 'secret' }], certs, hosts, s2sPort });
    stack.defer(server.stop);
    const login = { domain, name, password: 'secret', port: server.c2sPort, ca: certs.ca };
    const person = await startXmppClient(login);
    stack.defer(person.stop);
    return { server, person };
  };
  const outer = await start('outer.example', 'ann', outerPort, placesOf('inner.example', innerPort));
  const inner = await start('inner.example', 'bob', innerPort, placesOf('outer.example', outerPort));

  await withLog(outer.server, async () => {
    await outer.person.send('bob@inner.example', text);
    assert.equal((await inner.person.nextMessage({ from: 'ann@outer.example' })).body, text);
    await inner.person.send('ann@outer.example/desk', text);
    assert.equal((await outer.person.nextMessage({ from: 'bob@inner.example' })).body, text);
    assert.match(outer.server.log(), /Outgoing s2s connection outer\.example->inner\.example complete/);
    assert.match(outer.server.log(), /Incoming s2s connection inner\.example->outer\.example complete/);
    assert.match(outer.server.log(), /Accepting SASL EXTERNAL identity from inner\.example/);
    assert.match(inner.server.log(), /Accepting SASL EXTERNAL identity from outer\.example/);
    await outer.person.send('nobody@nowhere.example', text);
    assert.equal((await outer.person.nextError()).error?.condition, 'remote-server-not-found');
  });
});

test('a user of Prosody and a user of the scripted partner write to each other, and Prosody refuses a forged domain', {
  skip,
}, async () => {
  await using stack = new AsyncDisposableStack();
  let prosodyPort = 0;
  const partner = await startXmppPartner({
    ...certsOf('inner.example'),
    domain: 'inner.example',
    users: ['bob'],
    proxy: () => ({ host: '127.0.0.1', port: prosodyPort }),
  });
  stack.defer(partner.stop);
  const certs = certsOf('outer.example');
  const server = await startProsody({
    domain: 'outer.example',
    users: [{ name: 'ann', password: 'secret' }],
    certs,
    hosts: placesOf('inner.example', partner.port),
  });
  stack.defer(server.stop);
  prosodyPort = server.s2sPort;
  const login = { domain: 'outer.example', name: 'ann', password: 'secret', port: server.c2sPort, ca: certs.ca };
  const ann = await startXmppClient(login);
  stack.defer(ann.stop);
  const bob = partner.user('bob');

  await withLog(server, async () => {
    await ann.send('bob@inner.example', text);
    assert.equal((await bob.nextMessage({ from: 'ann@outer.example' })).body, text);
    await bob.send('ann@outer.example/desk', text);
    assert.equal((await ann.nextMessage({ from: 'bob@inner.example' })).body, text);
    await bob.compose('ann@outer.example/desk', 'composing');
    assert.equal((await ann.nextChatState()).chatState, 'composing');
    await bob.send('nobody@outer.example', text);
    assert.equal((await bob.nextError()).error?.condition, 'service-unavailable');
    const direct = { host: '127.0.0.1', port: server.directTlsPort };
    const stream = await partner.openStream({ to: 'outer.example', directTls: direct });
    assert.ok(stream.negotiated.done, JSON.stringify(stream.negotiated));
    const forged = await partner.openStream({ to: 'outer.example', from: 'third.example' });
    assert.equal(await forged.streamError(), 'not-authorized');
  });
});

type Place = { readonly host: string; readonly port: number };

function placesOf(domain: string, port: number): ReadonlyMap<string, Place> {
  return new Map([[domain, { host: '127.0.0.1', port }]]);
}

async function withLog(server: Prosody, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    console.error(server.log().slice(-6_000));
    throw error;
  }
}
