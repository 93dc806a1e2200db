// The audit on a real disk: the chain, its repair, and what happens when the disk is full.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import type { AuditEntry } from './audit.ts';
import { verifyAudit } from './audit-chain.ts';
import { openAudit } from './audit-writer.ts';

const log = pino({ level: 'silent' });
const entry: AuditEntry = { event: 'admitted', direction: 'inward', packet: 'b-1', from: 'ann@out.example', bytes: 12 };

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sallyport-audit-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

async function written(t: TestContext, records: number): Promise<string> {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  for (let i = 0; i < records; i++) audit.record({ ...entry, packet: `b-${i}` });
  await audit.close();
  return file;
}

const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test('records are chained, and a second run goes on with the chain', async (t) => {
  const file = await written(t, 20);
  const again = await openAudit(file, { log });
  await again.recordDurably({ ...entry, note: 'ü "quoted" \u2028' });
  const head = again.head();
  await again.close();
  assert.deepEqual(await verifyAudit(file), { ok: true, records: 23 });
  const last: unknown = JSON.parse(lines(file).at(-1) ?? '');
  assert.ok(typeof last === 'object' && last !== null && 'hash' in last && 'seq' in last);
  assert.deepEqual(head, { file, sequence: 23, hash: last.hash });
});

test('a durable record is on disk when its promise resolves', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  await audit.recordDurably(entry);
  assert.equal(lines(file).length, 2);
  await audit.close();
});

test('a changed, a missing, an added and a moved record are each found at their line', async (t) => {
  const file = await written(t, 5);
  const good = lines(file);
  const check = (changed: readonly string[]) => {
    writeFileSync(file, `${changed.join('\n')}\n`);
    return verifyAudit(file);
  };
  const lineOf = async (changed: readonly string[]) => {
    const verdict = await check(changed);
    return verdict.ok ? undefined : verdict.line;
  };
  assert.equal(await lineOf(good), undefined);
  assert.equal(await lineOf(good.with(2, good[2]!.replace('ann@', 'eve@'))), 3);
  assert.equal(await lineOf(good.toSpliced(2, 1)), 3);
  assert.equal(await lineOf(good.toSpliced(2, 0, good[1]!)), 3);
  assert.equal(await lineOf([good[0]!, good[2]!, good[1]!, ...good.slice(3)]), 2);
});

test('a torn last line is set aside, and the chain goes on with a record that says so', async (t) => {
  const file = await written(t, 3);
  const torn = '{"seq":5,"ts":"2026-';
  appendFileSync(file, torn);
  const audit = await openAudit(file, { log });
  await audit.close();
  const records = (await verifyAudit(file)) satisfies object;
  assert.deepEqual(records, { ok: true, records: 5 });
  assert.match(lines(file)[4] ?? '', /"event":"audit-repaired","note":"20 bytes set aside in .*torn-/);
  const aside = readdirSync(path.dirname(file)).find((name) => name.includes('.torn-')) ?? '';
  assert.equal(readFileSync(path.join(path.dirname(file), aside), 'utf8'), torn);
});

test('blocks that the disk never got are set aside too, with all that stands behind them', async (t) => {
  const file = await written(t, 5);
  const good = lines(file);
  writeFileSync(file, `${good.slice(0, 4).join('\n')}\n${'\0'.repeat(300)}\n${good[5]}\n`);
  await (await openAudit(file, { log })).close();
  assert.deepEqual(await verifyAudit(file), { ok: true, records: 5 });
});

test('a long file is continued from its end', async (t) => {
  const file = await written(t, 6_000);
  await (await openAudit(file, { log })).close();
  assert.deepEqual(await verifyAudit(file), { ok: true, records: 6_002 });
});

test('a file that is no audit is left alone', async (t) => {
  const file = path.join(folder(t), 'notes.txt');
  writeFileSync(file, 'dear diary\nsecond line\n');
  await assert.rejects(openAudit(file, { log }), /not an audit as it was written/);
  assert.equal(readFileSync(file, 'utf8'), 'dear diary\nsecond line\n');
  await assert.rejects(openAudit('/nonexistent/audit.jsonl', { log }), /the audit cannot be opened \(ENOENT\)/);
});

test('on a full disk a durable record is refused, and the process goes on', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  symlinkSync('/dev/full', file);
  const audit = await openAudit(file, { log });
  audit.record(entry);
  await assert.rejects(audit.recordDurably(entry), /the audit cannot be written \(ENOSPC\)/);
  await assert.rejects(audit.recordDurably(entry), /the audit cannot be written \(ENOSPC\)/);
  assert.equal(audit.head().sequence, 0, 'nothing counts as written');
  await audit.close();
});
