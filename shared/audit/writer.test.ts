// The audit on a real disk: the chain, its repair, and what happens when the disk is full.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import type { AuditEntry } from '../audit.ts';
import { verifyAudit } from './verify.ts';
import { openAudit } from './writer.ts';

const log = pino({ level: 'silent' });
const entry: AuditEntry = { event: 'admitted', direction: 'inward', packet: 'b-1', from: 'ann@out.example', bytes: 12 };

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sallyport-audit-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

async function written(t: TestContext, records: number, sealed: 'together' | 'each' = 'together'): Promise<string> {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  for (let i = 0; i < records; i++) {
    if (sealed === 'each') await audit.recordDurably({ ...entry, packet: `b-${i}` });
    else audit.record({ ...entry, packet: `b-${i}` });
  }
  await audit.close();
  return file;
}

// How many records there are where all is as it was written; else where the fault is.
async function records(file: string): Promise<unknown> {
  const verdict = await verifyAudit(file);
  return verdict.ok ? verdict.last : verdict;
}

const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test('records are chained, and a second run goes on with the chain', async (t) => {
  const file = await written(t, 20);
  const again = await openAudit(file, { log });
  await again.recordDurably({ ...entry, note: 'ü "quoted" \u2028' });
  const head = again.head();
  await again.close();
  assert.equal(await records(file), 23);
  const last: unknown = JSON.parse(lines(file).at(-1) ?? '');
  assert.ok(typeof last === 'object' && last !== null && 'hash' in last && 'seq' in last);
  assert.deepEqual(head, { file: 'audit.jsonl', sequence: 23, hash: last.hash });
});

test('a durable record is on disk when its promise resolves', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  await audit.recordDurably(entry);
  assert.equal(lines(file).length, 2);
  await audit.close();
});

async function check(file: string, changed: readonly string[]) {
  writeFileSync(file, `${changed.join('\n')}\n`);
  return verifyAudit(file);
}

test('a changed, a missing, an added and a moved record are each found at their line', async (t) => {
  const file = await written(t, 5, 'each');
  const good = lines(file);
  const lineOf = async (changed: readonly string[]) => {
    const verdict = await check(file, changed);
    return verdict.ok ? undefined : verdict.record;
  };
  assert.equal(await lineOf(good), undefined);
  assert.equal(await lineOf(good.with(2, good[2]!.replace('ann@', 'eve@'))), 3);
  assert.equal(await lineOf(good.toSpliced(2, 1)), 3);
  assert.equal(await lineOf(good.toSpliced(2, 0, good[1]!)), 3);
  assert.equal(await lineOf([good[0]!, good[2]!, good[1]!, ...good.slice(3)]), 2);
});

test('records under one seal: each change is found, and the seal says among which it is', async (t) => {
  const file = await written(t, 5);
  const good = lines(file);
  assert.deepEqual(
    good.map((line) => line.includes('"hash"')),
    [false, false, false, false, false, true],
  );
  const whyOf = async (changed: readonly string[]) => {
    const verdict = await check(file, changed);
    return verdict.ok ? undefined : verdict.why;
  };
  assert.equal(await whyOf(good), undefined);
  const unclear = 'one of the records 1 to 6 is not as it was written';
  for (const line of good.keys()) {
    assert.equal(await whyOf(good.with(line, good[line]!.replace('"ts":"2', '"ts":"3'))), unclear);
  }
  assert.equal(await whyOf(good.toSpliced(2, 1)), 'after record 2 stands one with number 4');
  assert.equal(await whyOf(good.toSpliced(2, 0, good[1]!)), 'after record 2 stands one with number 2');
  assert.equal(await whyOf(good.slice(0, 4)), 'the records from here on have no seal');
  const renumbered = [...good.slice(0, 2), ...good.slice(3)].map((line, at) =>
    line.replace(/"seq":\d+/, `"seq":${at + 1}`),
  );
  assert.equal(await whyOf(renumbered), 'one of the records 1 to 5 is not as it was written');
});

