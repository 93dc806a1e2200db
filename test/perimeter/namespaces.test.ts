// Namespaces of a killed run go with the next one, and a run removes its own, also when making them fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { mayBeLeftOut } from './expectations.ts';
import { leftOvers, makeNamespaces, obstacle } from './namespaces.ts';
import { oneHost } from './networks.ts';

const problem = obstacle();
const skip = mayBeLeftOut(problem);
const list = () => spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout;

test('what a killed run has left behind goes when the next begins', { skip }, () => {
  assert.equal(problem, undefined);
  const program = `
    import { makeNamespaces } from ${JSON.stringify(`${import.meta.dirname}/namespaces.ts`)};
    makeNamespaces({ hosts: { alone: { router: false } }, cables: [], bridges: [], routes: [] });
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  assert.equal(signal, 'SIGKILL', stderr);
  const [left] = leftOvers();
  assert.match(left ?? '', /^sallyport-\d+-alone$/);
  makeNamespaces(oneHost).remove();
  assert.ok(!list().includes(left ?? ''));
  assert.ok(!list().includes(`sallyport-${process.pid}-`));
});

test('a network that cannot be wired leaves nothing behind', { skip }, () => {
  const routes = [{ host: 'outside', to: 'default', by: '198.51.100.1' }];
  assert.throws(() => makeNamespaces({ ...oneHost, routes }), /ip -netns/);
  assert.ok(!list().includes(`sallyport-${process.pid}-`));
});
