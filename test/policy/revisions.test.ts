// Signed revisions as a process judges them (I3): what is taken, what is refused and why.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openOperatorKey } from '../../deploy/commands/policy/keys.ts';
import { signFolder } from '../../deploy/commands/policy/sign-folder.ts';
import { readRevisionFolder, writeRevisionFolder } from '../../shared/policy/revision-folder.ts';
import { digestOf, manifestOf, printManifest, readManifest } from '../../shared/policy/revision-manifest.ts';
import { printSignatures, signManifest } from '../../shared/policy/revision-signatures.ts';
import { cutForDmz } from '../../shared/policy/signed-revision.ts';
import { insideWord, nameOf, openOffice, problemsOf, revisionIn } from './operators.ts';

test('while there never was a good one nothing passes, and the first good one changes that', () => {
  const office = openOffice(2);
  const desk = office.desk('inside');
  const first = desk.look();
  assert.ok(first.ok && first.policy.partners.size === 0 && first.policy.revision === 'none');
  const signed = office.sign('alice', 'bob');
  assert.deepEqual(desk.offer(signed, 'a test'), { active: true, problems: [] });
  const now = desk.look();
  assert.ok(now.ok && now.policy.partners.size > 0);
  assert.equal(now.policy.revision, nameOf(signed));
  assert.equal(desk.states().active?.revision, nameOf(signed));
  assert.deepEqual(
    desk.records.map(({ event }) => event),
    ['policy-activated'],
  );
});

test('two signatures are those of two people: the author twice, or two names of one key, are not enough', () => {
  const office = openOffice(2);
  const desk = office.desk('inside');
  const once = office.sign('carol');
  assert.match(problemsOf(desk.offer(once, 'a test')), /second signature is required/);
  const twice = { ...once, signatures: `${once.signatures}${once.signatures}` };
  assert.match(problemsOf(desk.offer(twice, 'a test')), /second signature is required/);
  const asBob = { ...once, signatures: `${once.signatures}${once.signatures.replace('carol', 'bob')}` };
  assert.match(problemsOf(desk.offer(asBob, 'a test')), /signature of bob does not fit/);
  assert.equal(desk.states().active, undefined);
  assert.equal(desk.states().received?.revision, nameOf(once));
  assert.equal(desk.states().verified, undefined);
  assert.ok(desk.offer(office.sign('bob'), 'a test').active);
  const key = readFileSync(office.root, 'utf8').match(/ed25519:[^"]+/g) ?? [];
  writeFileSync(office.root, readFileSync(office.root, 'utf8').replace(key[1] ?? '', key[0] ?? ''));
  assert.throws(() => office.desk('inside'), /this key stands here twice/);
});

test('who has no role of it signs for nothing: an approver is no author, and a stranger is nobody', () => {
  const office = openOffice(1, ['alice', 'bob']);
  const desk = office.desk('inside');
  assert.match(problemsOf(desk.offer(office.sign('bob'), 'a test')), /no good signature of its author, bob/);
  office.addWord('one');
  assert.match(problemsOf(desk.offer(office.sign('carol'), 'a test')), /carol is no operator/);
});

test('settings that ask for two signatures are not talked down by operators.yaml', () => {
  const office = openOffice(1);
  const desk = office.desk('inside', { required: 2 });
  assert.match(problemsOf(desk.offer(office.sign('alice'), 'a test')), /second signature is required/);
});

test('an unsigned, half signed or changed folder leaves the last good one in force, and says what is wrong', () => {
  const office = openOffice(1);
  const desk = office.desk('inside', { watched: office.policy });
  assert.ok(desk.look().ok);
  assert.match(desk.states().trouble.join(), /it is not signed/);
  const good = nameOf(office.sign('alice'));
  assert.equal(revisionIn(desk), good);
  office.addWord('later');
  assert.equal(revisionIn(desk), good);
  assert.match(desk.states().trouble.join(), /lists\/dirty-words\.txt: it is not what was signed/);
  rmSync(join(office.policy, 'revision.signatures'));
  assert.equal(revisionIn(desk), good);
  assert.notEqual(nameOf(office.sign('alice')), good);
  assert.notEqual(revisionIn(desk), good);
  assert.deepEqual(desk.states().trouble, []);
});

test('an older revision is refused with its own good signatures; signed anew it is taken', () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const first = office.sign('alice');
  office.addWord('second');
  const second = office.sign('alice');
  assert.ok(desk.offer(first, 'a test').active && desk.offer(second, 'a test').active);
  assert.match(problemsOf(desk.offer(first, 'a thief')), /not after the one in force.*rollback/);
  // A process that is started anew remembers.
  const again = office.desk('inside', { kept: desk.keptIn });
  assert.match(problemsOf(again.offer(first, 'a thief')), /not after the one in force/);
  assert.equal(again.states().active?.revision, nameOf(second));
  rmSync(office.policy, { recursive: true });
  writeRevisionFolder(office.policy, first);
  signFolder(office.policy, office.keyOf('alice'), 'alice', office.now() + 1, true);
  const rolledBack = readRevisionFolder(office.policy).signed;
  assert.ok(rolledBack !== undefined);
  assert.equal(nameOf(rolledBack), nameOf(first), 'the same files have the same name');
  assert.deepEqual(again.offer(rolledBack, 'a test'), { active: true, problems: [] });
});

test('a revision of tomorrow is refused, so that nobody locks all later ones out', () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  signFolder(office.policy, office.keyOf('alice'), 'alice', office.now() + 86_400_000);
  const { signed } = readRevisionFolder(office.policy);
  assert.ok(signed !== undefined);
  assert.match(problemsOf(desk.offer(signed, 'a test')), /yet to come/);
});

