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
  assert.equal(db.prepare('SELECT count(*) AS n FROM batches').get()?.n, 0);
  assert.equal(db.prepare('SELECT id FROM ends').get()?.id, 'p1');
  db.close();
  place.remove();
});

// The file as it would be found if the process were killed now.
function asIfKilled(place: ReturnType<typeof somewhere>): string {
  const copy = join(place.folder, `copy-${randomBytes(4).toString('hex')}.sqlite`);
  writeFileSync(copy, readFileSync(place.file));
  writeFileSync(`${copy}-wal`, readFileSync(`${place.file}-wal`));
  return copy;
}

function idsIn(file: string): readonly string[] {
  const db = new DatabaseSync(file);
  const rows = db.prepare('SELECT ids FROM batches ORDER BY number').all();
  db.close();
  return rows.flatMap((row) => JSON.parse(String(row.ids)));
}

test('what shares a batch with a packet that has ended is sealed anew by itself within a minute', async (t) => {
  const place = somewhere();
  let now = 1_700_000_000_000;
  const store = await openSqliteStore({ ...place, clock: { now: () => now }, tidyEveryMs: 20 });
  t.after(() => store.close().then(place.remove));
  const ids = ['p1', 'p2', 'p3', 'p4'];
  await Promise.all(ids.map((id) => store.keep(someKept(id))));
  await store.settle({ id: 'p2', state: 'delivered' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(idsIn(asIfKilled(place)), ids);
  now += 45_000;
  const left = ['p1', 'p3', 'p4'];
  for (let i = 0; i < 100 && idsIn(asIfKilled(place)).length !== left.length; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(idsIn(asIfKilled(place)), left);
  const textsLeft = async () => (await store.unsettled()).map(({ packet }) => packet.content);
  assert.deepEqual(
    await textsLeft(),
    left.map((id) => someKept(id).packet.content),
  );
  assert.equal((await store.counts()).kept, 3);
  await store.settle({ id: 'p4', state: 'delivered' });
  await store.settle({ id: 'p1', state: 'delivered' });
  assert.deepEqual(await textsLeft(), [someKept('p3').packet.content]);
  await store.settle({ id: 'p3', state: 'delivered' });
  assert.deepEqual(idsIn(asIfKilled(place)), []);
});

test('what has ended stays ended after a kill, though it stands in a batch that has not', async (t) => {
  const place = somewhere();
  let now = 1_700_000_000_000;
  const clock = { now: () => now };
  const store = await openSqliteStore({ ...place, clock, tidyEveryMs: 3_600_000 });
  t.after(() => store.close().then(place.remove));
  const bounce = someKept('b1', {
    kind: 'bounce',
    ofId: 'x',
    ofKind: 'message',
    code: 'far-away',
    publicText: '',
    incident: '12345678',
  });
  await Promise.all(['p1', 'p2', 'p3'].map((id) => store.keep(someKept(id))));
  await store.settle({ id: 'p1', state: 'delivered' });
  await store.settle({ id: 'p3', state: 'refused', code: 'far-away' }, bounce);
  // Long past the time for which ends are remembered: these two are still needed.
  for (let i = 0; i < 3; i++) {
    now += 15 * 60_000;
    await store.keep(someKept(`later${i}`));
    await store.settle({ id: `later${i}`, state: 'delivered' });
  }
  const file = asIfKilled(place);
  const again = await openSqliteStore({ ...place, file, clock });
  const found = (await again.unsettled()).map(({ packet }) => packet.id);
  const counts = await again.counts();
  const known = await again.keep(someKept('p2'));
  await again.close();
  assert.deepEqual(found, ['p2', 'b1']);
  assert.deepEqual(counts, { kept: 2, oldest: someKept('p2').keptAt });
  assert.equal(known, 'known');
  assert.deepEqual(idsIn(file), ['p2', 'b1']);
});

test('a sealed text that was moved to another packet does not open', async () => {
  const place = somewhere();
  const first = await openSqliteStore(place);
  await first.keep(someKept('p1'));
  await first.keep(someKept('p2'));
  await first.close();
  const db = new DatabaseSync(place.file);
  db.exec('UPDATE batches SET sealed = (SELECT sealed FROM batches WHERE ids = \'["p2"]\') WHERE ids = \'["p1"]\'');
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
  await assert.rejects(openSqliteStore(place), /has version 99, this program writes version 2: run the version/);
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
  // The end frees the room of one.
  const [late, later, end] = await Promise.allSettled([
    store.keep(someKept('late', big)),
    store.keep(someKept('too late', big)),
    store.settle({ id: 'p0', state: 'delivered' }),
  ]);
  assert.equal(end.status, 'fulfilled');
  assert.deepEqual([late.status, later.status], ['rejected', 'rejected']);
  assert.equal(await store.lookUp('late'), undefined);
  assert.deepEqual(await store.lookUp('p0'), { id: 'p0', state: 'delivered' });
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
