// The quarantine through the whole pair: held in both directions, listed, shown and released by operators, refused, and
// kept over a kill; a second operator signs where the policy says so.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { makeOperatorKey } from '../../deploy/commands/policy/keys.ts';
import { runCommand } from '../../deploy/commands/run-command.ts';
import { addHoldingRules, heldInside, heldWord } from '../lab/holding-rules.ts';
import { annAndBob, startWholeSite, until, type WholeSite } from './whole-site.ts';

let site: WholeSite;
before(async () => {
  site = await startWholeSite({ quarantine: { atMostPerSender: 3 } }, addHoldingRules);
});
after(() => site.stop());

/** `sallyport quarantine …`, as an operator writes it. */
async function quarantine(...args: readonly string[]) {
  const said: string[] = [];
  const complained: string[] = [];
  const control = args[0] === 'sign' ? [] : ['--control', join(site.folder, 'gateway.sock')];
  const code = await runCommand(['quarantine', ...args, ...control], {
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

/** The ids of what is held, oldest first. */
async function heldIds(): Promise<readonly string[]> {
  const { said } = await quarantine('list', '--json');
  const read: { readonly held: readonly { readonly id: string }[] } = JSON.parse(said);
  return read.held.map(({ id }) => id);
}

async function oneHeld(): Promise<string> {
  await until('something is held', async () => (await heldIds()).length > 0);
  const [id = ''] = await heldIds();
  return id;
}

const audited = (half: 'proxy' | 'gateway') => readFileSync(site.lab.audit[half], 'utf8');

test('inward: held by the proxy’s rule, listed without a word of it, shown, and delivered after a kill of the gateway', async () => {
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, `the ${heldWord} flies`);
  const id = await oneHeld();
  const list = await quarantine('list');
  assert.equal(list.code, 0);
  assert.match(list.said, new RegExp(`${id} .*${ann.address} +${bob.address} +inward +held-birds .* 14$`, 'm'));
  assert.doesNotMatch(list.said, new RegExp(heldWord));
  const shown = await quarantine('show', id, '--as', 'a.smith');
  assert.match(shown.said, new RegExp(`^  \\| the ${heldWord}`, 'm'));
  assert.deepEqual((await quarantine('show', id)).code, 2, 'who looks says who he is');
  await site.pair.end('gateway', 'SIGKILL');
  await wait(1_100);
  await site.pair.start('gateway');
  await site.pair.ready();
  assert.deepEqual(await heldIds(), [id]);
  await assert.rejects(bob.nextMessage({ within: 200 }), 'nothing is delivered while it is held');
  const released = await quarantine('release', id, '--as', 'a.smith');
  assert.equal(released.code, 0, released.complained);
  const arrived = await bob.nextMessage({ within: 10_000, from: ann.address });
  assert.match(arrived.text, new RegExp(`the ${heldWord}`));
  assert.deepEqual(await heldIds(), []);
  assert.match(audited('proxy'), /"event":"admitted".*"code":"content-held".*"rule":"held-birds"/);
  for (const event of ['held', 'held-shown', 'held-released', 'accepted'])
    assert.match(audited('gateway'), new RegExp(`"event":"${event}".*"incident":"${id}"`), event);
  for (const half of ['proxy', 'gateway'] as const) {
    assert.doesNotMatch(audited(half), new RegExp(heldWord));
    assert.doesNotMatch(site.pair.log(half), new RegExp(heldWord));
  }
});

test('outward: held before it leaves, released past both doors with its first time', async () => {
  const { ann, bob } = annAndBob(site);
  for (const word of [heldWord, heldInside]) {
    const before = Date.now();
    assert.equal((await bob.say(ann.address, `a ${word} for Ann`)).status, 200);
    const id = await oneHeld();
    await wait(1_100);
    const done = await quarantine('release', id, '--as', 'a.smith');
    assert.equal(done.code, 0, done.complained);
    const arrived = await ann.nextMessage({ within: 10_000 });
    assert.equal(arrived.body, `a ${word} for Ann`);
    const said = Date.parse(arrived.delay ?? '');
    assert.ok(Math.abs(said - before) < 1_000, `${arrived.delay} is when it was said`);
    assert.match(audited('proxy'), new RegExp(`"event":"released".*"incident":"${id}"`));
  }
});

test('inward, by a rule whose words stay inside: held as well', async () => {
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, `a ${heldInside}`);
  const id = await oneHeld();
  const refused = await quarantine('refuse', id, '--as', 'b.jones');
  assert.equal(refused.code, 0, refused.complained);
  const { error, id: stanza } = await ann.nextError({ within: 5_000 });
  assert.equal(error?.condition, 'policy-violation');
  assert.ok(stanza !== '');
  assert.equal((await quarantine('refuse', id, '--as', 'b.jones')).code, 1, 'it has ended');
});

test('outward and refused: the writer reads that it was not delivered', async () => {
  const { ann, bob } = annAndBob(site);
  await bob.say(ann.address, `no ${heldWord} today`);
  const id = await oneHeld();
  await quarantine('refuse', id, '--as', 'b.jones');
  const told = await bob.nextMessage({ within: 10_000, from: ann.address });
  assert.match(told.text, new RegExp(`not delivered.*${id}`));
});

test('held for longer than its days, it ends by itself: both senders are told, nobody gets it, the audit says it', async () => {
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, `in with the ${heldWord}`);
  await bob.say(ann.address, `out with the ${heldWord}`);
  await until('both are held', async () => (await heldIds()).length === 2);
  const ids = await heldIds();
  await site.pair.end('gateway', 'SIGTERM');
  // Fifteen days go by while the gateway is down.
  const db = new DatabaseSync(join(site.folder, 'quarantine.db'));
  db.prepare('UPDATE packets SET held_at = held_at - ?').run(15 * 86_400_000);
  db.close();
  await site.pair.start('gateway');
  await site.pair.ready();
  const { error } = await ann.nextError({ within: 15_000 });
  assert.deepEqual([error?.condition, error?.type], ['policy-violation', 'modify']);
  const told = await bob.nextMessage({ within: 15_000, from: ann.address });
  assert.match(told.text, new RegExp(`not delivered.*(${ids.join('|')})`));
  assert.doesNotMatch(told.text, new RegExp(heldWord));
  assert.deepEqual(await heldIds(), []);
  for (const id of ids) {
    assert.match(audited('gateway'), new RegExp(`"event":"held-expired".*held for too long.*"incident":"${id}"`));
    assert.equal((await quarantine('release', id, '--as', 'a.smith')).code, 1, 'what has ended is not released');
  }
  await assert.rejects(bob.nextMessage({ within: 300 }), 'nothing of it is delivered');
  await assert.rejects(ann.nextMessage({ within: 300 }));
  assert.ok(!readFileSync(join(site.folder, 'quarantine.db')).includes(heldWord));
});

