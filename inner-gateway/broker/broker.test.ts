// The door of the broker, over the real SQLite store, between two small networks.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import {
  annToBob,
  between,
  bobToAnn,
  bodyOf,
  delivered,
  packetFrom,
  policy,
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

test('a message in is kept, delivered, settled, and told once in the audit at each end', async () => {
  const { inward, sip, broker, audit } = between(store);
  await broker.start();
  const packet = annToBob('hello');
  const acceptance = await inward(packet);
  assert.ok(acceptance.passed);
  assert.deepEqual(await acceptance.news(1_000), delivered);
  await acceptance.ended();
  assert.deepEqual(
    sip.arrivals.map((one) => bodyOf(one.packet)),
    ['hello'],
  );
  assert.equal(sip.arrivals[0]?.again, false);
  await until(() => broker.unsettled() === 0);
  assert.deepEqual(await broker.lookUp(packet.id), { id: packet.id, state: 'delivered' });
  assert.deepEqual(
    audit.entries.map((entry) => entry.event),
    ['accepted', 'delivered'],
  );
  // printf hello | sha256sum
  assert.equal(audit.entries[0]?.digest, '2cf24dba5fb0a30e26e83b2ac5b9e29e');
  assert.equal(JSON.stringify(audit.entries).includes('hello'), false);
  await broker.stop();
});

test('acceptance waits for the store, and a store that does not keep refuses', async () => {
  let failing = false;
  const slow: Store = {
    ...store,
    keep: async (kept) => {
      await pause(20);
      if (failing) throw new Error('disk full');
      return store.keep(kept);
    },
  };
  const { inward, outward, sip, xmpp, broker, audit } = between(slow);
  await broker.start();
  let accepted = false;
  const first = annToBob('first');
  const waiting = inward(first).then(() => {
    accepted = true;
  });
  await pause(5);
  assert.equal(accepted, false);
  assert.equal(sip.arrivals.length, 0);
  await waiting;
  failing = true;
  assert.equal(said(await inward(annToBob('second'))), 'internal-fault');
  assert.equal(said(await outward(bobToAnn('third'))), 'internal-fault');
  failing = false;
  assert.equal(said(await inward(annToBob('fourth'))), 'passed');
  await until(() => broker.unsettled() === 0);
  assert.deepEqual(
    sip.arrivals.map((one) => bodyOf(one.packet)),
    ['first', 'fourth'],
  );
  assert.equal(xmpp.arrivals.length, 0);
  assert.equal(audit.entries.filter((entry) => entry.code === 'internal-fault').length, 2);
  await broker.stop();
});

test('nothing leaves before its audit line is on disk, and nothing leaves when it cannot be', async () => {
  const { outward, xmpp, broker, audit } = between(store);
  await broker.start();
  xmpp.behave = () => {
    assert.equal(audit.entries.at(-1)?.event, 'accepted');
    return delivered;
  };
  assert.equal(said(await outward(bobToAnn('hello'))), 'passed');
  await until(() => xmpp.arrivals.length === 1);
  audit.failing = true;
  const packet = bobToAnn('unseen');
  assert.equal(said(await outward(packet)), 'internal-fault');
  await until(() => broker.unsettled() === 0);
  assert.equal(xmpp.arrivals.length, 1);
  assert.deepEqual(await store.lookUp(packet.id), { id: packet.id, state: 'refused', code: 'internal-fault' });
  assert.equal(
    said(await outward(packetFrom('bob@in.example', 'ann@out.example', { kind: 'chat-state', state: 'composing' }))),
    'internal-fault',
  );
  await broker.stop();
});

test('a packet whose id is kept or ended is answered alike and not delivered again', async () => {
  const { inward, sip, broker } = between(store);
  await broker.start();
  sip.behave = () => undefined;
  const packet = annToBob('once');
  const answers = await Promise.all([inward(packet), inward(packet)]);
  assert.deepEqual(
    answers.map((one) => one.passed && one.id),
    [packet.id, packet.id],
  );
  await until(() => sip.arrivals.length === 1);
  assert.equal(said(await inward(packet)), 'passed');
  sip.arrivals[0]?.end(delivered);
  await until(() => broker.unsettled() === 0);
  const late = await inward(packet);
  assert.ok(late.passed);
  assert.deepEqual(await late.news(100), delivered);
  assert.equal(sip.arrivals.length, 1);
  assert.equal(broker.unsettled(), 0);
  await broker.stop();
});

test('a pair may have 32 unsettled, a partner 1,000; beyond, the sender is refused', async () => {
  const { inward, outward, sip, xmpp, broker } = between(store);
  await broker.start();
  sip.behave = () => undefined;
  const flood = (count: number, to: string) =>
    Promise.all(Array.from({ length: count }, (_, i) => inward(packetFrom('ann@out.example', to, text(`${i}`)))));
  const toBob = (await flood(40, 'bob@in.example')).map(said);
  assert.equal(toBob.filter((one) => one === 'passed').length, 32);
  assert.deepEqual(new Set(toBob.slice(32)), new Set(['queue-full']));
  for (let user = 0; user < 32; user++) await flood(32, `user${user}@in.example`);
  assert.equal(broker.unsettled(), 1_000);
  // The other direction has its own account.
  assert.equal(said(await outward(bobToAnn('still works'))), 'passed');
  await until(() => xmpp.arrivals.length === 1);
  // What ends makes room.
  sip.behave = () => delivered;
  for (const arrival of [...sip.arrivals]) arrival.end(delivered);
  await until(() => broker.unsettled() === 0);
  assert.equal(said(await inward(annToBob('room again'))), 'passed');
  await until(() => broker.unsettled() === 0);
  await broker.stop();
});

