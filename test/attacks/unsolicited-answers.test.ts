// Answers, errors and dialback words for which nobody has asked (XEP-0220 security; xmpp-boundary D5, S8, S10, B5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { annAndBob } from '../pair/whole-site.ts';
import { heardBy, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const error = '<error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
const to = (name: string, type: string, inside = '', who = 'bob@in.example', id = 'never-asked') =>
  `<${name} from="ann@out.example" to="${who}" type="${type}" id="${id}">${inside}</${name}>`;

const quiet = [
  to('iq', 'result'),
  to('iq', 'result', '<query xmlns="jabber:iq:roster"><item jid="evil@out.example"/></query>'),
  to('iq', 'error', error),
  to('iq', 'result', '', 'in.example'),
  '<iq from="out.example" to="in.example" type="result" id="sallyport-1"/>',
  `<iq from="out.example" to="in.example" type="error" id="sallyport-1">${error}</iq>`,
  to('iq', 'result', '', 'nobody@in.example'),
  to('message', 'error', error),
  to('message', 'error', '<body>what you never wrote</body>'),
  to('message', 'error', error, 'nobody@in.example'),
  to('presence', 'error', error),
  to('presence', 'subscribed'),
  to('presence', 'unsubscribed'),
  to('presence', 'unsubscribe'),
  to('presence', 'unavailable'),
];

test('answers and errors to nothing that we sent are dropped: nobody inside and nobody outside hears of them', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  for (const xml of quiet) peer.say(xml);
  await site.onlyDelivered();
  await wait(200);
  assert.deepEqual(heard(), []);
  assert.equal(peer.isClosed(), false);
  peer.socket.destroy();
});

test('an error in the name of another than the one who was written to is no answer', async () => {
  const { ann, bob } = annAndBob(site);
  await bob.say(ann.address, 'to Ann');
  const { id } = await ann.nextMessage({ within: 5_000, from: bob.address });
  const peer = await site.openStream();
  for (const who of ['amy@out.example', 'out.example', 'out.example/ann@out.example']) {
    peer.say(`<message from="${who}" to="bob@in.example" type="error" id="${id}">${error}</message>`);
  }
  peer.say(`<message from="ann@out.example" to="carol@in.example" type="error" id="${id}">${error}</message>`);
  await site.onlyDelivered();
  assert.equal(peer.isClosed(), false);
  peer.socket.destroy();
});

const fatal = [
  '<db:result xmlns:db="jabber:server:dialback" from="out.example" to="in.example" type="valid"/>',
  '<db:result xmlns:db="jabber:server:dialback" from="far.example" to="in.example" type="valid"/>',
  '<db:verify xmlns:db="jabber:server:dialback" from="out.example" to="in.example" id="x" type="valid"/>',
  '<db:verify xmlns:db="jabber:server:dialback" from="far.example" to="in.example" id="x" type="invalid"/>',
  '<db:result xmlns:db="jabber:server:dialback" from="far.example" to="in.example">abc</db:result>',
  '<a xmlns="urn:xmpp:sm:3" h="4294967295"/>',
  '<enabled xmlns="urn:xmpp:sm:3"/>',
  '<resumed xmlns="urn:xmpp:sm:3" h="1" previd="x"/>',
  '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>',
  '<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>',
];
for (const xml of fatal) {
  test(`${xml} was not asked for and ends the stream`, async () => {
    const peer = await site.openStream();
    peer.say(xml);
    await refusedWith(peer, 'unsupported-stanza-type');
  });
}

test('no dialback word makes a stream one of another domain', async () => {
  const peer = await site.openStream();
  peer.say(fatal[1]!);
  peer.say('<message from="zoe@far.example" to="bob@in.example"><body>forged</body></message>');
  await refusedWith(peer, 'unsupported-stanza-type');
  await site.onlyDelivered();
});

test('thirty thousand of them cost no memory and hold nobody up', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 100; i++) {
        peer.say(quiet.join('').repeat(20));
        if (peer.socket.writableNeedDrain) await new Promise((resolve) => peer.socket.once('drain', resolve));
        await wait(5);
      }
    }),
  );
  await site.onlyDelivered();
  assert.deepEqual(heard(), []);
  peer.socket.destroy();
});
