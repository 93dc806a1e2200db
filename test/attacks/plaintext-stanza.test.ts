// Stanzas, credentials and keys on a stream that is not encrypted (RFC 6120 §5.3.1; xmpp-boundary T1, A1, D1, S1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auth, dial, header, secureClient } from '../streams/scripted-peer.ts';
import { body, leaveAtEnd, message, refusedWith, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

const words = {
  'a message': message(body('in the clear')),
  presence: '<presence from="ann@out.example" to="bob@in.example"/>',
  'a query': '<iq from="out.example" to="in.example" type="get" id="q"><ping xmlns="urn:xmpp:ping"/></iq>',
  'a dialback key': '<db:result xmlns:db="jabber:server:dialback" from="out.example" to="in.example">abc</db:result>',
  'a dialback question':
    '<db:verify xmlns:db="jabber:server:dialback" from="out.example" to="in.example" id="x">abc</db:verify>',
  'stream management': '<enable xmlns="urn:xmpp:sm:3"/>',
  compression: '<compress xmlns="http://jabber.org/protocol/compress"><method>zlib</method></compress>',
};

for (const [what, xml] of Object.entries(words)) {
  test(`${what} in plain text is a policy violation`, async () => {
    const peer = await dial(site.door);
    peer.say(header());
    const features = await peer.hear('</stream:features>');
    assert.doesNotMatch(features, /mechanism|dialback xmlns|compress|bidi/);
    peer.say(xml);
    await refusedWith(peer, 'policy-violation');
  });

  test(`${what} behind TLS, before authentication, ends the stream`, async () => {
    const peer = await secureClient(site.door, site.stolen);
    peer.say(header());
    await peer.hear('</stream:features>');
    peer.say(xml);
    await refusedWith(peer, /^<(?:message|presence|iq) /.test(xml) ? 'not-authorized' : 'unsupported-stanza-type');
  });
}

test('a certificate’s word in plain text is told that encryption is required', async () => {
  const peer = await dial(site.door);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  assert.match(await refusedWith(peer, 'policy-violation'), /<failure [^>]*><encryption-required\/><\/failure>/);
});

test('three hundred times, nothing is delivered, no memory is lost, and nobody waits', async () => {
  await site.standsIt(300, async () => {
    const peer = await dial(site.door);
    peer.say(header() + message(body('in the clear')));
    await leaveAtEnd(peer);
  });
  await site.onlyDelivered();
});
