// Renegotiation in TLS 1.2: an expensive handshake for one cheap record, and a way to change who speaks (T5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { dial, header, type Peer, startTls } from '../streams/scripted-peer.ts';
import { directTls, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

async function refuses(peer: Peer): Promise<void> {
  await peer.hear('</stream:features>');
  const { socket } = peer;
  assert.ok(socket instanceof TLSSocket);
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  const refused = new Promise((resolve) => {
    socket.once('error', (error) => resolve('code' in error ? error.code : error.message));
  });
  socket.renegotiate({}, () => {});
  assert.equal(await refused, 'ERR_SSL_NO_RENEGOTIATION');
  socket.destroy();
}

test('it is refused on the port for direct TLS', async () => {
  await refuses(await directTls(site, { maxVersion: 'TLSv1.2' }));
});

test('it is refused behind STARTTLS', async () => {
  const plain = await dial(site.door);
  plain.say(header());
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  const peer = await plain.tlsAsClient({
    cert: site.stolen.certPem,
    key: site.stolen.keyPem,
    maxVersion: 'TLSv1.2',
  });
  peer.say(header());
  await refuses(peer);
});

test('sixty attempts are as harmless as one', async () => {
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 60; i++) await refuses(await directTls(site, { maxVersion: 'TLSv1.2' }));
    }),
  );
  await site.onlyDelivered();
});
