// A partner that uses a shared stream (XEP-0288) to speak in other names, or to hear what is not for it (B1, B2, S2, D5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Issued } from '../../deploy/certificates/issue.ts';
import { annAndBob, until } from '../pair/whole-site.ts';
import {
  acceptTls,
  auth,
  externalFeatures,
  header,
  listenScripted,
  type Peer,
  secureClient,
} from '../streams/scripted-peer.ts';
import { body, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack({ bidi: true });
const { ann, bob, server, partner } = annAndBob(site);
const carol = site.neighbours.frontEnd().user(site.lab.internalUsers[1]!);
const zoe = site.lab.partners[1]!.users[0]!;
const success = '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>';

/** A stream of out.example that may carry ours. */
async function bidiStream(stolen: Issued): Promise<Peer> {
  const peer = await secureClient(site.door, stolen);
  peer.say(header());
  assert.match(await peer.hear('</stream:features>'), /features:bidi/);
  peer.say(`<bidi xmlns="urn:xmpp:bidi"/>${auth()}`);
  await peer.hear(success);
  peer.say(header());
  await peer.hear('</stream:features>');
  return peer;
}

test('what is for another partner never goes out on a stream that somebody else has dialled', async () => {
  const peers = await Promise.all([1, 2, 3].map(() => bidiStream(site.stolen)));
  await carol.say(zoe, 'for Zoe alone');
  const far = site.neighbours.partners.get(site.lab.partners[1]!.domain)!;
  await until('Zoe gets it', () => far.log().some((line) => line.includes('for Zoe alone')));
  for (const peer of peers) {
    assert.doesNotMatch(peer.heard(), /Zoe|far\.example/);
    peer.socket.destroy();
  }
});

test('a header that names another domain gets no stream, and so nothing of that domain', async () => {
  const peer = await secureClient(site.door, site.stolen);
  peer.say(header('from="far.example" to="in.example" version="1.0"'));
  peer.say(`<bidi xmlns="urn:xmpp:bidi"/>${auth()}`);
  assert.match(await peer.hear('</stream:stream>'), /<not-authorized/);
  peer.socket.destroy();
});

test('an answer of dialback on a shared stream proves nothing', async () => {
  const peer = await bidiStream(site.stolen);
  peer.say('<db:result xmlns:db="jabber:server:dialback" from="far.example" to="in.example" type="valid"/>');
  await refusedWith(peer, 'unsupported-stanza-type');
});

test('in the place of the partner, on our own stream, nobody speaks in other names', async (t) => {
  const port = partner.listen.port;
  await server.stop();
  const said: string[] = [];
  const forged = [zoe, 'bob@in.example', 'in.example', 'far.example', 'ann@sub.out.example'];
  const turns = [...forged];
  const scripted = await listenScripted(async (plain) => {
    const peer = await acceptTls(plain, site.stolen);
    await peer.hear('xml:lang="en">');
    const told = (id: string) => header(`from="out.example" to="in.example" id="${id}" version="1.0"`);
    peer.say(
      told('a') +
        externalFeatures.replace('</stream:features>', '<bidi xmlns="urn:xmpp:features:bidi"/></stream:features>'),
    );
    assert.match(await peer.hear('</auth>'), /<bidi xmlns="urn:xmpp:bidi">/);
    peer.say(success);
    await peer.hear('xml:lang="en">');
    peer.say(`${told('b')}<stream:features/>`);
    await peer.hear('</message>');
    peer.say(`<message from="${turns.shift()}" to="bob@in.example" type="chat">${body('forged')}</message>`);
    said.push(await peer.hear('</stream:stream>'));
  }, port);
  t.after(() => scripted.close());
  for (const [i, sender] of forged.entries()) {
    site.decisions.mark();
    void bob.say(ann.address, `dial ${i}`).catch(() => {});
    await until(`the stream of ${sender} has ended`, () => said.length > i, 15_000);
    assert.match(said[i] ?? '', /<stream:error><invalid-from /, sender);
    await site.decisions.await({ by: 'proxy', event: 'refused', code: 'sender-forged', stage: 'checkSender' });
  }
  assert.deepEqual(scripted.faults, []);
  assert.ok(!site.delivered().includes('forged'));
});
