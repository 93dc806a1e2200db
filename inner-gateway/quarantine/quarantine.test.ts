// The quarantine's file: sealed, bounded, one process's own, and honest about what it cannot read any more.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { somePacket } from '../store/store.contract.ts';
import { openQuarantine, type QuarantineOptions } from './open-quarantine.ts';

const log = openLog('test', 'test', 'error');
log.level = 'silent';

function somewhere(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-quarantine-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [file, keyFile] = [join(folder, 'held'), join(folder, 'key')];
  writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
  const usual = { file, keyFile, log, atMostItems: 100, atMostMegabytes: 1, atMostPerSender: 50, expireDays: 7 };
  return { ...usual, folder, open: (more: Partial<QuarantineOptions> = {}) => openQuarantine({ ...usual, ...more }) };
}

test('a packet is held once, comes back whole, ends once, and its text is gone from the file', async (t) => {
  const place = somewhere(t);
  const quarantine = await place.open();
  const packet = somePacket('p1', { kind: 'message', type: 'chat', body: 'about the xylophone' });
  const first = await quarantine.hold(
    { ...packet, quarantine: { state: 'held', rule: 'x', incident: 'y' } },
    'inward',
    'R1',
  );
  assert.ok(first.held && !first.known);
  assert.deepEqual(await quarantine.hold(packet, 'inward', 'R2'), { held: true, id: first.id, known: true });
  const held = await quarantine.open(first.id);
  assert.deepEqual(held?.packet, packet, 'without the mark that it came with');
  assert.equal(held?.item.rule, 'R1');
  assert.equal((await quarantine.counts()).items, 1);
  assert.equal(await quarantine.end(first.id, 'released'), true);
  assert.equal(await quarantine.end(first.id, 'refused'), false);
  assert.equal(await quarantine.open(first.id), undefined);
  const again = await quarantine.hold(packet, 'inward', 'R1');
  assert.ok(again.held && again.known, 'what has ended is known for a day');
  assert.deepEqual({ ...(await quarantine.counts()) }, { items: 0, bytes: 0, oldest: undefined });
  await quarantine.close();
  assert.ok(!readFileSync(place.file).includes('xylophone'));
});

test('the bytes have their bound as well as the number, over a restart', async (t) => {
  const place = somewhere(t);
  const big = (id: string) => somePacket(id, { kind: 'message', type: 'chat', body: 'x'.repeat(60_000) });
  const first = await place.open();
  for (const id of ['a', 'b', 'c', 'd']) assert.ok((await first.hold(big(id), 'inward', 'R')).held);
  await first.close();
  const second = await place.open();
  assert.deepEqual(await second.hold(big('e'), 'inward', 'R'), { held: false, full: 'partner' });
  const [item] = await second.list();
  await second.end(item!.id, 'refused');
  assert.ok((await second.hold(big('f'), 'inward', 'R')).held);
  await second.close();
});

test('another key, another process, and the file of the store are refused in one line', async (t) => {
  const place = somewhere(t);
  const first = await place.open();
  await assert.rejects(place.open(), /quarantine .*another process has it open/);
  await first.close();
  const other = join(place.folder, 'other');
  writeFileSync(other, randomBytes(32), { mode: 0o400 });
  await assert.rejects(place.open({ keyFile: other }), /the key does not open the quarantine .*put back the key file/);
  await assert.rejects(place.open({ keyFile: join(place.folder, 'none') }), /the quarantine key .*head -c 32/);
  const store = await openSqliteStore({ file: join(place.folder, 'store'), keyFile: place.keyFile, log });
  await store.close();
  await assert.rejects(place.open({ file: join(place.folder, 'store') }), /the key does not open the quarantine/);
});

test('rows that were exchanged, or a seal that is broken, are not read, and still end', async (t) => {
  const place = somewhere(t);
  const first = await place.open();
  for (const id of ['a', 'b']) await first.hold(somePacket(id), 'inward', 'R');
  await first.close();
  const db = new DatabaseSync(place.file);
  db.exec(`CREATE TEMP TABLE t AS SELECT id, sealed FROM packets;
    UPDATE packets SET sealed = (SELECT sealed FROM t WHERE t.id <> packets.id)`);
  db.close();
  const second = await place.open();
  const [item] = await second.list();
  assert.equal((await second.open(item!.id))?.packet, undefined);
  assert.equal(await second.end(item!.id, 'refused'), true);
  await second.close();
});

test('what was held and not recorded is told to the next process', async (t) => {
  const place = somewhere(t);
  const first = await place.open();
  const [a, b] = [await first.hold(somePacket('a'), 'inward', 'R'), await first.hold(somePacket('b'), 'inward', 'R')];
  assert.ok(a.held && b.held);
  await first.recorded(a.id);
  await first.close();
  const second = await place.open();
  assert.deepEqual(
    (await second.unrecorded()).map(({ packet }) => packet),
    ['b'],
  );
  await second.close();
  await assert.rejects(second.hold(somePacket('c'), 'inward', 'R'), /closed/);
});
