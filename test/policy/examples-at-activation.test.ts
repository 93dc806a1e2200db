// A revision plays its own examples before it is put in force (architecture §8): in both programs, by whatever way it comes.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { switchFolder } from '../../deploy/commands/policy/activate.ts';
import { policyCheck } from '../../deploy/commands/policy/check.ts';
import type { PolicyEntry } from '../../shared/audit.ts';
import { metricsText } from '../../shared/metrics.ts';
import { loadPolicy, type Side } from '../../shared/policy/load-policy.ts';
import { readPolicyFiles } from '../../shared/policy/policy-files.ts';
import { openPolicy } from '../../shared/policy/policy-in-force.ts';
import { provePolicy } from '../../shared/policy/prove-policy.ts';
import { tellRevisionStates } from '../../shared/policy/revision-states.ts';
import { cutForDmz } from '../../shared/policy/signed-revision.ts';
import { insideWord, nameOf, openOffice, problemsOf } from './operators.ts';

const wrong = 'examples:\n  - { text: harmless talk, expect: { rule: dirty-words, action: block } }\n';

test('a signed revision whose example fails is refused, says why in status, audit and metric, and the last good one stays', async () => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const good = office.sign('alice');
  assert.ok(desk.offer(good, 'a test').active);
  assert.equal(desk.states().examples?.failed, 0);
  assert.ok((desk.states().examples?.played ?? 0) > 40);
  office.put('examples/wrong.yaml', wrong);
  assert.match(
    problemsOf(desk.offer(office.sign('alice'), 'a test')),
    /^examples\/wrong\.yaml:2: the rule dirty-words did not fire; what happened: passes$/,
  );
  assert.equal(desk.states().active?.revision, nameOf(good));
  assert.match(desk.states().trouble.join(), /the rule dirty-words did not fire/);
  const refused = desk.records.at(-1);
  assert.ok(refused?.event === 'policy-refused' && /did not fire.*from a test/.test(refused.note ?? ''));
  tellRevisionStates(desk.states);
  const metrics = await metricsText();
  assert.match(metrics, /^sallyport_policy_refused 1$/m);
  assert.match(metrics, /^sallyport_policy_examples\{outcome="failed"\} 1$/m);
  // What an example says is told to nobody who reads logs.
  assert.ok(!`${desk.lines}${JSON.stringify(desk.records)}`.includes('harmless talk'));
});

test('the proxy plays the examples that say where: both, holds no other, and refuses what fails there', () => {
  const office = openOffice(1);
  const whole = office.sign('alice');
  const cut = cutForDmz(whole);
  const named = [...cut.files.keys()].filter((name) => name.startsWith('examples/'));
  assert.deepEqual(named.sort(), [
    'examples/markings.yaml',
    'examples/numbers.yaml',
    'examples/secrets.yaml',
    'examples/words.yaml',
  ]);
  assert.ok(whole.files.has('examples/project-names.yaml'));
  const proxy = office.desk('dmz');
  assert.ok(proxy.offer(cut, 'a gateway').active);
  const played = proxy.states().examples?.played ?? 0;
  assert.ok(played > 30 && proxy.states().examples?.failed === 0);
  // An exception that asks for a secret word: the rule is not in the proxy, whatever the gateway makes of the example.
  const content = join(office.policy, 'content.yaml');
  const exception = `    action: redact\n    unless:\n      - { when: project-names, until: 2099-12-31, approvedBy: [b.jones] }\n`;
  writeFileSync(content, readFileSync(content, 'utf8').replace('    action: redact\n', exception));
  const next = office.sign('alice');
  assert.ok(office.desk('inside').offer(next, 'a test').active);
  assert.match(
    problemsOf(proxy.offer(cutForDmz(next), 'a gateway')),
    /^examples\/numbers\.yaml:5: the rule payment-cards-out did not fire/,
  );
  assert.equal(proxy.states().active?.revision, nameOf(whole));
});

test('a word that stays inside is found in a file of examples that says where: both, in comments and in disguise too', async () => {
  const shared = (text: string) => `where: both\n${text}\nexamples:\n  - { text: nothing, passes: dirty-words }\n`;
  for (const text of [`# ${insideWord}`, `# ${insideWord.toUpperCase()}`, `# ${[...insideWord].join('.')}`]) {
    const office = openOffice(1);
    office.put('examples/shared.yaml', shared(text));
    const found = office.desk('inside').offer(office.sign('alice'), 'a test');
    assert.match(problemsOf(found), /^examples\/shared\.yaml: something that project-names finds is in it/);
    assert.ok(!problemsOf(found).toLowerCase().includes(insideWord));
  }
  const office = openOffice(1);
  const escaped = [...insideWord].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  office.put('examples/shared.yaml', `where: both\nexamples:\n  - { text: "${escaped}", passes: dirty-words }\n`);
  const complained: string[] = [];
  const code = await policyCheck.run(
    [office.policy],
    {},
    { say: () => undefined, complain: (line) => complained.push(line) },
  );
  assert.equal(code, 2);
  assert.match(complained.join('\n'), /shared\.yaml: something that project-names finds is in it/);
});

function unsigned(folder: string, side: Side) {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  return { lines, opened: openPolicy({ folder, side, signatures: undefined, log, now: Date.now }) };
}

