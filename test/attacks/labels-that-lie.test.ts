// Security labels that say less than the text, more than the partner may, or something else to each who reads (XEP-0258).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type EssLabel, writeEssLabel } from '../../shared/content/markings/ess-label.ts';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, until } from '../pair/whole-site.ts';
import { body, heardBy, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack({ words: ['labels'] });
const { ann } = annAndBob(site);

const policy = '1.3.6.1.4.1.32473.1';
const official = { classification: 1 };
const secret = { classification: 4 };
const shown = (text: string) => `<displaymarking>${text}</displaymarking>`;
const bytes = (label: Partial<EssLabel>) => {
  const whole = { policy, classification: 1, privacyMark: '', categories: [], ...label };
  return Buffer.from(writeEssLabel(whole)).toString('base64');
};
const ess = (base64: string) => `<esssecuritylabel xmlns="urn:xmpp:sec-label:ess:0">${base64}</esssecuritylabel>`;
const primary = (label: Partial<EssLabel>) => `<label>${ess(bytes(label))}</label>`;
const equivalent = (label: Partial<EssLabel>) => `<equivalentlabel>${ess(bytes(label))}</equivalentlabel>`;
const labelled = (inside: string, ns = 'urn:xmpp:sec-label:0') =>
  `<securitylabel xmlns="${ns}">${inside}</securitylabel>`;
const plan = body('the plan');

const expected: string[] = [];

async function refused(inside: string, condition = 'policy-violation'): Promise<void> {
  const peer = await site.openStream();
  peer.say(message(inside, 'id="lie"'));
  const error = await ann.nextError({ within: 5_000 });
  assert.equal(error.error?.condition, condition, inside);
  assert.doesNotMatch(
    JSON.stringify(error),
    /MQ[A-Za-z0-9]|SECRET|OFFICIAL|displaymarking/,
    'nothing of it comes back',
  );
  await site.onlyDelivered(...expected);
  peer.socket.destroy();
}

test('a label that says less than the text, or more than the partner may have', async () => {
  await refused(`${body('UK SECRET\nthe plan')}${labelled(primary(official))}`);
  await refused(`${body('OFFICIAL-SENSITIVE: the plan')}${labelled(primary(official))}`);
  await refused(`${plan}<subject>UK SECRET</subject>${labelled(primary(official))}`);
  await refused(plan + labelled(primary(secret)));
});

test('a label that is shown as less than it is, or is less than it is shown', async () => {
  await refused(plan + labelled(shown('UK OFFICIAL') + primary(secret)));
  await refused(plan + labelled(shown('UK SECRET') + primary(official)));
  await refused(plan + labelled(shown('UK ЅECRET') + primary(official)));
  await refused(plan + labelled(`${shown('UK SECRET')}<label/>`));
  await refused(plan + labelled(primary(official) + equivalent(secret)));
});

test('a second label, one in disguise, and one where none belongs', async () => {
  const bad = 'bad-request';
  await refused(plan + labelled(primary(official)) + labelled(primary(secret)), bad);
  await refused(plan + labelled(primary(official) + primary(secret)), bad);
  await refused(plan + labelled(primary(official) + labelled(primary(secret))), bad);
  await refused(
    `${plan}<x:securitylabel xmlns:x="urn:xmpp:sec-label:0">${shown('UK OFFICIAL')}</x:securitylabel>`,
    bad,
  );
  await refused(plan + labelled(primary(secret), 'urn:xmpp:sec-label:1'));
  await refused(plan + labelled(primary(secret), 'jabber:server'));
  await refused(`${plan}${primary(secret).replace('<label>', '<label xmlns="urn:xmpp:sec-label:0">')}`);
  await refused(body(`the plan${labelled(primary(official))}`), bad);
});

test('words that nobody may say, in what is shown, in a privacy mark and in a category', async () => {
  await refused(plan + labelled(shown(dirtyWord) + primary(official)));
  await refused(plan + labelled(shown(`UK OFFICIAL ${dirtyWord}`) + primary(official)));
  await refused(plan + labelled(primary({ privacyMark: `ask the ${dirtyWord}` })));
  await refused(plan + labelled(primary({ privacyMark: 'read \u202eback' })), 'not-acceptable');
  const text = dirtyWord.toUpperCase();
  await refused(plan + labelled(primary({ categories: [{ type: `${policy}.1`, text }] })));
});

test('presence with a label is not answered, and what an error brings back is not looked at', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  const names = 'from="ann@out.example/desk" to="bob@in.example"';
  peer.say(`<presence ${names}><status>x</status>${labelled(primary(official))}</presence>`);
  peer.say(
    `<message ${names} type="error" id="none">${plan}${labelled(primary(secret))}<error type="cancel">` +
      '<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>',
  );
  await site.onlyDelivered(...expected);
  assert.ok(!heard().some((line) => /type="error"/.test(line)));
  peer.socket.destroy();
});

test('a label that is true arrives as its marking, and nothing that its sender wrote', async () => {
  const peer = await site.openStream();
  peer.say(message(plan + labelled(shown(' «official» ') + primary({ privacyMark: 'for the desk' }))));
  expected.push('[UK OFFICIAL – for the desk]\nthe plan');
  await site.onlyDelivered(...expected);
  peer.socket.destroy();
});

test('labels that cost as much as they can are refused one by one, and nobody else notices', async () => {
  const type = `${policy}.1`;
  const many = { categories: Array.from({ length: 32 }, (_, i) => ({ type, text: `A${i} ${'B '.repeat(10)}` })) };
  const nested = Buffer.concat([Buffer.from([0x31, 0x82, 0x0f, 0xfc]), Buffer.alloc(0xffc, 0x30)]).toString('base64');
  const costly = [
    labelled(primary(many) + equivalent(many).repeat(8)),
    labelled(`<label>${ess(nested)}</label>`),
    labelled(shown('('.repeat(100)) + primary(official)),
    labelled(shown('TLP '.repeat(50)) + primary(official)),
  ];
  const heard = heardBy(site);
  const peer = await site.openStream();
  await site.standsIt(300, async (i) => {
    peer.say(message(plan + (costly[i % costly.length] ?? ''), `id="many-${i}"`));
    if (i % 20 === 0) await wait(5);
  });
  await until(
    'all are refused',
    () => heard().filter((line) => /id="many-\d+".*<policy-violation/.test(line)).length >= 300,
    30_000,
  );
  await site.onlyDelivered(...expected);
  peer.socket.destroy();
});
