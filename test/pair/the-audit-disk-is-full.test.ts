// Invariant I3: on a full disk nothing passes unrecorded, in either direction, and all is well again with the disk.
// Needs root: it mounts a disk of 1 MiB in memory for the two audits.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { annAndBob, startWholeSite, until } from './whole-site.ts';

const halves = ['proxy', 'gateway'] as const;

test('while the disk of the audit is full, both sides are told to try later; then all passes again', async (t) => {
  const auditFolder = mkdtempSync(join(tmpdir(), 'audit-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'sallyport-audit-test', auditFolder]);
  t.after(() => {
    execFileSync('umount', [auditFolder]);
    rmSync(auditFolder, { recursive: true });
  });
  const site = await startWholeSite({ auditFolder });
  t.after(site.stop);
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'there is room');
  await bob.nextMessage({ within: 5_000, from: ann.address });

  const ballast = join(auditFolder, 'ballast');
  fillUp(ballast);
  const noticed = () => halves.every((half) => site.pair.log(half).includes('the audit cannot be written'));
  // What is on its way in that moment is still let through; it waits in memory for its record.
  for (let i = 0; !noticed(); i++) {
    assert.ok(i < 50, 'both have noticed');
    await ann.send(bob.address, `noticing ${i}`);
    await bob.say(ann.address, `noticing ${i}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));

  await ann.send(bob.address, 'nobody writes this down');
  const error = await ann.nextError({ within: 5_000 });
  assert.equal(error.error?.condition, 'internal-server-error');
  assert.equal(error.error?.type, 'wait');
  assert.equal((await bob.say(ann.address, 'nor this')).status, 500);

  rmSync(ballast);
  await until('both write again', () =>
    halves.every((half) => site.pair.log(half).includes('the audit is written again')),
  );
  await ann.send(bob.address, 'written down again');
  for (;;) {
    const { text } = await bob.nextMessage({ within: 5_000, from: ann.address });
    assert.doesNotMatch(text, /nobody/);
    if (text === 'written down again') break;
  }
  assert.equal((await bob.say(ann.address, 'this too')).status, 200);
  await site.pair.end('proxy');
  await site.pair.end('gateway');
  for (const file of Object.values(site.lab.audit)) {
    const verdict = await verifyAudit(file);
    assert.ok(verdict.ok, JSON.stringify(verdict));
    assert.match(readFileSync(file, 'utf8'), /"event":"audit-resumed"/, 'it says when it could be written again');
  }
});

function fillUp(file: string): void {
  const block = Buffer.alloc(4096);
  let _size = 0;
  try {
    for (; ; _size += block.length) writeFileSync(file, block, { flag: 'a' });
  } catch {
    return;
  }
}