test('a batch that the disk did not get whole is set aside whole: nobody was told that it was written', async (t) => {
  const file = await written(t, 5, 'each');
  const before = lines(file);
  const audit = await openAudit(file, { log });
  await audit.recordDurably(entry);
  for (let i = 0; i < 5; i++) audit.record(entry);
  await audit.close();
  const after = lines(file);
  assert.equal(after.length, before.length + 7);
  writeFileSync(file, `${after.slice(0, -3).join('\n')}\n`);
  await (await openAudit(file, { log })).close();
  assert.equal(await records(file), before.length + 3);
});

test('a torn last line is set aside, and the chain goes on with a record that says so', async (t) => {
  const file = await written(t, 3);
  const torn = '{"seq":5,"ts":"2026-';
  appendFileSync(file, torn);
  const audit = await openAudit(file, { log });
  await audit.close();
  assert.equal(await records(file), 5);
  assert.match(lines(file)[4] ?? '', /"event":"audit-repaired","note":"20 bytes set aside in .*torn-/);
  const aside = readdirSync(path.dirname(file)).find((name) => name.includes('.torn-')) ?? '';
  assert.equal(readFileSync(path.join(path.dirname(file), aside), 'utf8'), torn);
});

test('blocks that the disk never got are set aside too, with all that stands behind them', async (t) => {
  const file = await written(t, 5, 'each');
  const good = lines(file);
  writeFileSync(file, `${good.slice(0, 4).join('\n')}\n${'\0'.repeat(300)}\n${good[5]}\n`);
  await (await openAudit(file, { log })).close();
  assert.equal(await records(file), 5);
});

test('a long file is continued from its end', async (t) => {
  const file = await written(t, 6_000);
  await (await openAudit(file, { log })).close();
  assert.equal(await records(file), 6_002);
  const open = lines(file).map((line) => (line.includes('"hash"') ? 0 : line.length));
  let run = 0;
  for (const length of open) {
    run = length === 0 ? 0 : run + length;
    assert.ok(run < 150_000, 'seals stand close enough for the end of the file to show one');
  }
});

test('what a terminal obeys, and what reorders text, stands as escapes', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  const note = 'a\u001b[2J "b" \\ \u202e\u2066\u200f\u061c\u0085\u2028 \ud800 ü';
  await audit.recordDurably({ ...entry, note });
  await audit.close();
  const line = lines(file)[1] ?? '';
  assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  assert.ok(line.includes('ü'));
  assert.equal(JSON.parse(line).note, note);
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

test('while nothing can be written the audit says so, and it tells by itself when it can again', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  symlinkSync('/dev/full', file);
  const audit = await openAudit(file, { log });
  await assert.rejects(audit.recordDurably(entry));
  assert.equal(audit.works(), false);
  await audit.close();
});

test('where the settings want it, what cannot be written holds nothing up, and is counted', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  symlinkSync('/dev/full', file);
  const audit = await openAudit(file, { log, required: false });
  await audit.recordDurably(entry);
  assert.equal(audit.works(), true);
  assert.equal(audit.head().sequence, 0);
  await audit.close();
});

test('where an audit of another node stood is a record like others', async (t) => {
  const file = path.join(folder(t), 'audit.jsonl');
  const audit = await openAudit(file, { log });
  await audit.witness('urn:x-sallyport:proxy-1', { file: 'audit.jsonl', sequence: 7, hash: 'ab'.repeat(32) });
  await audit.close();
  const { seq: _, ts: __, prev: ___, hash: ____, ...said } = JSON.parse(lines(file)[1] ?? '');
  assert.deepEqual(said, {
    event: 'countersigned',
    node: 'urn:x-sallyport:proxy-1',
    file: 'audit.jsonl',
    of: 7,
    head: 'ab'.repeat(32),
  });
});
