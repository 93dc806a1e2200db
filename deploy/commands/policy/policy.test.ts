// The commands around signed policies, as an operator writes them: keys, signing, the proxy's copy, the switched folder.
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadPolicy } from '@sallyport/shared/policy/load-policy.ts';
import { runCommand } from '../run-command.ts';
import { switchFolder } from './activate.ts';

const shipped = path.join(import.meta.dirname, '../../../policies');

async function sallyport(...args: readonly string[]) {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runCommand(['policy', ...args], {
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

/** A copy of the shipped policy with one operator, whose key is beside it. */
async function desk(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-desk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const policy = path.join(folder, 'policy');
  cpSync(shipped, policy, { recursive: true });
  const key = path.join(folder, 'a.smith.key');
  const { said } = await sallyport('key', key, '--as', 'a.smith');
  const entry = said.split('\n').filter((line) => line.startsWith('  '));
  writeFileSync(path.join(policy, 'operators.yaml'), `operators:\n${entry.join('\n')}\n`);
  return { folder, policy, key };
}

test('a key is for its owner alone, is never replaced, and prints the entry that operators.yaml wants', async (t) => {
  const { policy, key } = await desk(t);
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.ok(loadPolicy(policy, 'inside').ok);
  assert.match((await sallyport('key', key)).complained, /is there already/);
  assert.match((await sallyport('key', `${key}2`, '--as', 'A Smith')).complained, /write a short name in lower case/);
  chmodSync(key, 0o644);
  assert.match((await sallyport('sign', policy, '--key', key)).complained, /others on this machine may read the key/);
});

test('signing finds the name by the key, tells what it signed, and refuses a wrong name, a wrong key and no key', async (t) => {
  const { folder, policy, key } = await desk(t);
  assert.match((await sallyport('sign', policy)).complained, /write --key FILE/);
  const { code, said } = await sallyport('sign', policy, '--key', key);
  assert.equal(code, 0);
  assert.match(said, /^signed: revision [0-9a-f]{64}\n {2}author {4}a\.smith, /);
  const again = await sallyport('sign', policy, '--key', key);
  assert.match(again.said, /^signature added: /);
  assert.equal(readFileSync(path.join(policy, 'revision.signatures'), 'utf8').split('\n').length, 2, 'once, not twice');
  const other = path.join(folder, 'other.key');
  await sallyport('key', other);
  assert.match((await sallyport('sign', policy, '--key', other)).complained, /nobody there has the key/);
  assert.match(
    (await sallyport('sign', policy, '--key', other, '--as', 'a.smith')).complained,
    /a\.smith has another key/,
  );
  assert.match(
    (await sallyport('sign', policy, '--key', path.join(policy, 'content.yaml'))).complained,
    /others on this machine|no private key/,
  );
  writeFileSync(path.join(policy, 'partners.yaml'), 'partners: 7\n');
  const bad = await sallyport('sign', policy, '--key', key);
  assert.equal(bad.code, 2);
  assert.match(bad.complained, /partners\.yaml:1: partners/);
});

test('the copy for the proxy is cut from what was signed, and from nothing else', async (t) => {
  const { folder, policy, key } = await desk(t);
  const content = path.join(policy, 'content.yaml');
  const both = /(file: lists\/project-names\.txt\n\s+where: )both/;
  writeFileSync(content, readFileSync(content, 'utf8').replace(both, '$1inside'));
  const copy = path.join(folder, 'copy');
  assert.match((await sallyport('cut', policy, copy)).complained, /it is not signed/);
  await sallyport('sign', policy, '--key', key);
  const cut = await sallyport('cut', policy, copy);
  assert.match(cut.said, /without examples\/project-names\.yaml, lists\/project-names\.txt$/);
  assert.ok(!readdirSync(path.join(copy, 'lists')).includes('project-names.txt'));
  assert.ok(!readdirSync(copy).includes('revision.salt'));
  assert.match((await sallyport('cut', policy, copy)).complained, /is there already/);
  writeFileSync(content, `${readFileSync(content, 'utf8')}# later\n`);
  assert.match((await sallyport('cut', policy, `${copy}2`)).complained, /content\.yaml: it is not what was signed/);
});

test('the watched folder becomes a link that is switched by a rename; the last ten copies stay', async (t) => {
  const { folder, policy } = await desk(t);
  const place = path.join(folder, 'watched');
  cpSync(shipped, place, { recursive: true });
  const first = await sallyport('activate', policy, '--at', place);
  assert.equal(first.code, 0, first.complained);
  assert.ok(lstatSync(place).isSymbolicLink());
  assert.ok(loadPolicy(place, 'inside').ok);
  assert.ok(
    readdirSync(`${place}.revisions`).some((name) => name.endsWith('-before')),
    'what was there is kept',
  );
  rmSync(path.join(policy, 'examples/words.yaml'));
  for (let i = 0; i < 12; i += 1) {
    writeFileSync(path.join(policy, 'lists/dirty-words.txt'), `word${i}\n`);
    assert.equal(typeof switchFolder(policy, place, Date.now() + 10 * i), 'string');
  }
  assert.equal(readdirSync(`${place}.revisions`).length, 10);
  assert.equal(readFileSync(path.join(place, 'lists/dirty-words.txt'), 'utf8'), 'word11\n');
  writeFileSync(path.join(policy, 'content.yaml'), 'rulez: []\n');
  const bad = await sallyport('activate', policy, '--at', place);
  assert.equal(bad.code, 1);
  assert.match(bad.complained, /content\.yaml:1: rulez/);
  assert.equal(readFileSync(path.join(place, 'lists/dirty-words.txt'), 'utf8'), 'word11\n');
});

test('activate and rollback say what they need', async (t) => {
  const { policy, key } = await desk(t);
  assert.match(
    (await sallyport('activate', policy, '--control', '/nowhere.sock')).complained,
    /no such control socket/,
  );
  assert.match((await sallyport('rollback', 'abcd', `${policy}2`)).complained, /write --settings FILE and --key FILE/);
  assert.match(
    (await sallyport('rollback', 'abcd', policy, '--settings', 'x.yaml', '--key', key)).complained,
    /is there already/,
  );
});
