// Where what is held meets its bounds, a policy that has changed, an audit that fails, or no quarantine at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../store/store.ts';
import { heldSite } from './held-site.fixtures.ts';
import { annToBob, between, packetFrom, policy, refusedWith, said, text, until } from './test-networks.ts';

test('a sender, a partner and a direction each have their bound, and nobody pushes out what another has', async (t) => {
  const { held, inward, outward, audit } = await (await heldSite(t, { atMostItems: 8, atMostPerSender: 2 })).start();
  const from = (name: string) => inward(packetFrom(`${name}@out.example`, 'bob@in.example', text('plans')));
  assert.deepEqual([said(await from('ann')), said(await from('amy'))], ['passed', 'passed']);
  assert.equal(said(await from('adam')), 'content-held', 'a quarter of the room is for one partner');
  assert.ok(audit.entries.some(({ note }) => note === 'the quarantine is full: so much of this partner is held'));
  const user = (i: number) => outward(packetFrom(`user${i}@in.example`, 'ann@out.example', text('plans')));
  assert.deepEqual(
    [said(await user(1)), said(await user(1)), said(await user(1))],
    ['passed', 'passed', 'content-held'],
  );
  assert.deepEqual(
    [said(await user(2)), said(await user(3)), said(await user(4))],
    ['passed', 'passed', 'content-held'],
  );
  assert.equal((await held.list()).length, 6);
});

test('without a quarantine what would be held is refused', async () => {
  const place = { keep: async () => 'kept' as const };
  const store: Store = {
    ...place,
    ...{ settle: async () => {}, unsettled: async () => [], lookUp: async () => undefined, close: async () => {} },
    counts: async () => ({ kept: 0, oldest: undefined }),
  };
  const { inward, broker } = between(store);
  assert.equal(said(await inward(annToBob('my plans'))), 'content-held');
  assert.equal(broker.held, undefined);
});

test('an audit that cannot be written: nothing is held, shown or released', async (t) => {
  const { held, inward, audit, sip } = await (await heldSite(t)).start();
  await inward(annToBob('my plans'));
  const [item] = await held.list();
  audit.failing = true;
  assert.equal(said(await inward(annToBob('more plans'))), 'internal-fault');
  assert.equal((await held.show(item!.id, 'by a')).done, false);
  assert.equal((await held.release(item!.id, 'by a')).done, false);
  assert.equal((await held.refuse(item!.id, 'by a')).done, false);
  assert.equal((await held.list()).length, 1);
  assert.deepEqual(sip.arrivals, []);
});

test('a release does not pass what has become forbidden since, and the operator reads why', async (t) => {
  const here = await heldSite(t);
  const first = await here.start();
  await first.inward(annToBob('my plans'));
  await first.stop();
  const second = await here.start();
  const partners = policy.partners;
  const [item] = await second.held.list();
  const entry = partners.get('out.example')!;
  const none = new Map([['out.example', { ...entry, mayTalk: () => false }]]);
  Object.assign(policy, { partners: none });
  t.after(() => Object.assign(policy, { partners }));
  const answer = await second.held.release(item!.id, 'by a');
  assert.ok(!answer.done && /not-permitted/.test(answer.why));
  assert.equal((await second.held.list()).length, 1);
});

test('a released packet that the far side refuses ends as any other: its sender gets the bounce', async (t) => {
  const { held, inward, xmpp, sip } = await (await heldSite(t)).start();
  sip.behave = () => refusedWith('far-away');
  await inward(annToBob('my plans'));
  const [item] = await held.list();
  await held.release(item!.id, 'by a');
  await until(() => xmpp.arrivals.some((arrival) => arrival.packet.content.kind === 'bounce'));
});

test('what was delivered before, under other rules, is not held when a cut link offers it again', async (t) => {
  const { held, inward, sip, broker } = await (await heldSite(t)).start();
  const packet = annToBob('harmless', 'first-id');
  assert.equal(said(await inward(packet)), 'passed');
  await until(() => sip.arrivals.length === 1 && broker.unsettled() === 0);
  const again = { ...packet, quarantine: { state: 'held', rule: 'R1', incident: 'x' } } as const;
  assert.equal(said(await inward(again)), 'passed');
  assert.deepEqual(await held.list(), []);
  assert.equal(sip.arrivals.length, 1);
});
