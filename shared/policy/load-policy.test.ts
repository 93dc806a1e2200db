// Policy folders on disk, good and bad, loaded as both sides load them and watched as a process watches them.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseJid } from '../address/jid.ts';
import { paceOf } from '../rate.ts';
import { loadPolicy, type Side } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { watchPolicy } from './watch-policy.ts';

const shipped = path.join(import.meta.dirname, '../../policies');
const jid = (text: string) => parseJid(text)!;

/** The shipped policy in a temporary folder, with these files written over it; null removes one. */
function folder(t: TestContext, files: Readonly<Record<string, string | null>> = {}): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sallyport-policy-'));
  t.after(() => rmSync(made, { recursive: true }));
  cpSync(shipped, made, { recursive: true });
  put(made, files);
  return made;
}

function put(where: string, files: Readonly<Record<string, string | null>>): void {
  for (const [name, text] of Object.entries(files)) {
    if (text === null) rmSync(path.join(where, name));
    else writeFileSync(path.join(where, name), text);
  }
}

function good(where: string, side: Side = 'inside'): Policy {
  const result = loadPolicy(where, side);
  assert.ok(result.ok, result.ok ? '' : result.problems.join('\n'));
  return result.policy;
}

function problems(where: string, side: Side = 'inside'): string[] {
  const result = loadPolicy(where, side);
  return result.ok ? [] : result.problems.map((line) => line.replaceAll(`${where}/`, ''));
}

/** The rule that refuses these texts, and what the sender reads. */
function judge(policy: Policy | undefined, direction: 'inward' | 'outward', texts: readonly string[]) {
  const parts = texts.map((text) => ({ part: 'body' as const, text }));
  const rule = policy?.content.evaluate({ direction, parts, now: 0 }).rule;
  return rule === undefined ? undefined : { rule, publicText: policy?.content.rules.get(rule)?.textFor('')?.text };
}

const partner = (rest: string) => `partners:\n  - domain: out.example\n    connect: [{ host: 192.0.2.10 }]\n${rest}`;
const trust = '    trust: [trust/out-example.pem]\n';

test('the shipped policy is good on both sides, and both call it by one revision', () => {
  const inside = good(shipped);
  assert.match(inside.revision, /^[0-9a-f]{64}$/);
  assert.equal(good(shipped, 'dmz').revision, inside.revision);
  assert.equal(judge(inside, 'outward', ['this is Project Nightingale'])?.rule, 'project-names');
  assert.equal(judge(inside, 'outward', ['good morning']), undefined);
});

test('pairs decide who may talk, an empty list refuses everyone', (t) => {
  const may = (rule: string) => {
    const found = good(folder(t, { 'partners.yaml': partner(`${trust}    mayTalk: ${rule}\n`) })).partners.get(
      'out.example',
    )!;
    return (external: string, internal: string) => found.mayTalk(jid(external), jid(internal));
  };
  const nobody = may('[]');
  assert.equal(nobody('ann@out.example', 'bob@in.example'), false);
  const everyone = may('everyone');
  assert.equal(everyone('ann@out.example/phone', 'bob@in.example'), true);
  assert.equal(everyone('ann@other.example', 'bob@in.example'), false, 'of this partner alone');
  const pairs = may(
    '[{ external: ann@out.example, internal: bob@in.example }, { external: "*@out.example", internal: help@in.example },' +
      ' { external: eve@out.example, internal: "*@lab.example" }, { external: root@out.example, internal: "*" }]',
  );
  assert.equal(pairs('ann@out.example/x', 'bob@in.example/y'), true);
  assert.equal(pairs('ann@out.example', 'carol@in.example'), false);
  assert.equal(pairs('carol@out.example', 'bob@in.example'), false);
  assert.equal(pairs('carol@out.example', 'help@in.example'), true);
  assert.equal(pairs('eve@out.example', 'x@lab.example'), true);
  assert.equal(pairs('eve@out.example', 'x@in.example'), false);
  assert.equal(pairs('root@out.example', 'x@in.example'), true);
  assert.equal(pairs('root@out.example.evil.example', 'x@in.example'), false);
});

