// The secret of dialback: its file, and what is too poor to be one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { openDialbackSecret } from './secret.ts';

test('the secret is the text of its file, or long and random (D3)', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'secret');
  const digits = '0123456789abcdef'.repeat(4);
  writeFileSync(file, `${digits}\n`);
  assert.equal(openDialbackSecret(file), digits);
  assert.match(openDialbackSecret(undefined), /^[0-9a-f]{64}$/);
  assert.notEqual(openDialbackSecret(undefined), openDialbackSecret(undefined));
  for (const poor of ['', 'secret', digits.slice(1), 'a'.repeat(64)]) {
    writeFileSync(file, poor);
    assert.throws(() => openDialbackSecret(file), /the secret is too short or too plain; write 64 hex digits/);
  }
  assert.throws(() => openDialbackSecret(path.join(folder, 'none')), /there is no such file; check the path/);
});
