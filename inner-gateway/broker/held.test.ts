// What content rules hold: never delivered unless an operator says so, never lost, never twice, and its sender is told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Packet } from '@sallyport/shared/packet.ts';
import { heldSite } from './held-site.fixtures.ts';
import { annToBob, bobToAnn, bodyOf, packetFrom, said, text, until } from './test-networks.ts';

const day = 86_400_000;

test('what a rule inside holds is taken, held, shown to an operator, and delivered with its time when released', async (t) => {
  const { held, outward, xmpp, audit } = await (await heldSite(t)).start();
  const packet = bobToAnn('the plans are ready');
  const acceptance = await outward(packet);
  assert.equal(said(acceptance), 'passed');
  assert.deepEqual(acceptance.passed && (await acceptance.news(1_000)), { state: 'kept' });
  const [item] = await held.list();
  assert.ok(item);
  assert.equal((await held.list()).length, 1);
  assert.deepEqual(
    [item.from, item.to, item.direction, item.rule, item.packet],
    ['bob@in.example', 'ann@out.example', 'outward', 'hold-plans', packet.id],
  );
  assert.ok(!JSON.stringify(item).includes('ready'), 'a list says nothing of what it says');
  const shown = await held.show(item.id, 'by a.smith');
  assert.ok(shown.done && bodyOf(shown.packet) === 'the plans are ready');
  assert.deepEqual(await held.release(item.id, 'by a.smith'), { done: true });
  await until(() =>
    xmpp.arrivals.some((arrival) => arrival.packet.content.kind === 'message' && bodyOf(arrival.packet) !== 'no plans'),
  );
  const released = xmpp.arrivals.find((arrival) => bodyOf(arrival.packet) === 'the plans are ready')!.packet;
  assert.deepEqual([released.at, released.delayed], [packet.at, true]);
  assert.deepEqual(released.quarantine, { state: 'released', incident: item.id });
  assert.deepEqual(await held.list(), []);
  const told = audit.entries.filter(({ incident }) => incident === item.id).map(({ event, note }) => [event, note]);
  assert.deepEqual(told, [
    ['held', undefined],
    ['held-shown', 'by a.smith'],
    ['held-released', 'by a.smith'],
    ['accepted', 'released from the quarantine'],
  ]);
  assert.match(String((await held.release(item.id, 'by a.smith')).done), /false/);
});

test('what the proxy has marked is held, if its people may talk at all; strangers are refused as ever', async (t) => {
  const { held, inward, sip } = await (await heldSite(t)).start();
  const mark = { quarantine: { state: 'held', rule: 'R1', incident: 'abc' } } as const;
  const marked = (packet: Packet): Packet => ({ ...packet, ...mark });
  assert.equal(said(await inward(marked(annToBob('harmless')))), 'passed');
  const stranger = packetFrom('mallory@out.example', 'bob@in.example', text('x'));
  assert.equal(said(await inward(marked(stranger))), 'not-permitted');
  assert.equal(
    said(await inward(marked(packetFrom('eve@in.example', 'bob@in.example', text('x'))))),
    'origin-disbelieved',
  );
  assert.equal(
    said(await inward(marked(annToBob('a curse')))),
    'content-refused',
    'what is blocked inside is not held',
  );
  const typing = packetFrom('ann@out.example', 'bob@in.example', { kind: 'chat-state', state: 'composing' });
  assert.equal(said(await inward(marked(typing))), 'content-held');
  const items = await held.list();
  assert.deepEqual(
    items.map(({ rule, from }) => [rule, from]),
    [['R1', 'ann@out.example']],
  );
  assert.deepEqual(sip.arrivals, []);
});

test('its sender reads the words of the policy while it is held, and the same packet again tells nothing again', async (t) => {
  const { held, inward, xmpp } = await (await heldSite(t)).start();
  const packet = annToBob('my plans');
  await inward(packet);
  await inward(packet);
  await until(() => xmpp.arrivals.length > 0);
  assert.equal((await held.list()).length, 1);
  assert.deepEqual(
    xmpp.arrivals.map((arrival) => [arrival.packet.from.bare, arrival.packet.to.bare, bodyOf(arrival.packet)]),
    [['bob@in.example', 'ann@out.example', 'no plans']],
  );
});

