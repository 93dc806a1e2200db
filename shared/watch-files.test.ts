// Files that are renewed one after the other are told of once, when they rest.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchFiles } from './watch-files.ts';

function watched(t: TestContext, everyMs = 20) {
  const folder = mkdtempSync(path.join(tmpdir(), 'watch-'));
  const names = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
  const [cert = '', key = ''] = names;
  for (const name of names) writeFileSync(name, 'one');
  let changes = 0;
  const stop = watchFiles(names, () => (changes += 1), { everyMs });
  t.after(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  return { folder, cert, key, stop, changes: () => changes };
}

test('two files that are replaced one after the other are told of once, when both rest', async (t) => {
  const { cert, key, changes } = watched(t, 150);
  writeFileSync(cert, 'two');
  await sleep(100);
  writeFileSync(key, 'two');
  await sleep(600);
  assert.equal(changes(), 1);
});

test('the same content again is no change, and a missing file is not told of until it is back', async (t) => {
  const { folder, cert, changes, stop } = watched(t);
  writeFileSync(path.join(folder, 'same'), 'one');
  renameSync(path.join(folder, 'same'), cert);
  await sleep(100);
  assert.equal(changes(), 0);
  rmSync(cert);
  await sleep(100);
  assert.equal(changes(), 0);
  writeFileSync(cert, 'three');
  await sleep(100);
  assert.equal(changes(), 1);
  stop();
  writeFileSync(cert, 'four');
  await sleep(100);
  assert.equal(changes(), 1);
});