test('an unsigned policy whose example fails does not start a process, and a running one keeps what it has', async (t) => {
  const office = openOffice(1);
  const { opened } = unsigned(office.policy, 'inside');
  assert.ok(opened.ok);
  t.after(opened.policy.close);
  const records: PolicyEntry[] = [];
  opened.policy.watch({
    onChange: () => assert.fail('nothing new is in force'),
    record: (entry) => records.push(entry),
  });
  const before = opened.policy.current().revision;
  office.put('examples/wrong.yaml', wrong);
  office.addWord('later');
  opened.policy.reload();
  assert.equal(opened.policy.current().revision, before);
  assert.match(opened.policy.states().trouble.join(), /wrong\.yaml:2: the rule dirty-words did not fire/);
  const last = records.at(-1);
  assert.ok(last?.event === 'policy-refused' && /did not fire/.test(last.note ?? ''));
  const again = unsigned(office.policy, 'inside').opened;
  assert.ok(!again.ok && /did not fire/.test(again.problems.join()));
  // The watcher finds it by itself, and says it once for each state of the folder.
  office.put('examples/wrong.yaml', wrong.replace('harmless', 'other'));
  for (let i = 0; i < 120 && records.length < 3; i++) await sleep(50);
  assert.equal(records.filter(({ event }) => event === 'policy-refused').length, 2);
  // In a folder that both programs share the proxy leaves alone what it must not hold.
  assert.ok(unsigned(office.policy, 'dmz').opened.ok);
  const place = join(office.folder, 'watched');
  assert.match(String(switchFolder(office.policy, place, 1)), /did not fire/);
  rmSync(join(office.policy, 'examples/wrong.yaml'));
  assert.match(String(switchFolder(office.policy, place, 2)), /watched\.revisions/);
});

test('an example shows the same on all days: an exception holds in it on the day that it says, and on no other', () => {
  const office = openOffice(1);
  const content = join(office.policy, 'content.yaml');
  const exception = `    action: redact\n    unless:\n      - { when: ibans, until: 2026-01-31, approvedBy: [b.jones] }\n`;
  writeFileSync(content, readFileSync(content, 'utf8').replace('    action: redact\n', exception));
  const said = 'text: 4111 1111 1111 1111 and GB33 BUKB 2020 1555 5555 55, direction: outward';
  const with_ = (day: string) =>
    `examples:\n  - { ${said}, ${day} expect: { rule: payment-cards-out, action: redact } }\n`;
  const proof = () => {
    const read = loadPolicy(office.policy, 'inside');
    assert.ok(read.ok, read.ok ? '' : read.problems.join());
    return provePolicy(office.policy, 'inside', readPolicyFiles(office.policy), read.policy).problems.join();
  };
  office.put('examples/exception.yaml', with_(''));
  assert.equal(proof(), '');
  office.put('examples/exception.yaml', with_('on: 2026-01-31,'));
  assert.match(proof(), /the rule payment-cards-out did not fire/);
});

test('too many, too long and too slow examples are refused, so that the process never waits long', (t) => {
  const office = openOffice(1);
  const desk = office.desk('inside');
  const many = (count: number) => {
    const one = '  - { text: harmless, passes: dirty-words }\n';
    office.put('examples/many.yaml', `examples:\n${one.repeat(count)}`);
    office.put('examples/more.yaml', `examples:\n${one.repeat(count)}`);
    return desk.offer(office.sign('alice'), 'a test');
  };
  assert.match(problemsOf(many(1_000)), /examples: more than 2000; make them fewer/);
  assert.deepEqual(many(950).problems, []);
  t.diagnostic(`1,900 short examples: ${desk.states().examples?.ms} ms`);
  office.put(
    'examples/many.yaml',
    `examples:\n${`  - { text: ${'x'.repeat(60_000)}, passes: dirty-words }\n`.repeat(9)}`,
  );
  assert.match(problemsOf(desk.offer(office.sign('alice'), 'a test')), /examples: more than 524288 bytes in all/);
  office.put(
    'examples/more.yaml',
    `examples:\n${`  - { text: ${'x y'.repeat(16_000)}, passes: dirty-words }\n`.repeat(9)}`,
  );
  rmSync(join(office.policy, 'examples/many.yaml'));
  assert.deepEqual(desk.offer(office.sign('alice'), 'a test').problems, []);
  t.diagnostic(`430 KiB in nine examples: ${desk.states().examples?.ms} ms`);
  const read = loadPolicy(office.policy, 'inside');
  assert.ok(read.ok);
  const { problems, played } = provePolicy(office.policy, 'inside', readPolicyFiles(office.policy), read.policy, 0);
  assert.match(problems.join(), /^examples: \d+ of \d+ took 0 ms; make them fewer or shorter$/);
  assert.ok(played <= 1);
  // Expressions as costly as the compile limits let them be: where the clock ends it, it says so.
  const content = join(office.policy, 'content.yaml');
  const ids = Array.from({ length: 7 }, (_, n) => `slow-${n}`);
  const detectors = ids.map((id) => `  - { id: ${id}, pattern: '(?:[xy ]{1,40}z){1,5}${id}' }\n`).join('');
  const when = `{ any: [${ids.join(', ')}] }`;
  writeFileSync(
    content,
    readFileSync(content, 'utf8')
      .replace('detectors:\n', `detectors:\n${detectors}`)
      .replace(
        'rules:\n',
        `rules:\n  - { id: slow, title: slow, why: slow, owner: x, severity: low, scope: { direction: outward }, when: ${when}, action: block, mode: enforce }\n`,
      ),
  );
  const from = Date.now();
  const slow = desk.offer(office.sign('alice'), 'a test');
  const ms = desk.states().examples?.ms ?? 0;
  t.diagnostic(`the same with costly expressions: ${ms} ms of ${Date.now() - from} ms; ${problemsOf(slow) || 'taken'}`);
  assert.ok(ms < 6_000);
  if (!slow.active) assert.match(problemsOf(slow), /of \d+ took 3000 ms; make them fewer or shorter/);
});
