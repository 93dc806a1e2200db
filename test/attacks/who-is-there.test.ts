// A partner that wants to know who exists and who is at work, by presence, questions and receipts (I5, S15, trap j of §3.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { askControl } from '../../shared/control-socket.ts';
import { until } from '../pair/whole-site.ts';
import { heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const from = "from='ann@out.example/desk'";

/** Somebody who exists and may be talked to, and one who does not exist. */
const people = ['bob@in.example', 'nobody@in.example'];

const alike = (text: string, person: string) =>
  text.replaceAll(person, 'SOMEBODY').replaceAll(/incident [0-9a-f]{10}/gi, 'INCIDENT');

/** What the partner hears when it says this about that person, with the person's name and the number taken out. */
async function answersTo(say: (person: string) => string, person: string): Promise<readonly string[]> {
  const heard = heardBy(site);
  const peer = await site.openStream();
  peer.say(say(person));
  await wait(700);
  peer.socket.destroy();
  return heard().map((text) => alike(text, person));
}

const questions: readonly (readonly [string, (person: string) => string, number])[] = [
  ['a contact request', (to) => `<presence ${from} to='${to}' type='subscribe' id='1'/>`, 1],
  ['a probe', (to) => `<presence ${from} to='${to}' type='probe' id='1'/>`, 0],
  ['presence', (to) => `<presence ${from} to='${to}' id='1'/>`, 0],
  ['a granted request that nobody made', (to) => `<presence ${from} to='${to}' type='subscribed' id='1'/>`, 0],
  ['the end of a subscription', (to) => `<presence ${from} to='${to}' type='unsubscribe' id='1'/>`, 0],
  [
    'an error to presence',
    (to) => `<presence ${from} to='${to}' type='error' id='1'><error type='cancel'/></presence>`,
    0,
  ],
  ['a card', (to) => `<iq ${from} to='${to}' type='get' id='1'><vCard xmlns='vcard-temp'/></iq>`, 1],
  ['a ping', (to) => `<iq ${from} to='${to}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`, 1],
  [
    'what somebody can do',
    (to) => `<iq ${from} to='${to}/pc' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    1,
  ],
  [
    'since when somebody is away',
    (to) => `<iq ${from} to='${to}' type='get' id='1'><query xmlns='jabber:iq:last'/></iq>`,
    1,
  ],
  [
    'a receipt',
    (to) => `<message ${from} to='${to}' type='chat' id='1'><received xmlns='urn:xmpp:receipts' id='x'/></message>`,
    0,
  ],
];

for (const [what, say, answers] of questions) {
  test(`${what} is answered alike for somebody who is there and for nobody`, async () => {
    const [there, nobody] = await Promise.all(people.map((person) => answersToAlone(say, person)));
    assert.deepEqual(there, nobody);
    assert.equal(there?.length, answers, there?.join('\n'));
  });
}

// One after the other, or each would hear the other's answers.
let before: Promise<unknown> = Promise.resolve();
function answersToAlone(say: (person: string) => string, person: string): Promise<readonly string[]> {
  const mine = before.then(() => answersTo(say, person));
  before = mine.catch(() => {});
  return mine;
}

test('fifty thousand devices are remembered within the bounds, memory stays flat, and others go on', async () => {
  const peer = await site.openStream();
  const flood = async (round: number) => {
    for (let i = 0; i < 250; i++) {
      const some = Array.from(
        { length: 100 },
        (_, n) => `<presence from='ann@out.example/${round}-${i}-${n}-${'x'.repeat(100)}' to='bob@in.example'/>`,
      );
      peer.say(some.join(''));
      if (peer.socket.writableNeedDrain) await new Promise((resolve) => peer.socket.once('drain', resolve));
      await wait(5);
    }
  };
  await flood(1);
  await site.staysFlat(() => site.keepsAnswering(() => flood(2)));
  await site.stillServes();
  await until('they are counted', async () => {
    const said = JSON.stringify(await askControl(`${site.folder}/gateway.sock`, { ask: 'status' }));
    return said.includes('16 available');
  });
  peer.socket.destroy();
});
