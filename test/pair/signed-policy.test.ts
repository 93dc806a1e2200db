// Signed policies through the whole pair: from nothing to in force over the link, without the words that must stay
// inside, changed while it runs, back again, and over a kill (invariants I3, I9).
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signFolder } from '../../deploy/commands/policy/sign-folder.ts';
import { activate, bothHave, lab, place, readyz, revisionOf, sallyport, secret, sign, site } from './signed-site.ts';
import { annAndBob, until } from './whole-site.ts';

test('before there is any good policy nobody is let in, and both halves say so', async () => {
  assert.match(await readyz('proxy'), /^503 there is no good policy/);
  assert.match(await readyz('gateway'), /^503 there is no good policy/);
  const { server } = annAndBob(site);
  const stream = await server.openStream({ to: lab.internalDomains[0] ?? '' });
  assert.ok(!stream.negotiated.done && stream.negotiated.condition === 'policy-violation');
  stream.destroy();
  const { ann, bob } = annAndBob(site);
  assert.equal((await bob.say(ann.address, 'is anybody there?')).status, 404);
  await sign('alice');
  const early = await activate(lab.policyDir);
  assert.equal(early.code, 1);
  assert.match(early.complained, /a second signature is required/);
  assert.match(await readyz('gateway'), /^503/);
});

test('signed by two and activated inside it is in force on both sides, without a restart', async () => {
  const pids = [site.pair.pid('proxy'), site.pair.pid('gateway')];
  await sign('bob');
  const { code, said, complained } = await activate(lab.policyDir);
  assert.equal(code, 0, complained);
  assert.match(said, /^in force: [0-9a-f]{64}$/);
  await bothHave(await revisionOf('gateway'));
  await site.pair.ready();
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'hello');
  await bob.nextMessage({ within: 10_000, from: ann.address });
  assert.equal((await bob.say(ann.address, `about ${secret}`)).status, 606);
  assert.deepEqual([site.pair.pid('proxy'), site.pair.pid('gateway')], pids);
  const metrics = await (await fetch(`http://127.0.0.1:${lab.proxy.metrics}/metrics`)).text();
  for (const state of ['published', 'received', 'verified', 'active']) {
    assert.match(
      metrics,
      new RegExp(`sallyport_policy_revision\\{state="${state}",revision="[0-9a-f]{12}"\\} 1[0-9]{9}`),
    );
  }
  await until('the audit has it', () =>
    /"event":"policy-activated","revision":"[0-9a-f]{64}","note":"signed by alice, bob, /.test(
      readFileSync(lab.audit.proxy, 'utf8'),
    ),
  );
});

test('neither the files nor the memory of the proxy hold a word that must stay inside', () => {
  const files = readdirSync(place('proxy-kept'), { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  assert.ok(files.some(({ name }) => name === 'dirty-words.txt'));
  for (const { parentPath, name } of files) {
    assert.ok(!holds(readFileSync(join(parentPath, name)), secret), join(parentPath, name));
    assert.notEqual(name, 'revision.salt');
    assert.notEqual(name, 'secret-names.txt');
  }
  // The gateway shows that this looking finds what is there; what users have written is in both, so another word is sought.
  assert.ok(inMemory(site.pair.pid('gateway'), 'secret-names'), 'the rule is in the memory of the gateway');
  assert.ok(inMemory(site.pair.pid('gateway'), secret.toLowerCase()) || inMemory(site.pair.pid('gateway'), secret));
  assert.ok(inMemory(site.pair.pid('proxy'), 'nightingale'), 'the proxy holds the words that it may');
  assert.ok(!inMemory(site.pair.pid('proxy'), secret));
  assert.ok(!inMemory(site.pair.pid('proxy'), secret.toLowerCase()));
});

test('a change comes into force while it runs; an old revision offered again does not, nor one that was touched', async () => {
  cpSync(lab.policyDir, place('first'), { recursive: true });
  const words = join(lab.policyDir, 'lists/dirty-words.txt');
  writeFileSync(words, `${readFileSync(words, 'utf8')}moonraker\n`);
  assert.match((await activate(lab.policyDir)).complained, /dirty-words\.txt: it is not what was signed/);
  await sign('alice', 'bob');
  assert.equal((await activate(lab.policyDir)).code, 0);
  const second = await revisionOf('gateway');
  await bothHave(second);
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'the Moonraker files');
  assert.equal((await ann.nextError({ within: 5_000 })).error?.condition, 'policy-violation');
  const old = await activate(place('first'));
  assert.equal(old.code, 1);
  assert.match(old.complained, /not after the one in force/);
  // Whoever has broken into the DMZ has the proxy's folder, and the old copy with its good signatures.
  assert.equal((await sallyport('policy', 'cut', place('first'), place('old-copy'))).code, 0);
  cpSync(place('old-copy'), place('proxy-watched'), { recursive: true });
  await until(
    'the proxy has seen it',
    () => /left alone|not after the one in force/.test(site.pair.log('proxy')),
    15_000,
  );
  assert.equal(await revisionOf('proxy'), second);
  rmSync(place('proxy-watched'), { recursive: true });
  mkdirSync(place('proxy-watched'));
});

test('both halves find their last good one after a kill, with nothing in the folders that they watch', async () => {
  const before = await revisionOf('gateway');
  for (const half of ['proxy', 'gateway'] as const) {
    await site.pair.end(half, 'SIGKILL');
    await site.pair.start(half);
  }
  await site.pair.ready();
  assert.equal(await revisionOf('gateway'), before);
  assert.equal(await revisionOf('proxy'), before);
});

test('a roll-back is an old revision that is signed today, by as many as any other', async () => {
  const { said } = await sallyport('policy', 'status', '--settings', lab.settings.gateway);
  const [, first = ''] = /^ {4}([0-9a-f]{12}) .*alice\s*$/m.exec(said) ?? [];
  const back = place('back');
  const key = (name: string) => ['--key', place(`${name}.key`), '--as', name];
  const made = await sallyport('policy', 'rollback', first, back, '--settings', lab.settings.gateway, ...key('alice'));
  assert.equal(made.code, 0, made.complained);
  assert.match((await activate(back)).complained, /a second signature is required/);
  assert.equal((await sallyport('policy', 'sign', back, ...key('bob'))).code, 0);
  assert.equal((await activate(back)).code, 0);
  assert.ok((await revisionOf('gateway'))?.startsWith(first));
  await bothHave(await revisionOf('gateway'));
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'the Moonraker files again');
  await bob.nextMessage({ within: 10_000, from: ann.address });
});

