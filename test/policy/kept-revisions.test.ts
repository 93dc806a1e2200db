// What outlives a revision: the operators that it names, and what is kept of it on the disk, over restarts.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { issueAuthority, issueCrl } from '../../deploy/certificates/issue.ts';
import { cutForDmz } from '../../shared/policy/signed-revision.ts';
import { nameOf, openOffice, problemsOf, revisionIn } from './operators.ts';

test('an operator comes and goes by a revision that those before him have signed', () => {
  const office = openOffice(2, ['alice', 'bob']);
  const desk = office.desk('inside');
  office.put('operators.yaml', office.operatorsYaml(['alice', 'bob', 'carol']));
  assert.match(problemsOf(desk.offer(office.sign('carol', 'bob'), 'carol herself')), /carol is no operator/);
  rmSync(join(office.policy, 'revision.manifest'));
  assert.ok(desk.offer(office.sign('alice', 'bob'), 'a test').active);
  office.put('operators.yaml', office.operatorsYaml(['bob', 'carol']));
  assert.ok(desk.offer(office.sign('carol', 'bob'), 'a test').active, 'carol counts now');
  office.addWord('revenge');
  const revenge = office.sign('alice', 'bob');
  assert.match(problemsOf(desk.offer(revenge, 'alice, who is gone')), /alice is no operator/);
  const again = office.desk('inside', { kept: desk.keptIn });
  assert.match(problemsOf(again.offer(revenge, 'alice, who is gone')), /alice is no operator/);
  // The settings have the last word: who is taken out of them is out, whatever a revision says.
  writeFileSync(office.root, office.operatorsYaml(['alice', 'carol']));
  office.addWord('more');
  assert.match(problemsOf(again.offer(office.sign('carol', 'bob'), 'a test')), /bob is no operator/);
  assert.ok(again.states().active !== undefined, 'what was taken stays taken');
});

test('operators.yaml that locks everybody out is refused', () => {
  const office = openOffice(2);
  const bad = office.operatorsYaml(['alice'], 2);
  office.put('operators.yaml', bad);
  assert.throws(() => office.sign('alice'), /no approver besides the author/);
  office.put('operators.yaml', office.operatorsYaml(['bob'], 1));
  assert.throws(() => office.sign('bob'), /nobody has the role author/);
});

test('what is kept is bounded, listed, and survives a restart; a broken one is told and nothing older follows it', () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const all = Array.from({ length: 5 }, (_, i) => {
    office.addWord(`word${i}`);
    const signed = office.sign('alice');
    assert.ok(desk.offer(signed, 'a test').active);
    return signed;
  });
  const names = all.map(nameOf).reverse();
  assert.deepEqual(
    desk.kept().map(({ revision }) => revision),
    names.slice(0, 3),
  );
  assert.deepEqual(
    desk.kept().map(({ active }) => active),
    [true, false, false],
  );
  const again = office.desk('inside', { kept: desk.keptIn });
  assert.equal(revisionIn(again), names[0]);
  const [newest = ''] = readdirSync(desk.keptIn)
    .filter((name) => /^\d/.test(name))
    .sort()
    .reverse();
  writeFileSync(join(desk.keptIn, newest, 'content.yaml'), 'lists: []\n');
  const broken = office.desk('inside', { kept: desk.keptIn });
  assert.equal(revisionIn(broken), 'none');
  assert.match(broken.states().trouble.join(), /content\.yaml: it is not what was signed/);
  assert.match(problemsOf(broken.offer(all[3] ?? desk.active()!, 'a thief')), /not after/);
  assert.ok(broken.offer(all[4] ?? desk.active()!, 'its backup').active);
});

test('a disk that takes nothing changes nothing', () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const first = office.sign('alice');
  assert.ok(desk.offer(first, 'a test').active);
  rmSync(desk.keptIn, { recursive: true });
  writeFileSync(desk.keptIn, 'in the way');
  office.addWord('second');
  assert.match(problemsOf(desk.offer(office.sign('alice'), 'a test')), /cannot be kept there/);
  assert.equal(desk.states().active?.revision, nameOf(first));
});

test('a revocation list that is broken later is told, stops nothing that runs, and is forgotten when it is mended', async () => {
  const office = openOffice(1);
  const authority = issueAuthority({ name: 'a CA' });
  const partners = readFileSync(join(office.policy, 'partners.yaml'), 'utf8');
  const [, domain = ''] = /domain: (\S+)/.exec(partners) ?? [];
  office.put('partners.yaml', partners.replace(/^( +)trust: .*$/m, '$&\n$1crl: { file: trust/x.crl, required: true }'));
  const watched = join(office.folder, 'watched-dmz');
  mkdirSync(join(watched, 'trust'), { recursive: true });
  const list = join(watched, 'trust/x.crl');
  const good = await issueCrl(authority, []);
  for (const file of [list, join(office.policy, 'trust/x.crl')]) writeFileSync(file, good);
  const desk = office.desk('dmz', { watched });
  assert.deepEqual(desk.offer(cutForDmz(office.sign('alice')), 'a gateway'), { active: true, problems: [] });
  const first = desk.look();
  assert.ok(first.ok && first.policy.partners.get(domain)?.crl?.lists.length === 1);
  writeFileSync(list, 'nothing');
  assert.equal(desk.look().ok, false);
  assert.match(desk.states().trouble.join(), /x\.crl: this is no revocation list/);
  writeFileSync(list, good);
  assert.ok(desk.look().ok);
  assert.deepEqual(desk.states().trouble, []);
});