test('swapped, added, missing and renamed files under a good manifest are refused', () => {
  const office = openOffice(1);
  const signed = office.sign('alice');
  const offered = (change: (files: Map<string, Buffer>) => void) => {
    const files = new Map(signed.files);
    change(files);
    const desk = office.desk('inside');
    const taken = desk.offer({ ...signed, files }, 'a test');
    assert.equal(taken.active, false);
    assert.equal(desk.states().received, undefined);
    return problemsOf(taken);
  };
  const empty = Buffer.from('');
  assert.match(
    offered((files) => files.set('lists/dirty-words.txt', empty)),
    /dirty-words\.txt: it is not what was signed/,
  );
  assert.match(
    offered((files) => files.set('lists/project-names.txt', empty)),
    /project-names\.txt: it is not what was signed/,
  );
  assert.match(
    offered((files) => files.set('lists/more.txt', empty)),
    /lists\/more\.txt: it was not signed/,
  );
  assert.match(
    offered((files) => files.set('../../etc/passwd', empty)),
    /passwd: it was not signed/,
  );
  assert.match(
    offered((files) => files.delete('limits.yaml')),
    /limits\.yaml: it was signed and is not there/,
  );
});

test('a manifest has one form, and no name in it leads out of the folder', () => {
  const office = openOffice(1);
  const { manifest } = office.sign('alice');
  assert.ok(readManifest(manifest) !== undefined);
  const digest = 'a'.repeat(64);
  for (const name of [
    '../x.yaml',
    '/etc/passwd',
    'lists/../../x.txt',
    'lists//x.txt',
    'partners.yaml ',
    'trust/x.crl',
    'x.yaml',
  ]) {
    assert.equal(readManifest(`${manifest}both ${digest} ${name}\n`), undefined, name);
  }
  for (const broken of [
    manifest.replace('author alice', 'author  alice'),
    manifest.replace('author alice', 'author alice\u0000'),
    manifest.replace('format 1', 'format 2'),
    manifest.replace(/time .*/, 'time yesterday'),
    manifest.replace(/\n$/, ''),
    `${manifest}\n`,
    manifest.replace(/^(both .*)$/m, '$1\n$1'),
    manifest
      .split('\n')
      .toSpliced(4, 0, manifest.split('\n')[6] ?? '')
      .join('\n'),
    `${manifest}${'x'.repeat(2_000_000)}`,
  ]) {
    assert.equal(readManifest(broken), undefined, broken.slice(0, 200));
  }
});

