// The gateway is killed (SIGKILL) in the middle of traffic both ways, twice, and started again: nothing is lost (I1).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { SipAnswer } from '../../fakes/skype-front-end/requests.ts';
import { type Site, startSite } from '../site-under-test.ts';
import { inWords, numberIn, openTally } from './tally.ts';

const perPair = 60;
const paceMs = 15;
const killAfterMs = [250, 700];
const outsiders = ['ann@out.example', 'amy@out.example', 'zoe@far.example'];
const insiders = ['bob@in.example', 'carol@in.example', 'heidi@hq.example'];
const pairs = outsiders.flatMap((outsider) => insiders.map((insider) => ({ outsider, insider })));

let site: Site;
before(async () => {
  site = await startSite();
  // So that at any moment messages wait for the answer of a client.
  site.frontEnd().delayAnswers(20);
});
after(() => site.stop());

async function killTwice(): Promise<void> {
  for (const ms of killAfterMs) {
    await pause(ms);
    // The partners stop reading, so that much is written outward and not yet known to have arrived.
    for (const { domain } of site.lab.partners) site.partner(domain).pause();
    await pause(150);
    await site.pair.end('gateway', 'SIGKILL');
    for (const { domain } of site.lab.partners) site.partner(domain).resume();
    await pause(200);
    await site.pair.start('gateway');
  }
}

/** A client that finds no gateway waits a moment; what it then says is said for the first time. */
async function sayWhenReached(insider: string, outsider: string, text: string): Promise<SipAnswer> {
  for (;;) {
    const answer = await site.insider(insider).say(outsider, text);
    if (answer.reason !== 'The gateway could not be reached') return answer;
    await pause(100);
  }
}

test('inward, every message ends delivered or refused to its sender, and repeated ones are marked', async (t) => {
  const tally = openTally();
  for (const address of insiders) {
    site.insider(address).listen((item) => {
      const got = item.kind === 'message' ? numberIn(item.text) : undefined;
      if (got !== undefined) tally.delivered(got.number, got.marked);
    });
  }
  const reasons = new Set<string>();
  const stops = outsiders.map((address) =>
    site.outsider(address).listen(({ id, error }) => {
      if (error === undefined) return;
      tally.refused(Number(id));
      reasons.add(error.condition);
    }),
  );
  let number = 0;
  const sendAll = pairs.map(async ({ outsider, insider }) => {
    for (let i = 0; i < perPair; i++) {
      const mine = ++number;
      tally.said(mine);
      await site.outsider(outsider).send(insider, `number ${mine}`, { id: String(mine) });
      await pause(paceMs * 3);
    }
  });
  await Promise.all([...sendAll, killTwice()]);
  await tally.settled(25_000);
  await pause(500);
  const count = tally.count();
  t.diagnostic(`${inWords(count)} ${[...reasons].join(', ')}`);
  for (const stop of stops) stop();
  for (const address of insiders) site.insider(address).listen(undefined);
  assert.equal(count.said, pairs.length * perPair);
  assert.deepEqual(count.lost, []);
  assert.deepEqual(count.doubled, []);
  // What the new process took over still counts at the bounds of both sides: nobody is refused for a full queue.
  assert.ok(!reasons.has('resource-constraint'));
});

test('outward, every message that was answered 200 arrives or its writer is told, and repeated ones are marked', async (t) => {
  const tally = openTally();
  const reasons = new Map<string, number>();
  let toldLater = 0;
  const stops = outsiders.map((address) =>
    site.outsider(address).listen(({ body, delay }) => {
      const got = numberIn(body ?? '');
      if (got !== undefined) tally.delivered(got.number, delay !== undefined);
    }),
  );
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
      const { status, reason } = await sayWhenReached(insider, outsider, `number ${mine}`);
      if (status !== 200) {
        tally.refused(mine);
        reasons.set(`${status} ${reason}`, (reasons.get(`${status} ${reason}`) ?? 0) + 1);
      }
      await pause(paceMs);
    }
  });
  await Promise.all([...sayAll, killTwice()]);
  await tally.settled(25_000);
  await pause(500);
  const count = tally.count();
  t.diagnostic(
    `${inWords(count)}; ${toldLater} told later; ${[...reasons].map(([why, times]) => `${times} × ${why}`).join(', ')}`,
  );
  for (const stop of stops) stop();
  // A text that tells of a failure does not say of which message, so they are counted.
  assert.ok(count.lost.length <= toldLater, `lost: ${count.lost.join(', ')}`);
  assert.deepEqual(count.doubled, []);
});
