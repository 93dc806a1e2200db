// A second text beside the one that is judged: another language, rich text, a quotation, a link (xmpp-boundary §2.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, until } from '../pair/whole-site.ts';
import { body, heardBy, message, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { ann } = annAndBob(site);

const refused = {
  'in another language': `${body('clean')}<body xml:lang="de">${dirtyWord}</body>`,
  'in the first of two languages': `<body xml:lang="de">${dirtyWord}</body>${body('clean')}`,
  'in the last of sixteen languages': `${Array.from({ length: 15 }, (_, i) => `<body xml:lang="x-${i}">clean</body>`).join('')}<body xml:lang="fi">${dirtyWord}</body>`,
  'in the subject': `${body('clean')}<subject>${dirtyWord}</subject>`,
  'in a subject of another language': `${body('clean')}<subject>clean</subject><subject xml:lang="de">${dirtyWord}</subject>`,
  'cut by CDATA': `<body>${dirtyWord.slice(0, 4)}<![CDATA[${dirtyWord.slice(4)}]]></body>`,
  'written as references': `<body>${[...dirtyWord].map((letter) => `&#${letter.charCodeAt(0)};`).join('')}</body>`,
};
for (const [where, inside] of Object.entries(refused)) {
  test(`a forbidden word ${where} is refused as content`, async () => {
    const peer = await site.openStream();
    peer.say(message(inside, 'id="hidden"'));
    const error = await ann.nextError({ within: 5_000 });
    assert.equal(error.error?.condition, 'policy-violation');
    assert.doesNotMatch(error.raw, new RegExp(dirtyWord));
    await site.onlyDelivered();
    peer.socket.destroy();
  });
}

const beside = {
  'rich text': `<html xmlns="http://jabber.org/protocol/xhtml-im"><body xmlns="http://www.w3.org/1999/xhtml">${dirtyWord}</body></html>`,
  'a link': `<x xmlns="jabber:x:oob"><url>https://${dirtyWord}.example</url></x>`,
  'a forwarded message': `<forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:client"><body>${dirtyWord}</body></message></forwarded>`,
  'a carbon copy': `<sent xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:server" from="bob@in.example"><body>${dirtyWord}</body></message></forwarded></sent>`,
  'a form': `<x xmlns="jabber:x:data"><field var="x"><value>${dirtyWord}</value></field></x>`,
  'real-time text': `<rtt xmlns="urn:xmpp:rtt:0"><t>${dirtyWord}</t></rtt>`,
  'a reaction': `<reactions xmlns="urn:xmpp:reactions:0" id="x"><reaction>${dirtyWord}</reaction></reactions>`,
  'an element that nobody knows': `<body xmlns="urn:x">${dirtyWord}</body>`,
};
for (const [what, inside] of Object.entries(beside)) {
  test(`${what} beside a body is judged with it or taken out: nobody is shown it`, async () => {
    const peer = await site.openStream();
    peer.say(message(body(`plain, beside ${what}`) + inside));
    await site.stillServes();
    peer.socket.destroy();
    for (const text of site.delivered()) assert.match(text, /^plain, beside /);
    for (const { text } of site.neighbours.frontEnd().log()) assert.doesNotMatch(text, new RegExp(dirtyWord));
  });
}

test('elements inside of a body, and two bodies of one language, are no message', async () => {
  const before = site.delivered().length;
  const heard = heardBy(site);
  for (const inside of [`<body>clean<b>${dirtyWord}</b></body>`, body('one') + body('two'), `${body('x')}loose text`]) {
    const peer = await site.openStream();
    peer.say(message(inside, 'id="broken"'));
    await site.stillServes();
    peer.socket.destroy();
  }
  await until('three errors', () => heard().filter((line) => /id="broken".*<bad-request/.test(line)).length === 3);
  assert.equal(site.delivered().length, before);
});

test('six hundred hidden texts later nobody was shown one, and nobody else has waited', async () => {
  const before = site.delivered().length;
  const heard = heardBy(site);
  const peer = await site.openStream();
  const all = Object.values(refused);
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