test('refused by an operator: its sender gets one bounce, with the incident, and nothing is delivered', async (t) => {
  const { held, inward, xmpp, sip, audit } = await (await heldSite(t)).start();
  const packet = annToBob('my plans');
  await inward(packet);
  const [item] = await held.list();
  const answers = await Promise.all([held.refuse(item!.id, 'by b'), held.refuse(item!.id, 'by c')]);
  assert.deepEqual(answers.map(({ done }) => done).sort(), [false, true], 'two operators at once end it once');
  const bounces = () => xmpp.arrivals.filter((arrival) => arrival.packet.content.kind === 'bounce');
  await until(() => bounces().length > 0);
  assert.equal(bounces().length, 1);
  const { content } = bounces()[0]!.packet;
  assert.ok(content.kind === 'bounce' && content.ofId === packet.stanzaId && content.incident === item!.id);
  assert.deepEqual(sip.arrivals, []);
  assert.deepEqual(await held.list(), []);
  assert.ok(audit.entries.some(({ event, note }) => event === 'held-refused' && note === 'by b'));
});

test('held for too long, it ends by itself: a bounce, a line in the audit, and its text is gone from the disk', async (t) => {
  const here = await heldSite(t);
  const { held, inward, xmpp, audit, stop } = await here.start();
  await inward(annToBob('my plans for the xylophone'));
  here.pass(7 * day - 60_000);
  await held.sweep();
  assert.equal((await held.list()).length, 1);
  here.pass(120_000);
  await held.sweep();
  assert.deepEqual(await held.list(), []);
  await until(() => xmpp.arrivals.some((arrival) => arrival.packet.content.kind === 'bounce'));
  assert.equal(audit.entries.filter(({ event }) => event === 'held-expired').length, 1);
  await stop();
  assert.ok(!readFileSync(join(here.folder, 'held')).includes('xylophone'));
});

test('it outlives the process, and is released by the next one', async (t) => {
  const here = await heldSite(t);
  const first = await here.start();
  await first.inward(annToBob('my plans'));
  await first.stop();
  assert.ok(!readFileSync(join(here.folder, 'held')).includes('my plans'), 'what is held is sealed');
  const { held, sip } = await here.start();
  const [item] = await held.list();
  assert.deepEqual(await held.release(item!.id, 'by a'), { done: true });
  await until(() => sip.arrivals.length === 1);
  assert.equal(bodyOf(sip.arrivals[0]!.packet), 'my plans');
});

for (const what of ['release', 'refuse'] as const) {
  test(`killed between the store and the quarantine, a ${what} neither loses nor doubles it`, async (t) => {
    const here = await heldSite(t);
    const first = await here.start((quarantine, store) => ({
      store: { ...store, settle: () => new Promise(() => {}) },
      quarantine: { ...quarantine, end: () => new Promise(() => {}) },
    }));
    const holding = first.inward(annToBob('my plans'));
    await until(() => first.audit.entries.some(({ event }) => event === 'held'));
    const [item] = await first.held.list();
    void first.held[what](item!.id, 'by a');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(first.sip.arrivals, []);
    // The process ends here: its files are closed by another hand, as a kill does.
    await first.store.close();
    await first.quarantine.close();
    void holding;
    const { held, sip, xmpp } = await here.start();
    assert.deepEqual(await held.list(), []);
    const arrivals = what === 'release' ? sip.arrivals : xmpp.arrivals;
    await until(() => arrivals.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(arrivals.length, 1);
    assert.equal(bodyOf(arrivals[0]!.packet), what === 'release' ? 'my plans' : 'bounce');
  });
}

test('offered again by a link that was cut before the store knew, it is held once', async (t) => {
  const here = await heldSite(t);
  const first = await here.start((quarantine, store) => ({
    quarantine,
    store: { ...store, settle: () => Promise.reject(new Error('the disk is full')) },
  }));
  const packet = annToBob('my plans');
  await first.inward(packet);
  await first.stop();
  const second = await here.start();
  assert.equal(said(await second.inward(packet)), 'passed');
  assert.equal((await second.held.list()).length, 1);
  const [item] = await second.held.list();
  await second.held.release(item!.id, 'by a');
  await until(() => second.sip.arrivals.length === 1);
  assert.equal(said(await second.inward(packet)), 'passed');
  assert.deepEqual(await second.held.list(), [], 'what was released is not held again');
});
