// Which suites need which peers, and that the installer leaves the machine alone when told to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../architecture/sources.ts';
import { needsOf, peers } from './peers.ts';

test('an interop suite that nobody described needs every peer; other tests need none', () => {
  assert.deepEqual(needsOf('test/interop/something-new.test.ts'), [
    'Prosody',
    'ejabberd',
    'jabberd2',
    'dnsmasq',
    'Kamailio',
    'SIPp',
  ]);
  assert.deepEqual(needsOf('test/interop/prosody.test.ts'), ['Prosody']);
  assert.deepEqual(needsOf('test/perimeter/one-host.test.ts'), ['nftables']);
  assert.deepEqual(needsOf('shared/rate.test.ts'), []);
  const suites = readdirSync(path.join(root, 'test/interop')).filter((name) => name.endsWith('.test.ts'));
  for (const suite of suites) assert.ok(needsOf(`test/interop/${suite}`).length > 0, suite);
});

test('with NO_INSTALL=1 nothing is installed, and what is missing is named', () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'test/peers/install.ts')], {
    encoding: 'utf8',
    env: { ...process.env, NO_INSTALL: '1' },
  });
  assert.equal(status, 0);
  assert.ok(stdout === '' || stdout.includes('Not installed: NO_INSTALL=1'), stdout);
  assert.doesNotMatch(stdout, /^Now:/m);
  assert.ok(peers.every(({ packages }) => packages.length > 0));
});
