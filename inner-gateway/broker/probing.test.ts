// An internal user who finds out by trying what content rules refuse learns no more for a while; nobody else pays for it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openLog } from '@sallyport/shared/log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { annToBob, between, bobToAnn, packetFrom, said, text } from './test-networks.ts';

test('after ten refusals of what leaves, nothing of that user is judged, and the audit says it once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'probing-'));
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
  const log = openLog('test', 'test', 'error');
  const store = await openSqliteStore({ file: join(folder, 'outbox.sqlite'), keyFile, log });
  const { broker, audit, outward, inward } = between(store);
  await broker.start();
  t.after(async () => {
    await broker.stop();
    await store.close();
    rmSync(folder, { recursive: true });
  });
  for (let i = 0; i < 10; i++) assert.equal(said(await outward(bobToAnn(`treasure ${i}`))), 'content-refused');
  const harmless = await outward(bobToAnn('good day'));
  assert.equal(said(harmless), 'content-probed');
  assert.match(harmless.passed ? '' : (harmless.refusal.publicText ?? ''), /^Too many messages/);
  assert.equal(said(await outward(bobToAnn('treasure'))), 'content-probed', 'alike');
  assert.equal(said(await outward(packetFrom('eve@in.example', 'ann@out.example', text('good day')))), 'passed');
  assert.equal(said(await inward(annToBob('hello'))), 'passed', 'he is still written to');
  assert.deepEqual(
    audit.entries.filter(({ event }) => event === 'probing').map(({ from, to }) => [from, to]),
    [['bob@in.example', 'ann@out.example']],
  );
});