test('links, pipes, unknown names and too many bytes in a folder are refused, and none of them is waited for', () => {
  const office = openOffice(1);
  rmSync(join(office.policy, 'labels.yaml'));
  rmSync(join(office.policy, 'examples/markings.yaml'));
  office.sign('alice');
  const desk = office.desk('inside', { watched: office.policy });
  const refused = (name: string) => {
    assert.equal(revisionIn(desk), 'none');
    const trouble = desk.states().trouble.join('\n');
    rmSync(join(office.policy, name), { recursive: true });
    return trouble;
  };
  symlinkSync('/dev/zero', join(office.policy, 'labels.yaml'));
  assert.match(refused('labels.yaml'), /labels\.yaml/);
  symlinkSync('/dev/zero', join(office.policy, 'lists/zero.txt'));
  assert.match(refused('lists/zero.txt'), /lists\/zero\.txt: this is a link/);
  execFileSync('mkfifo', [join(office.policy, 'lists/pipe.txt')]);
  assert.match(refused('lists/pipe.txt'), /lists\/pipe\.txt: this is no plain file/);
  symlinkSync('/etc', join(office.policy, 'etc'));
  assert.match(refused('etc'), /etc: not a file that a policy knows/);
  writeFileSync(join(office.policy, 'x\u001b[31m\n.yaml'), '');
  assert.match(refused('x\u001b[31m\n.yaml'), /^x\?\[31m\?\.yaml: not a file that a policy knows/);
  mkdirSync(join(office.policy, 'more'));
  writeFileSync(join(office.policy, 'more/x.txt'), '');
  assert.match(refused('more'), /more\/x\.txt: not a file/);
  execFileSync('truncate', ['-s', '5G', join(office.policy, 'lists/huge.txt')]);
  assert.match(refused('lists/huge.txt'), /huge\.txt: more than 67108864 bytes in all/);
  assert.notEqual(revisionIn(desk), 'none');
});

test('the copy of the proxy has the same name and signatures, and neither the words nor a digest of them', () => {
  const office = openOffice(2);
  const whole = office.sign('alice', 'bob');
  const cut = cutForDmz(whole);
  assert.ok([...whole.files.values()].some((bytes) => bytes.toString().toLowerCase().includes(insideWord)));
  assert.ok(![...cut.files].some(([name, bytes]) => `${name}${bytes}`.toLowerCase().includes(insideWord)));
  assert.equal(cut.salt, '');
  const proxy = office.desk('dmz');
  assert.deepEqual(proxy.offer(cut, 'a gateway'), { active: true, problems: [] });
  const policy = proxy.look();
  assert.ok(policy.ok && policy.policy.revision === nameOf(whole));
  const plain = execFileSync('sha256sum', [join(office.policy, 'lists/project-names.txt')], { encoding: 'utf8' });
  assert.ok(!whole.manifest.includes(plain.slice(0, 64)), 'a plain digest would let anybody try words');
  assert.match(
    problemsOf(office.desk('dmz').offer(whole, 'a careless hand')),
    /project-names\.txt: it must not be in the DMZ/,
  );
  assert.match(
    problemsOf(office.desk('inside').offer(cut, 'a test')),
    /project-names\.txt: it was signed and is not there/,
  );
});

test('a policy that is not good is not signed, and a signed one that is not good is not taken', () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const signed = office.sign('alice');
  assert.ok(desk.offer(signed, 'a test').active);
  const good = readFileSync(join(office.policy, 'partners.yaml'), 'utf8');
  office.put('partners.yaml', 'partnerz: []\n');
  assert.throws(() => office.sign('alice'), /partnerz/);
  office.put('partners.yaml', good);
  const files = new Map(signed.files).set('partners.yaml', Buffer.from('partnerz: []\n'));
  const before = readManifest(signed.manifest)!;
  const entries = before.entries.map((each) =>
    each.path === 'partners.yaml' ? { ...each, digest: digestOf('both', files.get(each.path)!, '') } : each,
  );
  const manifest = printManifest(manifestOf(entries, { ...before, time: office.now() + 1 }));
  const signatures = printSignatures([signManifest(manifest, 'alice', openOperatorKey(office.keyOf('alice')).key)]);
  assert.match(
    problemsOf(desk.offer({ ...signed, files, manifest, signatures }, 'a test')),
    /partners\.yaml:1: partnerz/,
  );
  assert.notEqual(desk.states().verified?.revision, desk.states().active?.revision);
  assert.equal(desk.states().active?.revision, before.revision);
});
