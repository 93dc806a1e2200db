// STARTTLS injection: plain bytes slipped in front of TLS, to be read as if they were protected (RFC 6120 §5.3.3, T2).
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../pair/whole-site.ts';
import { auth, dial, header, type Peer, peerOn, startTls } from '../streams/scripted-peer.ts';
import { body, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { door } = site;

const injected = [
  message(body('injected')),
  `${header()}${auth()}`,
  ' ',
  '\n',
  '<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>',
  '</stream:stream>',
  '\x16\x03\x01',
];

test('whatever stands behind <starttls/> in plain text ends the connection without a word', async () => {
  for (const behind of injected) {
    const peer = await dial(door);
    peer.say(header());
    await peer.hear('</stream:features>');
    peer.say(startTls + behind);
    await peer.closed;
    assert.equal(peer.heard(), '', JSON.stringify(behind));
  }
  await site.onlyDelivered();
});

test('two hundred times, it costs no memory and nobody waits', async () => {
  await site.standsIt(200, async () => {
    const peer = await dial(door);
    peer.say(header() + startTls + message(body('injected')));
    await peer.closed;
  });
  await site.onlyDelivered();
});

test('a partner’s server that slips features in behind <proceed/> gets no stanza from us', async () => {
  const server = site.neighbours.partners.get('far.example')!;
  await server.stop();
  const peers: Peer[] = [];
  const impostor = createServer((socket) => {
    const peer = peerOn(socket);
    peers.push(peer);
    void (async () => {
      await peer.hear('>');
      const required = startTls.replace('/>', '><required/></starttls>');
      peer.say(
        `${header('from="far.example" to="in.example" id="i1" version="1.0"')}<stream:features>${required}</stream:features>`,
      );
      await peer.hear(startTls);
      peer.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><stream:features/>');
    })().catch(() => {});
  });
  const { port } = site.lab.partners[1]!.listen;
  await new Promise<void>((resolve) => impostor.listen(port, '127.0.0.1', resolve));
  const carol = site.neighbours.frontEnd().user('carol@in.example');
  void carol.say('zoe@far.example', 'for Zoe alone');
  await until('the proxy has dialled and left', () => peers.length > 0 && peers.every((peer) => peer.isClosed()));
  await wait(100);
  // The first bytes of a TLS handshake would start with 0x16: nothing at all followed <starttls/>.
  for (const peer of peers) assert.equal(peer.heard(), '');
  impostor.close();
});
