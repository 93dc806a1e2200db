// Errors by the thousand: whoever answers one of them with an error keeps the storm alive (RFC 6120 §8.3.1; I7, S10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { body, heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const error = '<error type="modify"><bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
const stanza = (name: string, to: string, id: string, inside: string) =>
  `<${name} from="ann@out.example" to="${to}" type="error"${id}>${inside}</${name}>`;

// Good errors and broken ones: to whom we know, to whom we do not, to domains that are not ours.
const errors = ['message', 'iq', 'presence'].flatMap((name) =>
  ['bob@in.example', 'nobody@in.example', 'in.example'].flatMap((to) => [
    stanza(name, to, ' id="e"', error),
    stanza(name, to, '', error),
    stanza(name, to, ' id="e"', ''),
    stanza(name, to, ' id="e"', `${error}${error}${body('x')}<y xmlns="urn:y"/>`),
  ]),
);

test('an error is never answered, whatever is wrong with it', async () => {
  const heard = heardBy(site);
  for (const xml of [
    ...errors,
    stanza('message', 'x@far.example', ' id="e"', error),
    stanza('message', '@@', ' id="e"', error),
  ]) {
    const peer = await site.openStream();
    peer.say(xml);
    await wait(10);
    peer.socket.destroy();
  }
  await site.onlyDelivered();
  assert.deepEqual(heard(), []);
});

test('answers, availability and headlines are not answered either', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  peer.say('<iq from="ann@out.example" to="nobody@in.example" type="result" id="x"/>');
  peer.say('<presence from="ann@out.example" to="nobody@in.example"/>');
  peer.say('<presence from="ann@out.example" to="nobody@in.example" type="unavailable"/>');
  peer.say(`<message from="ann@out.example" to="nobody@in.example" type="headline">${body('news')}</message>`);
  await site.onlyDelivered();
  assert.deepEqual(heard(), []);
  peer.socket.destroy();
});

test('forty thousand errors on one stream: not a word back, no memory, no delay for others', async () => {
  const heard = heardBy(site);
  const storm = errors.join('').repeat(10);
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 110; i++) {
        const peer = await site.openStream();
        peer.say(storm);
        await wait(5);
        peer.socket.end();
      }
    }),
  );
  await site.onlyDelivered();
  assert.deepEqual(heard(), []);
});
