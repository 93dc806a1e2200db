// The lab does what its help says: the story, lab.json for other programs, and an end that leaves nothing behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from '../pair/whole-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function lab(...options: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lab.ts'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return { child, ended, output: () => output };
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('--once tells the story, every step as it must be, and ends with 0', async () => {
  const { ended, output } = lab('--once');
  assert.equal(await ended, 0, output());
  assert.match(output(), /7 of 7 steps went as they must/);
  for (const stage of ['stage checkContent: content-refused', 'stage checkSender: sender-forged', 'partner-unknown'])
    assert.ok(output().includes(stage), stage);
});

test('--bare writes a whole lab.json and ends by itself after --for seconds, and both processes with it', async () => {
  const dir = join(folder, 'bare');
  const { ended, output } = lab('--bare', '--dir', dir, '--for', '3');
  await until('lab.json', () => existsSync(join(dir, 'lab.json')), 20_000);
  const read = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8'));
  for (const key of ['host', 's2s', 'directTls', 'link', 'metrics', 'pid']) assert.ok(read.proxy[key], `proxy.${key}`);
  for (const key of ['host', 'sip', 'fqdn', 'metrics', 'pid']) assert.ok(read.gateway[key], `gateway.${key}`);
  assert.ok(read.internalDomains.length >= 2 && read.partners.length >= 2);
  for (const domain of read.internalDomains) {
    assert.ok(read.internalUsers.filter((user: string) => user.endsWith(`@${domain}`)).length >= 3, domain);
  }
  for (const place of [...read.partners, read.frontEnd]) {
    assert.ok(place.users.length >= 3 && place.listen.host && place.listen.port && place.domain);
    for (const file of ['certFile', 'keyFile', 'caFile', 'caKeyFile']) assert.ok(existsSync(place[file]), file);
  }
  assert.ok(read.frontEnd.fqdn && existsSync(read.policyDir));
  for (const file of [...Object.values(read.settings), ...Object.values(read.audit)])
    assert.ok(existsSync(String(file)), String(file));
  assert.ok(lives(read.proxy.pid) && lives(read.gateway.pid));
  assert.equal(await ended, 0, output());
  assert.ok(!lives(read.proxy.pid) && !lives(read.gateway.pid));
  assert.ok(existsSync(join(dir, 'lab.json')), 'the folder is the caller’s');
});

test('SIGTERM ends the lab and both processes cleanly', async () => {
  const dir = join(folder, 'term');
  const { child, ended, output } = lab('--bare', '--dir', dir);
  await until('lab.json', () => existsSync(join(dir, 'lab.json')), 20_000);
  const { proxy, gateway } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8'));
  assert.match(output(), /To join with your own Prosody/);
  child.kill('SIGTERM');
  assert.equal(await ended, 0, output());
  assert.ok(!lives(proxy.pid) && !lives(gateway.pid));
});

test('an option that does not exist is one line and exit 2', async () => {
  const { ended, output } = lab('--onse');
  assert.equal(await ended, 2);
  assert.match(output(), /^lab: .*--onse/);
  assert.equal(output().trim().split('\n').length, 1);
});