test('one sender has his bound: what is more is refused like a block, and said in metric and audit', async () => {
  const { ann, bob } = annAndBob(site);
  for (let i = 0; i < 4; i++) await ann.send(bob.address, `${heldWord} ${i}`);
  assert.equal((await ann.nextError({ within: 5_000 })).error?.condition, 'policy-violation');
  const ids = await heldIds();
  assert.equal(ids.length, 3);
  assert.match(audited('gateway'), /so many packets of this sender are held/);
  await until('the metrics know', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${site.lab.gateway.metrics}/metrics`)).text();
    return /quarantine_full_total\{bound="sender"\} 1/.test(metrics) && /quarantine_items 3/.test(metrics);
  });
  for (const id of ids) await quarantine('refuse', id, '--as', 'b.jones');
});

test('where the policy asks for a second operator, showing and releasing need his signature, and refusing does not', async () => {
  const { ann, bob } = annAndBob(site);
  const key = (name: string) => join(site.folder, `${name}.key`);
  const roles = ['quarantine-show', 'quarantine-release'];
  const operator = (name: string, more: readonly string[]) => ({ name, key: makeOperatorKey(key(name)), roles: more });
  const operators = stringify({
    operators: [
      operator('a.smith', ['author', ...roles]),
      operator('b.jones', roles),
      operator('c.brown', ['approver']),
    ],
    quarantine: { secondOperator: true },
  });
  const inForce = () => site.pair.log('gateway').split('a new policy is in force').length;
  const policies = inForce();
  writeFileSync(join(site.lab.policyDir, 'operators.yaml'), operators);
  await until('the gateway has it', () => inForce() > policies, 15_000);
  await ann.send(bob.address, `one more ${heldWord}`);
  const id = await oneHeld();
  const sign = async (who: string, action: string, of = id) => {
    const file = join(site.folder, `${who}-${action}-${of}`);
    const signed = await quarantine('sign', of, '--action', action, '--as', who, '--key', key(who));
    assert.equal(signed.code, 0, signed.complained);
    writeFileSync(file, `${signed.said}\n`);
    return file;
  };
  const release = (as: string, ...files: readonly string[]) =>
    quarantine('release', id, '--as', as, ...files.flatMap((file) => ['--signature', file]));
  const missing = await release('a.smith');
  assert.match(missing.complained, /second operator.*is missing.*quarantine sign/);
  for (const [what, as, file] of [
    ['his own', 'a.smith', await sign('a.smith', 'release')],
    ['for another deed', 'a.smith', await sign('b.jones', 'show')],
    ['for another packet', 'a.smith', await sign('b.jones', 'release', '0123456789abcdef')],
    ['of somebody without the role', 'a.smith', await sign('c.brown', 'release')],
    ['for somebody without the role', 'c.brown', await sign('b.jones', 'release')],
  ] as const)
    assert.equal((await release(as, file)).code, 1, what);
  const shown = await quarantine('show', id, '--as', 'a.smith', '--signature', await sign('b.jones', 'show'));
  assert.match(shown.said, new RegExp(`one more ${heldWord}`));
  const done = await release('a.smith', await sign('b.jones', 'release'));
  assert.equal(done.code, 0, done.complained);
  await bob.nextMessage({ within: 10_000, from: ann.address });
  assert.match(audited('gateway'), /"event":"held-released".*"note":"by a\.smith, signed by b\.jones"/);
  await ann.send(bob.address, `the last ${heldWord}`);
  assert.equal((await quarantine('refuse', await oneHeld(), '--as', 'b.jones')).code, 0);
});