test('what is not said of a partner has its default', (t) => {
  const policy = good(folder(t, { 'partners.yaml': partner(`${trust}    mayTalk: everyone\n`) }));
  const { connect, rates, invalid, unknown, trust: pem } = policy.partners.get('out.example')!;
  assert.deepEqual(connect, [{ host: '192.0.2.10', port: 5269, tls: 'starttls' }]);
  assert.deepEqual(rates.stream, { stanzas: paceOf(200, 800), bytes: paceOf(1_048_576, 4_194_304) });
  assert.deepEqual([invalid, unknown], ['refuse', 'strip']);
  assert.match(pem[0] ?? '', /BEGIN CERTIFICATE/);
});

test('all problems of a folder are told at once, each with its place and its mend', (t) => {
  const where = folder(t, {
    'partners.yaml': `partners:
  - domain: out.example
    connect: [{ host: xmpp.out.example }]
    trust: [/etc/ca.pem]
    maytalk: everyone
    mayTalk: [{ external: Ann@out.example, internal: bob@in.example }]
`,
    'content.yaml': 'lists: [{ id: x, title: X, file: lists/x.txt, where: dmz, direction: both }]\n',
    'limit.yaml': 'x: 1\n',
    'lists/.dirty-words.txt.swp': 'x',
    'partners.yaml~': 'x',
  });
  assert.deepEqual(problems(where), [
    'limit.yaml: not a file that a policy knows; remove it, or correct its name',
    'partners.yaml:3: partners[0].connect[0].host: "xmpp.out.example" is not right; write an IP address; for a name write connect: dns',
    'partners.yaml:4: partners[0].trust[0]: "/etc/ca.pem" is not right; write the path of a PEM file in the folder trust of the policy, such as trust/out-example.pem',
    'partners.yaml:5: partners[0].maytalk: is not a known key; write mayTalk instead',
    'partners.yaml:6: partners[0].mayTalk[0].external: "Ann@out.example" is not right; write an address in lower case such as ann@out.example, or *@out.example for its whole domain, or * for all',
    'content.yaml:1: lists[0].where: "dmz" is not possible; write inside or both instead',
  ]);
});

test('files that are named and missing, or there and not named, are problems', (t) => {
  const where = folder(t, { 'trust/out-example.pem': null, 'lists/spare.txt': 'word\n' });
  assert.deepEqual(problems(where), [
    'trust/out-example.pem: there is no such file, and partners.yaml names it; put the CA certificate there',
    'lists/spare.txt: no rule uses it; remove it, or name it in content.yaml',
  ]);
  assert.match(problems(path.join(where, 'nowhere')).join(), /there is no such folder/);
});

test('a stranger in a pair, a partner twice, a key among certificates: refused', (t) => {
  const stranger = partner(`${trust}    mayTalk: [{ external: ann@other.example, internal: "*" }]\n`);
  assert.match(
    problems(folder(t, { 'partners.yaml': stranger })).join(),
    /^partners.yaml:5: partners\[0\].mayTalk\[0\].external: ann@other.example is not of this partner; write/,
  );
  const one = partner(`${trust}    mayTalk: []\n`);
  const twice = one + one.replace('partners:\n', '');
  assert.match(
    problems(folder(t, { 'partners.yaml': twice })).join(),
    /^partners.yaml:6: partners\[1\].domain: out.example stands here again; keep one/,
  );
  const pem = `${readFileSync(path.join(shipped, 'trust/out-example.pem'), 'utf8')}\n-----BEGIN PRIVATE KEY-----\n`;
  assert.match(problems(folder(t, { 'trust/out-example.pem': pem })).join(), /private key in it/);
});

