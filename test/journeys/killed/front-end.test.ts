// The Skype front end goes down in the middle of traffic inward, twice, and comes back without its dialogs: nothing is
// lost, and what may have been shown before says so.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Site, startSite } from '../site-under-test.ts';
import { inWords, numberIn, openTally } from './tally.ts';

const perPair = 60;
const paceMs = 40;
const outsiders = ['ann@out.example', 'amy@out.example', 'zoe@far.example'];
const insiders = ['bob@in.example', 'carol@in.example', 'heidi@hq.example'];
const pairs = outsiders.flatMap((outsider) => insiders.map((insider) => ({ outsider, insider })));

let site: Site;
before(async () => {
  site = await startSite();
});
after(() => site.stop());

test('every message ends delivered or refused to its sender, and repeated ones are marked', async (t) => {
  const tally = openTally();
  const listen = () => {
    site.frontEnd().delayAnswers(20);
    for (const address of insiders) {
      site.insider(address).listen((item) => {
        const got = item.kind === 'message' ? numberIn(item.text) : undefined;
        if (got !== undefined) tally.delivered(got.number, got.marked);
      });
    }
  };
  listen();
  for (const address of outsiders) {
    site.outsider(address).listen(({ id, error }) => {
      if (error !== undefined) tally.refused(Number(id));
    });
  }
  let number = 0;
  const sendAll = pairs.map(async ({ outsider, insider }) => {
    for (let i = 0; i < perPair; i++) {
      const mine = ++number;
      tally.said(mine);
      await site.outsider(outsider).send(insider, `number ${mine}`, { id: String(mine) });
      await pause(paceMs);
    }
  });
  const restartTwice = async () => {
    for (const ms of [400, 700]) {
      await pause(ms);
      await site.frontEndGoes();
      await pause(200);
      await site.frontEndComes();
      listen();
    }
  };
  await Promise.all([...sendAll, restartTwice()]);
  await tally.settled(25_000);
  await pause(500);
  const count = tally.count();
  t.diagnostic(inWords(count));
  assert.equal(count.said, pairs.length * perPair);
  assert.deepEqual(count.lost, []);
  assert.deepEqual(count.doubled, []);
});
