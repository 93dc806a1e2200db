// Order, ends and bounces of the outbox, over the real SQLite store, between two small networks.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openLog } from '@sallyport/shared/log.ts';
import type { Content } from '@sallyport/shared/packet.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import {
  annToBob,
  between,
  bobToAnn,
  bodyOf,
  delivered,
  packetFrom,
  refusedWith,
  said,
  text,
  until,
} from './test-networks.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-broker-'));
const keyFile = join(folder, 'key');
writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
const log = openLog('test', 'test', 'error');
let store: Store;
before(async () => {
  store = await openSqliteStore({ file: join(folder, 'outbox.sqlite'), keyFile, log });
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('towards SIP one packet of a pair is under way until its end, other pairs go on', async () => {
  const { inward, sip, broker } = between(store);
  await broker.start();
  sip.behave = () => undefined;
  for (const body of ['1', '2', '3']) await inward(annToBob(body));
  await inward(packetFrom('ann@out.example', 'eve@in.example', text('to eve')));
  await until(() => sip.arrivals.length === 2);
  sip.arrivals[0]?.written();
  await pause(10);
  assert.deepEqual(
    sip.arrivals.map((one) => bodyOf(one.packet)),
    ['1', 'to eve'],
  );
  assert.equal(broker.waiting(), 2);
  sip.arrivals[0]?.end(refusedWith('far-away'));
  await until(() => sip.arrivals.length === 3);
  sip.arrivals[2]?.end(delivered);
  await until(() => sip.arrivals.length === 4);
  assert.deepEqual(
    sip.arrivals.map((one) => bodyOf(one.packet)),
    ['1', 'to eve', '2', '3'],
  );
  await broker.stop();
  for (const kept of await store.unsettled()) await store.settle({ id: kept.packet.id, state: 'delivered' });
});

test('towards XMPP the next one of a pair goes when the last one is written', async () => {
  const { outward, xmpp, broker } = between(store);
  await broker.start();
  xmpp.behave = () => undefined;
  for (const body of ['1', '2']) await outward(bobToAnn(body));
  await until(() => xmpp.arrivals.length === 1);
  await pause(10);
  assert.equal(xmpp.arrivals.length, 1);
  xmpp.arrivals[0]?.written();
  await until(() => xmpp.arrivals.length === 2);
  assert.equal(broker.unsettled(), 2);
  for (const arrival of xmpp.arrivals) arrival.end(delivered);
  await until(() => broker.unsettled() === 0);
  await broker.stop();
});

test('a refusal that nobody waits for becomes one bounce to the sender, kept like a message', async () => {
  const { outward, xmpp, sip, broker, audit } = between(store);
  await broker.start();
  xmpp.behave = () => refusedWith('partner-unreachable');
  const packet = bobToAnn('are you there?');
  assert.equal(said(await outward(packet)), 'passed');
  await until(() => sip.arrivals.length === 1);
  await until(() => broker.unsettled() === 0);
  const bounce = sip.arrivals[0]?.packet;
  assert.equal(bounce?.from.bare, 'ann@out.example');
  assert.equal(bounce?.to.bare, 'bob@in.example');
  assert.ok(bounce?.content.kind === 'bounce');
  assert.equal(bounce.content.ofId, packet.stanzaId);
  assert.equal(bounce.content.code, 'partner-unreachable');
  assert.match(bounce.content.incident, /^[0-9a-f]{10}$/);
  assert.deepEqual(
    audit.entries.map((entry) => entry.event),
    ['accepted', 'refused', 'bounced', 'delivered'],
  );
  assert.equal(audit.entries[1]?.incident, bounce.content.incident);
  assert.equal(audit.entries[2]?.incident, bounce.content.incident);
  await broker.stop();
});

test('a refusal that somebody waits for is given to that one, and not bounced', async () => {
  const { outward, xmpp, sip, broker } = between(store);
  await broker.start();
  xmpp.behave = () => refusedWith('partner-unreachable');
  const acceptance = await outward(bobToAnn('are you there?'));
  // However deep the one who asks is nested, it asks in the turn in which it was told.
  for (let i = 0; i < 50; i++) await null;
  assert.ok(acceptance.passed);
  const news = await acceptance.news(1_000);
  assert.ok(news.state === 'refused' && news.refusal.code === 'partner-unreachable');
  assert.match(news.refusal.incident ?? '', /^[0-9a-f]{10}$/);
  assert.deepEqual(await acceptance.news(10), { state: 'kept' });
  await until(() => broker.unsettled() === 0);
  assert.equal(sip.arrivals.length, 0);
  await broker.stop();
});

test('who waited in vain hears `kept`, who heard `written` does not hear it twice; later refusals bounce', async () => {
  const { outward, xmpp, sip, broker } = between(store);
  await broker.start();
  xmpp.behave = () => undefined;
  const acceptance = await outward(bobToAnn('slow'));
  assert.ok(acceptance.passed);
  assert.deepEqual(await acceptance.news(20), { state: 'kept' });
  const next = acceptance.news(1_000);
  xmpp.arrivals[0]?.written();
  assert.deepEqual(await next, { state: 'written' });
  assert.deepEqual(await acceptance.news(20), { state: 'kept' });
  xmpp.arrivals[0]?.end(refusedWith('far-unknown'));
  await until(() => sip.arrivals.length === 1);
  assert.equal(sip.arrivals[0] && bodyOf(sip.arrivals[0].packet), 'bounce');
  await until(() => broker.unsettled() === 0);
  await broker.stop();
});

test('an error never answers an error: a refused bounce ends in the audit', async () => {
  const { outward, xmpp, sip, broker, audit } = between(store);
  await broker.start();
  xmpp.behave = () => refusedWith('partner-unreachable');
  sip.behave = () => refusedWith('far-refuses');
  await outward(bobToAnn('lost'));
  await until(() => audit.entries.length === 4 && broker.unsettled() === 0);
  assert.deepEqual(
    audit.entries.map((entry) => entry.event),
    ['accepted', 'refused', 'bounced', 'refused'],
  );
  assert.equal(xmpp.arrivals.length, 1);
  const bounce: Content = {
    kind: 'bounce',
    ofId: 'x',
    ofKind: 'message',
    code: 'far-away',
    publicText: '',
    incident: '',
  };
  assert.equal(said(await outward(packetFrom('nobody@in.example', 'ann@out.example', bounce))), 'not-permitted');
  assert.equal(xmpp.arrivals.length + sip.arrivals.length, 2);
  await broker.stop();
});

test('ends that the store does not take are tried again, and the bounce comes with them', async () => {
  let failures = 1;
  const shaky: Store = {
    ...store,
    settle: async (end, bounce) => {
      if (failures-- > 0) throw new Error('disk full');
      return store.settle(end, bounce);
    },
  };
  const { inward, sip, xmpp, broker } = between(shaky);
  await broker.start();
  sip.behave = () => refusedWith('far-busy');
  await inward(annToBob('x'));
  await pause(50);
  assert.equal(broker.unsettled(), 1);
  assert.equal(xmpp.arrivals.length, 0);
  await until(() => xmpp.arrivals.length === 1);
  await until(() => broker.unsettled() === 0);
  await broker.stop();
});

test('what is under way at a stop stays kept, and the next process delivers it in order, marked', async () => {
  const first = between(store);
  await first.broker.start();
  first.sip.behave = () => undefined;
  const packets = ['1', '2', '3'].map((body) => annToBob(body));
  for (const packet of packets) await first.inward(packet);
  await until(() => first.sip.arrivals.length === 1);
  await first.broker.stop();
  assert.equal(said(await first.inward(annToBob('too late'))), 'shutting-down');
  assert.equal((await store.counts()).kept, 3);
  const second = between(store, { bootId: 'boot-of-the-next' });
  await second.broker.start();
  await until(() => second.broker.unsettled() === 0);
  assert.deepEqual(
    second.sip.arrivals.map((one) => [bodyOf(one.packet), one.again]),
    [
      ['1', true],
      ['2', true],
      ['3', true],
    ],
  );
  assert.equal(second.audit.entries.filter((entry) => entry.note === 'recovered after a restart').length, 3);
  assert.equal(said(await second.inward(packets[0]!)), 'passed');
  assert.equal(second.sip.arrivals.length, 3);
  await second.broker.stop();
});
