// Messages under made-up names, each of which is within its own limit (spim; xmpp-boundary L7, invariant I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { usualRates } from '../../shared/policy/rate-schema.ts';
import { until } from '../pair/whole-site.ts';
import { body, heardBy, playedOnce, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack({ rates: usualRates });
const tooFast = /resource-constraint.*<too-many-stanzas xmlns="urn:xmpp:errors"\/>/;
const by = (sender: string, to: string, id: string) =>
  `<message from="${sender}@out.example/x" to="${to}@in.example" type="chat" id="${id}">${body(id)}</message>`;

test('one person who writes without end is refused alone; another one of that server on that stream is not', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  for (let i = 0; i < 200; i++) peer.say(by('robot', 'dave', `one-${i}`));
  await until('the rest is refused', () => heard().length >= 130);
  const refused = heard().filter((line) => line.includes('robot@'));
  assert.ok(refused.length >= 130 && refused.length <= 140, `${refused.length} of 200 were refused, 60 are a burst`);
  for (const line of refused) assert.match(line, tooFast);
  peer.say(by('amy', 'dave', 'from-amy'));
  await until('Amy is heard', () => site.delivered().includes('from-amy'));
  assert.equal(peer.isClosed(), false);
  peer.socket.destroy();
});

test('six thousand names that write to one person: no more than the agreed rate arrives, nothing grows, and nobody else waits', async () => {
  const heard = heardBy(site);
  // What the first test said may still be on its way.
  const arrivals = () => site.delivered().filter((text) => text.includes('flood-')).length;
  const since = Date.now();
  const streams = await Promise.all([1, 2, 3].map(() => site.openStream()));
  let sent = 0;
  const flood = async () => {
    for (let round = 0; round < 40; round++) {
      for (const peer of streams) {
        const many = Array.from({ length: 50 }, () => by(`bot${++sent}`, 'dave', `flood-${sent}`));
        peer.say(many.join(''));
      }
      await wait(20);
    }
    await until('all are judged', () => heard().length + arrivals() >= sent, 60_000);
  };
  await site.staysFlat(() => site.keepsAnswering(flood, 1), playedOnce);
  assert.equal(sent, 6_000);
  const seconds = (Date.now() - since) / 1000;
  const arrived = arrivals();
  // A burst of 120 and four a second; the first test has used up part of it.
  assert.ok(arrived <= 120 + 4 * seconds + 1, `${arrived} arrived in ${seconds} s`);
  const refused = heard().filter((line) => line.includes('bot'));
  assert.equal(refused.length + arrived, sent, 'each has one end');
  for (const line of refused) assert.match(line, tooFast);
  for (const peer of streams) peer.socket.destroy();
});

test('a stream that is faster than agreed is read slower: nobody is refused, and another partner does not feel it', async () => {
  const peer = await site.openStream();
  const ping = (i: number) =>
    `<iq from="ann@out.example/x" to="in.example" type="get" id="p${i}"><ping xmlns="urn:xmpp:ping"/></iq>`;
  const heard = heardBy(site);
  const pongs = () => heard().filter((line) => / id="p\d+"/.test(line) && line.includes('type="result"')).length;
  await site.staysFlat(
    () =>
      site.keepsAnswering(async () => {
        const since = Date.now();
        peer.say(Array.from({ length: 1_600 }, (_, i) => ping(i)).join(''));
        await until('all are answered', () => pongs() >= 1_600, 30_000);
        // 800 at once, 200 a second.
        assert.ok(Date.now() - since >= 3_500, `${Date.now() - since} ms`);
      }, 1),
    playedOnce,
  );
  assert.equal(peer.isClosed(), false);
  peer.socket.destroy();
});

test('Ann, who was no part of it, reaches Bob', async () => {
  await site.stillServes();
});
