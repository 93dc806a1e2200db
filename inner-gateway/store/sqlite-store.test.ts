// The SQLite store keeps the promise of store.contract.ts, and survives what happens to files and processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { someKept, storeContract } from './store.contract.ts';

const log = openLog('test', 'test', 'error');
const silent = openLog('test', 'test', 'error');
silent.level = 'silent';

function somewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  const file = join(folder, 'outbox.sqlite');
  const keyFile = join(folder, 'outbox.key');
  writeFileSync(keyFile, randomBytes(32), { mode: 0o400 });
  return { file, keyFile, folder, log, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

storeContract('SQLite', async () => {
  const place = somewhere();
  let passed = 0;
  const clock = { now: () => 1_700_000_000_000 + passed };
  return {
    open: () => openSqliteStore({ ...place, clock }),
    pass: (ms) => {
      passed += ms;
    },
    remove: async () => place.remove(),
  };
});

test('no text of a packet stands in the files, neither while it is kept nor after', async () => {
  const place = somewhere();
  const store = await openSqliteStore(place);
  const body = 'the treasure lies under the old oak';
  await store.keep(someKept('p1', { kind: 'message', type: 'chat', body }));
  const bytesOnDisk = () =>
    ['', '-wal']
      .map((end) => place.file + end)
      .filter(existsSync)
      .map((file) => readFileSync(file).toString('latin1'))
      .join('');
  assert.ok(bytesOnDisk().includes('p1'));
  assert.ok(!bytesOnDisk().includes('treasure'));
  await store.settle({ id: 'p1', state: 'delivered' });
  await store.close();
  assert.ok(!bytesOnDisk().includes('treasure'));
  const db = new DatabaseSync(place.file);
  assert.deepEqual({ ...db.prepare('SELECT sealed, state FROM packets').get() }, { sealed: null, state: 'delivered' });
  db.close();
  place.remove();
});

test('a sealed text that was moved to another packet does not open', async () => {
  const place = somewhere();
  const first = await openSqliteStore(place);
  await first.keep(someKept('p1'));
  await first.keep(someKept('p2'));
  await first.close();
  const db = new DatabaseSync(place.file);
  db.exec("UPDATE packets SET sealed = (SELECT sealed FROM packets WHERE id = 'p2') WHERE id = 'p1'");
  db.close();
  const second = await openSqliteStore({ ...place, log: silent });
  assert.deepEqual(
    (await second.unsettled()).map((one) => one.packet.id),
    ['p2'],
  );
  await second.close();
  place.remove();
});

test('another key, a short key, a missing key, a newer file, a foreign file: one line that says what to do', async () => {
  const place = somewhere();
  await (await openSqliteStore(place)).close();
  const otherKey = join(place.folder, 'other.key');
  writeFileSync(otherKey, randomBytes(32), { mode: 0o400 });
  await assert.rejects(
    openSqliteStore({ ...place, keyFile: otherKey }),
    /the key does not open .*put back the key file/,
  );
  writeFileSync(otherKey + 2, randomBytes(31), { mode: 0o400 });
  await assert.rejects(
    openSqliteStore({ ...place, keyFile: otherKey + 2 }),
    /has 31 bytes, 32 are needed: make it once/,
  );
  await assert.rejects(
    openSqliteStore({ ...place, keyFile: otherKey + 3 }),
    /cannot be read .*make it once with: head/,
  );
  const db = new DatabaseSync(place.file);
  db.exec('UPDATE schema SET version = 99');
  db.close();
  await assert.rejects(openSqliteStore(place), /has version 99, this program writes version 1: run the version/);
  writeFileSync(`${place.file}.txt`, 'this is a letter to my aunt, and not a database at all'.repeat(20));
  await assert.rejects(
    openSqliteStore({ ...place, file: `${place.file}.txt` }),
    /cannot be opened .*must be a store of ours/,
  );
  await assert.rejects(
    openSqliteStore({ ...place, file: '/nowhere/x.sqlite' }),
    /cannot be opened .*folder must exist/,
  );
  place.remove();
});

test('a second process on the same file is refused', async () => {
  const place = somewhere();
  const store = await openSqliteStore(place);
  await assert.rejects(openSqliteStore(place), /another process has it open/);
  await store.close();
  place.remove();
});

test('a full store rejects what is new, still takes the ends, and then has room again', async () => {
  const place = somewhere();
  const store = await openSqliteStore({ ...place, atMostBytes: 400_000 });
  const big = { kind: 'message', type: 'chat', body: 'x'.repeat(20_000) } as const;
  const kept: string[] = [];
  let refused = '';
  for (let i = 0; refused === '' && i < 100; i++) {
    await store.keep(someKept(`p${i}`, big)).then(
      () => kept.push(`p${i}`),
      (error: Error) => {
        refused = error.message;
      },
    );
  }
  assert.match(refused, /could not write: database or disk is full/);
  assert.ok(kept.length > 5);
  const [late, end] = await Promise.allSettled([
    store.keep(someKept('late', big)),
    store.settle({ id: 'p0', state: 'delivered' }),
  ]);
  assert.equal(end.status, 'fulfilled');
  assert.equal(late.status, 'rejected');
  assert.equal(await store.lookUp('late'), undefined);
  assert.equal(await store.keep(someKept('later', big)), 'kept');
  assert.equal((await store.counts()).kept, kept.length);
  await store.close();
  place.remove();
});

test('a process that is killed loses nothing whose keep had resolved', async () => {
  const place = somewhere();
  for (let round = 0; round < 2; round++) {
    const file = `${place.file}${round}`;
    const child = spawn(
      process.execPath,
      [new URL('./keep-until-killed.ts', import.meta.url).pathname, file, place.keyFile],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const kept: string[] = [];
    const settled: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      const [what, id = ''] = line.split(' ');
      (what === 'kept' ? kept : settled).push(id);
      if (kept.length === 300 + round * 177) child.kill('SIGKILL');
    }
    const store = await openSqliteStore({ ...place, file });
    const found = new Set((await store.unsettled()).map((one) => one.packet.id));
    assert.deepEqual(
      kept.filter((id) => !found.has(id)),
      [],
    );
    assert.deepEqual(
      settled.filter((id) => found.has(id)),
      [],
    );
    await store.close();
  }
  place.remove();
});

test('a log of writes that was cut in the middle costs the last commit at most, never the file', async () => {
  const place = somewhere();
  const store = await openSqliteStore(place);
  for (let i = 0; i < 20; i++) await store.keep(someKept(`p${i}`));
  const copy = join(place.folder, 'copy.sqlite');
  writeFileSync(copy, readFileSync(place.file));
  writeFileSync(`${copy}-wal`, readFileSync(`${place.file}-wal`));
  truncateSync(`${copy}-wal`, readFileSync(`${copy}-wal`).length - 100);
  await store.close();
  const again = await openSqliteStore({ ...place, file: copy });
  const found = (await again.unsettled()).length;
  assert.ok(found === 19 || found === 20, `${found} found`);
  await again.close();
  place.remove();
});