test('the proxy does without the words that say inside, and never matches them', (t) => {
  const where = folder(t, {
    'content.yaml': `lists:
  - { id: secret, title: Secret, file: lists/secret.txt, where: inside, direction: both }
  - { id: dirty, title: Dirty, file: lists/dirty-words.txt, where: both, direction: inward, text: Mind your words. }
`,
    'lists/secret.txt': 'nightingale\n',
    'lists/dirty-words.txt': '# sample\ndamn\n',
    'lists/project-names.txt': null,
  });
  const inside = good(where);
  assert.deepEqual(judge(inside, 'outward', ['ok', 'a NIGHTINGALE']), { rule: 'secret', publicText: undefined });
  assert.equal(judge(good(where, 'dmz'), 'outward', ['a nightingale']), undefined);
  assert.deepEqual(judge(inside, 'inward', ['damn']), { rule: 'dirty', publicText: 'Mind your words.' });
  assert.equal(judge(inside, 'outward', ['damn']), undefined, 'this rule is for what comes in');

  put(where, { 'lists/secret.txt': null });
  assert.notEqual(good(where, 'dmz').revision, inside.revision, 'without the hash the copies differ, and it shows');
  assert.match(problems(where, 'inside').join(), /lists\/secret.txt: there is no such file/);
  const digest = '2ff7c7fbcd8a72e4afe6c5cb8d2d5a4a0a8a0c85fc9f6e4c5f4b2f8e1d0c9b7a';
  put(where, { 'lists/secret.txt.sha256': `${digest}  lists/secret.txt\n` });
  assert.equal(loadPolicy(where, 'dmz').ok, true, 'the hash stands in for the list');
});

test('an inside list is carried by its hash: one revision on both sides', async (t) => {
  const { createHash } = await import('node:crypto');
  const files = {
    'content.yaml': 'lists: [{ id: s, title: S, file: lists/s.txt, where: inside, direction: both }]\n',
    'lists/s.txt': 'nightingale\n',
    'lists/project-names.txt': null,
    'lists/dirty-words.txt': null,
  };
  const inside = folder(t, files);
  const outside = folder(t, { ...files, 'lists/s.txt': `x` });
  put(outside, {
    'lists/s.txt': null,
    'lists/s.txt.sha256': createHash('sha256').update('nightingale\n').digest('hex'),
  });
  assert.equal(good(outside, 'dmz').revision, good(inside).revision);
});

test('a bad line of a word list is told by its number and never by its words', (t) => {
  const where = folder(t, { 'lists/dirty-words.txt': `fine\n!!!\n${'secretword'.repeat(30)}\n` });
  const told = problems(where);
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /^lists\/dirty-words.txt:2: no letter/);
  assert.match(told[1] ?? '', /^lists\/dirty-words.txt:3: too long/);
  assert.doesNotMatch(told.join(), /secretword/);
});

test('a changed folder comes into force by itself; a bad one never does', async (t) => {
  const where = folder(t);
  const seen: Policy[] = [];
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
  const watch = watchPolicy(
    { folder: where },
    () => loadPolicy(where, 'inside'),
    good(where),
    { changed: (policy) => seen.push(policy) },
    log,
    20,
  );
  t.after(watch.close);
  const until = async (done: () => boolean) => {
    for (let i = 0; i < 100 && !done(); i++) await sleep(20);
    assert.ok(done());
  };
  put(where, { 'lists/dirty-words.txt': 'blast\n' });
  await until(() => seen.length === 1);
  assert.equal(judge(seen[0], 'inward', ['blast!'])?.rule, 'dirty-words');
  put(where, { 'partners.yaml': 'partners: [{}]\n' });
  await until(() => logged.some((line) => line.includes('the last good policy stays in force')));
  assert.equal(seen.length, 1);
  assert.equal(watch.reload(), false);
  put(where, { 'partners.yaml': 'partners: []\n' });
  assert.equal(watch.reload(), true);
  assert.equal(seen.length, 2);
  assert.equal(seen[1]?.partners.size, 0, 'revoked: no partner is left');
});
