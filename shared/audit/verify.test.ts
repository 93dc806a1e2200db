// An audit over several files, signed and witnessed: whatever is changed, removed, reordered or cut is found.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import type { AuditEntry } from '../audit.ts';
import { followChain, sealOf } from './chain.ts';
import { segmentsOf } from './segments.ts';
import { openChecker, openSigner } from './signing.ts';
import { verifyAudit } from './verify.ts';
import { openAudit } from './writer.ts';

const log = pino({ level: 'silent' });
const entry: AuditEntry = { event: 'admitted', direction: 'inward', packet: 'b-1', from: 'ann@out.example', bytes: 12 };

function site(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-verify-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const write = (name: string, text: string | Buffer) => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  return {
    file: path.join(folder, 'audit.jsonl'),
    signer: openSigner(write('audit.key', privateKey.export({ type: 'pkcs8', format: 'pem' }))),
    checker: openChecker(write('audit.pub', publicKey.export({ type: 'spki', format: 'pem' }))),
    write,
  };
}

/** Some files of an audit, small ones, with a checkpoint at each close. */
async function severalFiles(t: TestContext) {
  const { file, signer, checker } = site(t);
  for (let run = 0; run < 3; run++) {
    const audit = await openAudit(file, { log, node: 'proxy-1', signer, rotateBytes: 4_000 });
    for (let i = 0; i < 25; i++) await audit.recordDurably({ ...entry, packet: `b-${run}-${i}` });
    await audit.close();
  }
  const files = await segmentsOf(file);
  assert.ok(files.length > 3, `${files.length} files`);
  return { file, checker, files };
}

test('a full file is left beside a new one, and the chain goes through all of them, over restarts too', async (t) => {
  const { file, checker, files } = await severalFiles(t);
  const verdict = await verifyAudit(file, { checker });
  assert.ok(verdict.ok, JSON.stringify(verdict));
  assert.equal(verdict.first, 1);
  assert.equal(verdict.files, files.length);
  assert.equal(verdict.checkpoints, 3);
  assert.equal(verdict.signedUpTo, verdict.last - 1);
  assert.equal(verdict.last, 75 + 3 + 3 + files.length - 1, 'decisions, openings, checkpoints, new files');
});

test('a process that died between two files goes on with the chain of the full one', async (t) => {
  const { file, files } = await severalFiles(t);
  const last = await verifyAudit(file);
  assert.ok(last.ok);
  renameSync(file, `${file}.${String(last.last).padStart(12, '0')}`);
  const audit = await openAudit(file, { log });
  await audit.recordDurably(entry);
  await audit.close();
  const after = await verifyAudit(file);
  assert.ok(after.ok, JSON.stringify(after));
  assert.equal(after.last, last.last + 2);
  assert.equal(after.files, files.length + 1);
});

test('whatever is done to any one record of any file is found', async (t) => {
  const { file, files } = await severalFiles(t);
  const whole = files.map((each) => readFileSync(each, 'utf8'));
  for (const [at, each] of files.entries()) {
    const lines = (whole[at] ?? '').trimEnd().split('\n');
    const middle = Math.floor(lines.length / 2);
    const changes = {
      changed: lines.with(middle, (lines[middle] ?? '').replace('"ts":"2', '"ts":"3')),
      removed: lines.toSpliced(middle, 1),
      doubled: lines.toSpliced(middle, 0, lines[middle] ?? ''),
      reordered: [
        ...lines.slice(0, middle - 1),
        lines[middle] ?? '',
        lines[middle - 1] ?? '',
        ...lines.slice(middle + 1),
      ],
    };
    for (const [what, changed] of Object.entries(changes)) {
      writeFileSync(each, `${changed.join('\n')}\n`);
      const verdict = await verifyAudit(file);
      assert.equal(verdict.ok, false, `${what} in file ${at}`);
      assert.equal(!verdict.ok && verdict.file, what === 'removed' && middle === lines.length - 1 ? file : each);
    }
    writeFileSync(each, whole[at] ?? '');
  }
  assert.ok((await verifyAudit(file)).ok);
});

