// The proxy is killed (SIGKILL) while Skype users write outward, twice, and started again: nothing is lost, and what may
// have come before carries the time when it was first said (architecture §4.1 points 2 and 4, XEP-0203).
// Inward a partner without XEP-0198 has no way to learn that a stanza died with the proxy; that limit is stated (point 8).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Site, startSite } from '../site-under-test.ts';
import { inWords, numberIn, openTally } from './tally.ts';

const perPair = 60;
const paceMs = 15;
const outsiders = ['ann@out.example', 'amy@out.example', 'zoe@far.example'];
const insiders = ['bob@in.example', 'carol@in.example', 'heidi@hq.example'];
const pairs = outsiders.flatMap((outsider) => insiders.map((insider) => ({ outsider, insider })));

let site: Site;
before(async () => {
  site = await startSite();
});
after(() => site.stop());

test('outward, every message arrives or its writer is told, and repeated ones are marked', async (t) => {
  const tally = openTally();
  let toldLater = 0;
  const ids = new Map<number, Set<string>>();
  for (const address of outsiders) {
    site.outsider(address).listen(({ id, body, delay }) => {
      const got = numberIn(body ?? '');
      if (got === undefined) return;
      tally.delivered(got.number, delay !== undefined);
      ids.set(got.number, (ids.get(got.number) ?? new Set()).add(id));
    });
  }
  for (const address of insiders) {
    site.insider(address).listen((item) => {
      if (item.kind === 'message' && item.text.includes('Your message was not delivered')) toldLater += 1;
    });
  }
  let number = 0;
  const sayAll = pairs.map(async ({ outsider, insider }) => {
    for (let i = 0; i < perPair; i++) {
      const mine = ++number;
      tally.said(mine);
      const { status } = await site.insider(insider).say(outsider, `number ${mine}`);
      if (status !== 200) tally.refused(mine);
      await pause(paceMs);
    }
  });
  const killTwice = async () => {
    for (const ms of [250, 700]) {
      await pause(ms);
      // The partners stop reading, so that much is written and not yet known to have arrived.
      for (const { domain } of site.lab.partners) site.partner(domain).pause();
      await pause(150);
      await site.pair.end('proxy', 'SIGKILL');
      for (const { domain } of site.lab.partners) site.partner(domain).resume();
      await pause(200);
      await site.pair.start('proxy');
    }
  };
  await Promise.all([...sayAll, killTwice()]);
  await tally.settled(25_000);
  await pause(1_000);
  const count = tally.count();
  t.diagnostic(`${inWords(count)}; ${toldLater} told later`);
  assert.equal(count.said, pairs.length * perPair);
  assert.ok(count.lost.length <= toldLater, `lost: ${count.lost.join(', ')}`);
  assert.deepEqual(count.doubled, []);
  const renamed = [...ids].filter(([, names]) => names.size > 1).map(([which]) => which);
  assert.deepEqual(renamed, [], 'a repeated message keeps its first id');
});
