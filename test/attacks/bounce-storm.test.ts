// Messages that must bounce, from a server that bounces the bounces (invariants I5, I7; xmpp-boundary S7, S10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { dirtyWord } from '../lab/lab-rules.ts';
import { annAndBob, until } from '../pair/whole-site.ts';
import { body, heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const { ann } = annAndBob(site);
const aTime = 1_000;

test('each refused message is told once; the errors that come back for it are not answered', async () => {
  const heard = heardBy(site);
  let reflected = 0;
  let count = 0;
  const peer = await site.openStream();
  // The partner answers each of our errors with two of its own.
  const stop = ann.listen((stanza) => {
    if (stanza.type !== 'error') return;
    reflected += 1;
    const back = `<message from="${stanza.to}" to="${stanza.from}" type="error" id="${stanza.id}"><error type="cancel"/></message>`;
    peer.say(back + back);
  });
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = count; i < count + aTime; i++) {
        const [to, text] = i % 2 === 0 ? ['nobody@in.example', 'hello'] : ['bob@in.example', dirtyWord];
        peer.say(`<message from="ann@out.example/desk" to="${to}" id="b${i}">${body(text)}</message>`);
        if (i % 20 === 0) await wait(10);
      }
      count += aTime;
      await until('all are told', () => heard().filter((line) => / id="b\d/.test(line)).length >= count, 15_000);
    }),
  );
  await wait(300);
  stop();
  const ids = heard().flatMap((line) => / id="(b\d+)"/.exec(line)?.[1] ?? []);
  assert.equal(ids.length, count);
  assert.equal(new Set(ids).size, count);
  assert.equal(reflected, count);
  assert.ok(heard().every((line) => line.includes('type="error"') || line.includes('still serves')));
  peer.socket.destroy();
  await site.onlyDelivered();
});

test('unknown users and forbidden ones read alike, but for the incident', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  for (const to of ['nobody@in.example', 'x@in.example', 'root@in.example']) {
    peer.say(`<message from="ann@out.example/desk" to="${to}" id="same">${body('hello')}</message>`);
  }
  await until('three errors', () => heard().length === 3);
  const alike = heard().map((line) =>
    line.replace(/(?:nobody|x|root)@/g, 'USER@').replace(/[Ii]ncident [0-9a-f]+/, ''),
  );
  assert.equal(new Set(alike).size, 1, alike.join('\n'));
  assert.match(alike[0]!, /<service-unavailable/);
  peer.socket.destroy();
});
