// End-to-end encryption, which hides from every judgement: refused with a readable error (xmpp-boundary §2.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { annAndBob, until } from '../pair/whole-site.ts';
import { body, heardBy, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { ann, bob } = annAndBob(site);

const encrypted = {
  'OMEMO 0.3': '<encrypted xmlns="eu.siacs.conversations.axolotl"><header sid="1"/><payload>AAAA</payload></encrypted>',
  'OMEMO 0.8': '<encrypted xmlns="urn:xmpp:omemo:2"><payload>AAAA</payload></encrypted>',
  'OpenPGP (XEP-0373)': '<openpgp xmlns="urn:xmpp:openpgp:0">AAAA</openpgp>',
  'OpenPGP (XEP-0027)': '<x xmlns="jabber:x:encrypted">AAAA</x>',
  'a signature (XEP-0027)': '<x xmlns="jabber:x:signed">AAAA</x>',
  'a hint of encryption (XEP-0380)': '<encryption xmlns="urn:xmpp:eme:0" namespace="urn:xmpp:otr:0"/>',
};
const otr = [
  '?OTRv23?',
  '?OTR:AAMC',
  '  ?OTR?v2?',
  '?OTR|deadbeef|1,2,AAAA,',
  'hello ?OTR:AAMD',
  '?OTR,1,3,AAAA,',
  '\n?OTR Error: x',
];

async function refused(inside: string): Promise<void> {
  const peer = await site.openStream();
  peer.say(message(inside, 'id="secret"'));
  const error = await ann.nextError({ within: 5_000 });
  assert.equal(error.error?.condition, 'policy-violation');
  assert.match(error.error?.text ?? '', /End-to-end encryption is not permitted/);
  await site.onlyDelivered();
  peer.socket.destroy();
}

for (const [what, inside] of Object.entries(encrypted)) {
  test(`${what} is refused, also beside a plain body`, async () => {
    await refused(inside);
    await refused(body('I sent you an encrypted message') + inside);
  });
}

test('OTR is refused wherever in a text it stands, in every language and in the subject', async () => {
  for (const text of otr) await refused(body(text));
  await refused(`${body('clean')}<body xml:lang="de">?OTR:AAMC</body>`);
  await refused(`${body('clean')}<subject>?OTR:AAMC</subject>`);
});

test('who writes about it may', async () => {
  const peer = await site.openStream();
  peer.say(message(body('Do you use OTR? Or OMEMO?')));
  await site.onlyDelivered('Do you use OTR? Or OMEMO?');
  peer.socket.destroy();
});

test('the white space by which OTR offers itself is taken out', async () => {
  const peer = await site.openStream();
  peer.say(message(body('hello \t  \t\t\t\t \t \t \t    \t\t  \t ')));
  await site.stillServes();
  assert.ok(!site.delivered().some((text) => text.includes('\t\t\t\t')));
  assert.ok(site.delivered().some((text) => text.startsWith('hello')));
  peer.socket.destroy();
  assert.ok(bob.received().length > 0);
});

test('six hundred encrypted messages are refused one by one, and nobody else notices', async () => {
  const before = site.delivered().length;
  const heard = heardBy(site);
  const peer = await site.openStream();
  const all = [...Object.values(encrypted), ...otr.map((text) => body(text))];
  await site.standsIt(600, async (i) => {
    peer.say(message(all[i % all.length] ?? '', `id="many-${i}"`));
    if (i % 20 === 0) await wait(5);
  });
  await until(
    'all are refused',
    () => heard().filter((line) => /id="many-\d+".*<policy-violation/.test(line)).length === 600,
  );
  assert.equal(site.delivered().length, before);
  peer.socket.destroy();
});
