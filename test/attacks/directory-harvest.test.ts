// Who of a list of names exists inside? A partner asks by writing to all of them (S7, S15, L7; invariant I5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { usualRates } from '../../shared/policy/rate-schema.ts';
import { until } from '../pair/whole-site.ts';
import { body, heardBy, playedOnce, type SiteUnderAttack, startUnderAttack } from './site-under-attack.ts';

const partner = {
  ...{ newContacts: { perMinute: 60, burst: 100 }, unknownRecipients: { perMinute: 6, burst: 50 } },
};
const site = await startUnderAttack({ rates: { ...usualRates, partner } });
const ask = (sender: string, to: string, id: string) =>
  `<message from="${sender}@out.example/x" to="${to}@in.example" type="chat" id="${id}">${body(id)}</message>`;

/** What each question was answered: the condition, or `arrived`. */
function answers(site: SiteUnderAttack) {
  const heard = heardBy(site);
  const known = new Map<string, string>();
  let read = 0;
  return (id: string): string | undefined => {
    const told = known.get(id);
    if (told !== undefined) return told;
    const lines = heard();
    for (; read < lines.length; read++) {
      const line = lines[read] ?? '';
      const condition = /<error [^>]*><([a-z-]+) /.exec(line)?.[1] ?? 'another answer';
      known.set(/ id="([^"]*)"/.exec(line)?.[1] ?? '', condition);
    }
    return known.get(id) ?? (site.delivered().includes(id) ? 'arrived' : undefined);
  };
}

async function all(answer: (id: string) => string | undefined, ids: readonly string[]): Promise<string[]> {
  const open = new Set(ids);
  await until(
    'all are answered',
    () => {
      for (const id of open)
        if (answer(id) === undefined) return false;
        else open.delete(id);
      return true;
    },
    30_000,
  );
  return ids.map((id) => answer(id) ?? '');
}

const count = (answers: readonly string[], what: string) => answers.filter((each) => each === what).length;

test('one at a time: after ten wrong guesses those who exist and those who do not are told alike', async () => {
  const answer = answers(site);
  const peer = await site.openStream();
  peer.say(ask('spy', 'bob', 'hello-bob'));
  await all(answer, ['hello-bob']);
  const said: string[] = [];
  for (let i = 0; i < 16; i++) {
    peer.say(ask('spy', `guess${i}`, `guess-${i}`));
    said.push(...(await all(answer, [`guess-${i}`])));
  }
  assert.deepEqual(
    [count(said, 'service-unavailable'), count(said, 'resource-constraint'), said.at(-1)],
    [10, 6, 'resource-constraint'],
  );
  // Carol exists and nobody@ does not. Bob is known already.
  for (const to of ['carol', 'nobody', 'bob']) peer.say(ask('spy', to, `again-${to}`));
  assert.deepEqual(await all(answer, ['again-carol', 'again-nobody', 'again-bob']), [
    'resource-constraint',
    'resource-constraint',
    'arrived',
  ]);
  const words = heardWords('again-carol', 'carol');
  assert.equal(words, heardWords('again-nobody', 'nobody'), 'but for the incident they read alike');
  peer.socket.destroy();
});

/** The error for this question, without what differs by right. */
function heardWords(id: string, name: string): string {
  const { log } = site.neighbours.partners.get('out.example')!;
  const line = log().find((each) => each.startsWith('<') && each.includes(` id="${id}"`)) ?? '';
  assert.notEqual(line, '');
  return line
    .replaceAll(id, 'ID')
    .replaceAll(name, 'NAME')
    .replace(/ncident [0-9a-f]+/, '');
}

test('a thousand in half a second: only the burst of new contacts gets an answer', async () => {
  const answer = answers(site);
  const peer = await site.openStream();
  const ids = Array.from({ length: 1_000 }, (_, i) => `bulk-${i}`);
  await site.staysFlat(
    () =>
      site.keepsAnswering(async () => {
        for (let at = 0; at < ids.length; at += 50) {
          const some = ids.slice(at, at + 50);
          peer.say(some.map((id, i) => ask('bulk', at + i === 500 ? 'carol' : `name${at + i}`, id)).join(''));
          await wait(20);
        }
        await all(answer, ids);
      }, 1),
    playedOnce,
  );
  const said = await all(answer, ids);
  assert.ok(count(said, 'service-unavailable') <= 32, `${count(said, 'service-unavailable')} guesses were answered`);
  assert.equal(answer('bulk-500'), 'resource-constraint', 'Carol, who exists, is told like the others');
  peer.socket.destroy();
});

test('under a new name for each guess it is the partner’s own limit that holds, and old friends still talk', async () => {
  const answer = answers(site);
  const peer = await site.openStream();
  const ids = Array.from({ length: 600 }, (_, i) => `mask-${i}`);
  peer.say(ids.map((id, i) => ask(`mask${i}`, `person${i}`, id)).join(''));
  const said = await all(answer, ids);
  const answered = count(said, 'service-unavailable');
  assert.ok(answered <= 100, `${answered} guesses were answered`);
  assert.equal(count(said, 'resource-constraint'), 600 - answered);
  peer.say(ask('spy', 'bob', 'old-friend'));
  assert.deepEqual(await all(answer, ['old-friend']), ['arrived']);
  await site.stillServes();
  peer.socket.destroy();
});

test('typing and errors ask without being answered, whoever they are for', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  for (let i = 0; i < 100; i++) {
    const head = `from="quiet@out.example/x" to="${i % 2 === 0 ? 'carol' : `q${i}`}@in.example"`;
    peer.say(`<message ${head} type="chat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`);
    peer.say(`<message ${head} type="error" id="e${i}"><error type="cancel"/></message>`);
  }
  await site.stillServes();
  assert.deepEqual(
    heard().filter((line) => line.includes('quiet@')),
    [],
  );
  peer.socket.destroy();
});
