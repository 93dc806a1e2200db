// The store tells the operator when the text of a packet that has ended stays on the disk (architecture §4.1 point 6).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { pino } from 'pino';
import { openSqliteStore } from './sqlite-store.ts';
import { someKept } from './store.contract.ts';

test('a text that could not be erased is told of, when the store closes and when it opens again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const place = { file: join(folder, 'outbox.sqlite'), keyFile: join(folder, 'outbox.key') };
  writeFileSync(place.keyFile, randomBytes(32), { mode: 0o400 });
  const told: string[] = [];
  const log = pino({ base: null }, { write: (line) => void told.push(JSON.parse(line).msg) });
  const trigger = (sql: string) => {
    const db = new DatabaseSync(place.file);
    db.exec(sql);
    db.close();
  };
  await (await openSqliteStore({ ...place, log })).close();
  trigger("CREATE TRIGGER sealed BEFORE UPDATE ON batches BEGIN SELECT RAISE(FAIL, 'the disk takes nothing'); END");
  const store = await openSqliteStore({ ...place, log, tidyEveryMs: 3_600_000 });
  await Promise.all(['p1', 'p2'].map((id) => store.keep(someKept(id))));
  await store.settle({ id: 'p1', state: 'delivered' });
  assert.deepEqual(told, []);
  await store.close();
  assert.deepEqual(told.splice(0), ['texts of ended packets stay in the store until it is opened again']);
  await (await openSqliteStore({ ...place, log })).close();
  assert.deepEqual(told.splice(0), [
    'texts of ended packets could not be erased from the store; trying on',
    'texts of ended packets stay in the store until it is opened again',
  ]);
  trigger('DROP TRIGGER sealed');
  const mended = await openSqliteStore({ ...place, log });
  assert.deepEqual(told, []);
  assert.equal((await mended.counts()).kept, 1);
  await mended.close();
});