test('a file that is gone from the middle is found; one from the beginning shows in the first number', async (t) => {
  const { file, files } = await severalFiles(t);
  const [first = '', second = ''] = files;
  const text = readFileSync(second);
  unlinkSync(second);
  const verdict = await verifyAudit(file);
  assert.match(verdict.ok ? '' : verdict.why, /^after record \d+ stands one with number \d+$/);
  writeFileSync(second, text);
  unlinkSync(first);
  const later = await verifyAudit(file);
  assert.ok(later.ok && later.first > 1, JSON.stringify(later));
});

test('who writes the whole chain anew, with every seal right, has no signature for it', async (t) => {
  const { file, checker } = await severalFiles(t);
  let hash = '0'.repeat(64);
  for (const each of await segmentsOf(file)) {
    let open = '';
    let text = '';
    for (const line of readFileSync(each, 'utf8').trimEnd().split('\n')) {
      const forged = line.replace('ann@out.example', 'eve@out.example');
      const [, content] = /^(\{.*),"prev":"[0-9a-f]{64}","hash":"[0-9a-f]{64}"\}$/.exec(forged) ?? [];
      if (content === undefined) {
        open += `${forged}\n`;
        continue;
      }
      open += `${content},"prev":"${hash}"`;
      hash = sealOf(hash, `${open}}`);
      text += `${open},"hash":"${hash}"}\n`;
      open = '';
    }
    writeFileSync(each, text);
  }
  const chain = followChain({ seq: 0, hash: '0'.repeat(64) });
  for (const each of await segmentsOf(file))
    for (const line of readFileSync(each, 'utf8').trimEnd().split('\n'))
      assert.notEqual(typeof chain.next(line), 'object', 'the forger knows his trade');
  const verdict = await verifyAudit(file, { checker });
  assert.equal(verdict.ok, false);
  assert.match(verdict.ok ? '' : verdict.why, /a checkpoint names another seal here/);
});

test('a checkpoint that another key signed does not count, and a wrong signature is told', async (t) => {
  const { file } = await severalFiles(t);
  const other = site(t);
  const strangers = await verifyAudit(file, { checker: other.checker });
  assert.ok(strangers.ok && strangers.checkpoints === 0);
  const signed = other.signer.sign('proxy-1', { seq: 5, hash: 'a' });
  assert.ok(other.checker.holds('proxy-1', { seq: 5, hash: 'a' }, signed));
  for (const [node, seq, hash] of [
    ['proxy-2', 5, 'a'],
    ['proxy-1', 6, 'a'],
    ['proxy-1', 5, 'b'],
  ] as const)
    assert.equal(other.checker.holds(node, { seq, hash }, signed), false);
});

test('an end that was cut off is told by whoever witnessed it', async (t) => {
  const { file } = await severalFiles(t);
  const whole = await verifyAudit(file);
  assert.ok(whole.ok);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const seal: { seq: number; hash: string } = JSON.parse(lines.at(-1) ?? '');
  const witnessed = new Map([[seal.seq, seal.hash]]);
  const good = await verifyAudit(file, { witnessed });
  assert.ok(good.ok && good.witnessed === 1);
  truncateSync(file, Buffer.byteLength(`${lines.slice(0, -2).join('\n')}\n`));
  assert.equal((await verifyAudit(file)).ok, true, 'nobody else can tell');
  const cut = await verifyAudit(file, { witnessed });
  assert.match(cut.ok ? '' : cut.why, /^the end was cut off: the witness saw record \d+$/);
});

test('a key that is none is refused in one sentence', (t) => {
  const { write } = site(t);
  assert.throws(
    () => openSigner('/nonexistent'),
    /not a key that can be read \(ENOENT\); make one with sallyport audit key/,
  );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = write('ec.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.throws(() => openSigner(file), /not an Ed25519 key/);
});
