// Invariant I10: a pair that floods a slow user is not read on, its partner's socket feels it, and others do not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite();
});
after(() => site.stop());

const admitted = () => site.decisions.all().filter((each) => each.by === 'proxy' && each.event === 'admitted').length;

test('while Bob’s client takes its time, no more than 32 of Ann’s messages are under way, and all arrive in the end', async () => {
  const { ann, bob } = annAndBob(site);
  site.neighbours.frontEnd().delayAnswers(1_500);
  const total = 120;
  for (let i = 0; i < total; i++) void ann.send(bob.address, `flood ${i}`);
  await until('the proxy holds the stream', () => admitted() >= 32);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.ok(admitted() <= 36, `${admitted()} were admitted`);

  // Another partner is not held by that.
  const zoe = [...site.neighbours.partners.values()][1]?.user(site.lab.partners[1]?.users[0] ?? '');
  const carol = site.neighbours.frontEnd().user(site.lab.internalUsers[1] ?? '');
  assert.ok(zoe);
  const before = Date.now();
  await zoe.send(carol.address, 'meanwhile');
  await carol.nextMessage({ within: 10_000, from: zoe.address });
  assert.ok(Date.now() - before < 6_000, 'two answers of a slow client, not a queue of others');

  site.neighbours.frontEnd().delayAnswers(0);
  for (let i = 0; i < total; i++) {
    const got = await bob.nextMessage({ within: 20_000, from: ann.address });
    assert.equal(got.text, `flood ${i}`);
  }
});