test('by file: the folder is switched by one rename, and taken within seconds', async () => {
  const watched = place('gateway-watched');
  await sign('alice', 'bob');
  const words = join(lab.policyDir, 'lists/dirty-words.txt');
  writeFileSync(words, `${readFileSync(words, 'utf8')}octopussy\n`);
  await sign('alice', 'bob');
  const switched = await sallyport('policy', 'activate', lab.policyDir, '--at', watched);
  assert.equal(switched.code, 0, switched.complained);
  const before = await revisionOf('gateway');
  await until('the gateway has taken it', async () => (await revisionOf('gateway')) !== before, 15_000);
  await bothHave(await revisionOf('gateway'));
});

test('an example that fails at the proxy alone keeps the last good revision there, and both halves say so', async () => {
  await bothHave(await revisionOf('gateway'));
  const before = await revisionOf('proxy');
  const content = join(lab.policyDir, 'content.yaml');
  const good = readFileSync(content, 'utf8');
  // The proxy lacks the rule, since a secret word could keep it from firing: no tool would have signed this.
  writeFileSync(
    content,
    good.replace('detectors:\n', `detectors:\n${cards}`).replace('rules:\n', `rules:\n${unlessSecret}`),
  );
  mkdirSync(join(lab.policyDir, 'examples'));
  const example = '  - { text: card 4111 1111 1111 1111, expect: { rule: cards-unless, action: block } }\n';
  writeFileSync(join(lab.policyDir, 'examples/cards.yaml'), `where: both\nexamples:\n${example}`);
  const now = Date.now();
  for (const who of ['alice', 'bob']) {
    const signed = signFolder(lab.policyDir, place(`${who}.key`), who, now);
    assert.ok(signed.ok, signed.ok ? '' : signed.problems.join());
  }
  const { code, complained } = await activate(lab.policyDir);
  assert.equal(code, 0, complained);
  assert.notEqual(await revisionOf('gateway'), before);
  const why = /examples\/cards\.yaml:3: the rule cards-unless did not fire; what happened: redact by LAB-CARDS/;
  await until('the gateway hears why', () => why.test(site.pair.log('gateway')), 15_000);
  assert.match(site.pair.log('gateway'), /the policy of the proxy is another one/);
  assert.equal(await revisionOf('proxy'), before);
  assert.match(
    (await sallyport('policy', 'status', '--settings', lab.settings.proxy)).said,
    /not taken: .*cards-unless/,
  );
  await until(
    'the partners say it inside',
    async () => {
      const { said } = await sallyport('partners', '--settings', lab.settings.gateway, '--json');
      const { policy = {} }: { policy?: Record<string, string> } = JSON.parse(said.split('\n')[0] ?? '{}');
      const isTold = policy.active === before && policy.published === (await revisionOf('gateway'));
      return isTold && policy.published === policy.verified;
    },
    30_000,
  );
  await until('the audit says it', () => why.test(readFileSync(lab.audit.proxy, 'utf8')));
  const { ann, bob } = annAndBob(site);
  await ann.send(bob.address, 'still here');
  await bob.nextMessage({ within: 10_000, from: ann.address });
  // Mended: where nothing is said, examples stay inside.
  writeFileSync(join(lab.policyDir, 'examples/cards.yaml'), `examples:\n${example}`);
  for (const who of ['alice', 'bob']) signFolder(lab.policyDir, place(`${who}.key`), who, now + 1_000);
  assert.equal((await activate(lab.policyDir)).code, 0);
  await bothHave(await revisionOf('gateway'));
  assert.ok(!readdirSync(place('proxy-kept'), { recursive: true }).some((name) => `${name}`.endsWith('cards.yaml')));
});

const cards = '  - { id: cards-again, number: [payment-card] }\n';
const unlessSecret = `  - id: cards-unless
    title: t
    why: w
    owner: o
    severity: high
    scope: { direction: outward }
    when: cards-again
    action: block
    mode: enforce
    unless: [{ when: secret-names, until: 2099-12-31, approvedBy: [bob] }]
`;

function holds(bytes: Buffer, word: string): boolean {
  return bytes.includes(word, 0, 'latin1') || bytes.includes(word, 0, 'utf16le');
}

/** Whether a process holds the word anywhere in the memory that it can write, in one byte a letter or in two. */
function inMemory(pid: number, word: string): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === '') continue;
    const [begin, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
    const overlap = word.length * 2;
    for (let at = begin; at < end; at += 8_388_608 - overlap) {
      const piece = Buffer.alloc(Math.min(8_388_608, end - at));
      let length = 0;
      try {
        length = readSync(memory, piece, 0, piece.length, at);
      } catch {
        break;
      }
      if (holds(piece.subarray(0, length), word)) return true;
    }
  }
  return false;
}
