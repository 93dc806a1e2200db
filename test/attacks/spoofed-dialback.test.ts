// Somebody says to be a domain that dialback proves, and would like to be the one who is asked (XEP-0220; xmpp-boundary D4,
// D5, D10, S1, S3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../pair/whole-site.ts';
import { refusedWith } from './site-under-attack.ts';
import { forged, result, startWeakSite } from './weak-partner.ts';

const site = await startWeakSite();

test('a key that the real server does not know: invalid, closed, audited, and nothing of it arrives', async () => {
  site.decisions.mark();
  const eve = await site.knock();
  eve.say(result('made-up') + forged);
  const words = await eve.hear('</stream:stream>');
  assert.match(words, /<db:result from="in.example" to="weak.example" type="invalid"\/>/);
  eve.socket.destroy();
  await site.decisions.await({ by: 'proxy', event: 'stream-refused', code: 'dialback-refused', from: 'weak.example' });
  await site.onlyDelivered();
});

test('a partner that certificates prove is not to be had by dialback, and its server is not asked', async () => {
  const before = site.neighbours.partners.get('out.example')!.log().length;
  const eve = await site.knock();
  eve.say(result('k', 'out.example'));
  assert.match(await eve.hear('</db:result>'), /<policy-violation /);
  eve.say('<message from="ann@out.example" to="bob@in.example"><body>forged</body></message>');
  await refusedWith(eve, 'not-authorized');
  assert.equal(site.neighbours.partners.get('out.example')!.log().length, before);
  await site.onlyDelivered();
});

test('answers of its own, in every shape and place, prove nothing', async () => {
  for (const type of ['valid', 'invalid', 'error']) {
    for (const name of ['result', 'verify']) {
      const eve = await site.knock();
      const answer = `<db:${name} from="weak.example" to="in.example" id="${eve.id}" type="${type}"/>`;
      eve.say(answer + answer + forged);
      await refusedWith(eve, 'not-authorized');
    }
  }
  const eve = await site.knock();
  eve.say(`<db:verify from="in.example" to="weak.example" id="${eve.id}" type="valid"/>`.repeat(3));
  await refusedWith(eve, 'policy-violation');
  await site.onlyDelivered();
});

test('its own server is believed for its own stream, and the right key opens it: the site is no brick', async () => {
  const real = await site.knock();
  real.say(result(site.weak.keyFor('in.example', 'weak.example', real.id)));
  await real.hear('<db:result from="in.example" to="weak.example" type="valid"/>');
  real.say('<message from="wendy@weak.example" to="bob@in.example" type="chat"><body>real</body></message>');
  await until('the real one arrives', () => site.delivered().includes('real'));
  await site.onlyDelivered('real');
  real.say('<message from="ann@out.example" to="bob@in.example"><body>forged</body></message>');
  await refusedWith(real, 'invalid-from');
  await site.onlyDelivered('real');
});