test('of many chat states the newest arrives, and they never hold up a message', async () => {
  const { inward, sip, broker } = between(store);
  await broker.start();
  sip.behave = ({ packet }) => (packet.content.kind === 'message' ? delivered : undefined);
  const state = (what: 'composing' | 'paused' | 'active') =>
    inward(packetFrom('ann@out.example', 'bob@in.example', { kind: 'chat-state', state: what }));
  await state('composing');
  await until(() => sip.arrivals.length === 1);
  const overtaken = await state('paused');
  for (let i = 0; i < 50; i++) await state('composing');
  await state('active');
  assert.ok(overtaken.passed);
  assert.deepEqual(await overtaken.news(1_000), { state: 'kept' });
  sip.arrivals[0]?.end(delivered);
  await until(() => sip.arrivals.length === 2);
  assert.deepEqual(sip.arrivals[1]?.packet.content, { kind: 'chat-state', state: 'active' });
  await state('composing');
  assert.equal(said(await inward(annToBob('a message'))), 'passed');
  await until(() => sip.arrivals.length === 3);
  sip.arrivals[1]?.end(refusedWith('far-away'));
  await pause(10);
  assert.deepEqual(
    sip.arrivals.map((one) => bodyOf(one.packet)),
    ['chat-state', 'chat-state', 'a message'],
  );
  assert.deepEqual(await store.unsettled(), []);
  await broker.stop();
});

test('each stage refuses at the door, with its name, and nothing is kept', async () => {
  const { inward, outward, sip, xmpp, broker, audit } = between(store);
  await broker.start();
  const cases = [
    [await inward(packetFrom('ann@in.example', 'bob@in.example', text('x'))), 'origin-disbelieved', 'checkOrigin'],
    [await outward(packetFrom('eve@in.example', 'bob@in.example', text('x'))), 'loop-detected', 'checkLoop'],
    [await inward(annToBob('x', 'boot-of-this-gateway-sip-1')), 'loop-detected', 'checkLoop'],
    [await inward(packetFrom('ann@out.example', 'nobody@in.example', text('x'))), 'user-unknown', 'checkPermission'],
    [await inward(packetFrom('mallory@out.example', 'bob@in.example', text('x'))), 'not-permitted', 'checkPermission'],
    [await outward(packetFrom('bob@in.example', 'x@other.example', text('x'))), 'partner-unknown', 'checkPermission'],
    [await outward(bobToAnn('where is the treasure?')), 'content-refused', 'checkContent'],
    [await inward(annToBob('a curse on you')), 'content-refused', 'checkContent'],
  ] as const;
  for (const [acceptance, code, stage] of cases) {
    assert.ok(!acceptance.passed);
    assert.deepEqual([acceptance.refusal.code, acceptance.refusal.stage], [code, stage]);
    assert.match(acceptance.refusal.incident ?? '', /^[0-9a-f]{10}$/);
  }
  assert.equal(said(await inward(annToBob('no curs3, only treasure'))), 'passed');
  await until(() => broker.unsettled() === 0);
  assert.equal(sip.arrivals.length, 1);
  assert.equal(xmpp.arrivals.length, 0);
  assert.deepEqual(
    broker.lastRefusals().map((one) => one.code),
    cases.map(([, code]) => code),
  );
  assert.equal(audit.entries.filter((entry) => entry.event === 'refused').length, cases.length);
  await broker.stop();
});

test('a policy that throws refuses everything, an adapter that throws refuses its packet', async () => {
  const broken = between(store, {
    policy: () => {
      throw new Error('no policy');
    },
  });
  await broken.broker.start();
  assert.equal(said(await broken.inward(annToBob('x'))), 'internal-fault');
  await broken.broker.stop();
  const judging = between(store, {
    policy: () => ({
      ...policy,
      content: {
        ...policy.content,
        evaluate: () => {
          throw new RangeError('oops');
        },
      },
    }),
  });
  await judging.broker.start();
  assert.equal(said(await judging.inward(annToBob('x'))), 'internal-fault');
  await judging.broker.stop();
  const { inward, sip, xmpp, broker } = between(store);
  await broker.start();
  sip.behave = () => {
    throw new Error('bug');
  };
  assert.equal(said(await inward(annToBob('x'))), 'passed');
  await until(() => xmpp.arrivals.length === 1);
  const content = xmpp.arrivals[0]?.packet.content;
  assert.equal(content?.kind === 'bounce' && content.code, 'internal-fault');
  await until(() => broker.unsettled() === 0);
  await broker.stop();
});
