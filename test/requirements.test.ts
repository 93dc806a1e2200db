// Every requirement of the outer door has its entry, and every test that an entry names exists. Whether these tests ran,
// and were good, is looked at by run-all.ts when the run is over.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { requirementIds } from './conformance/requirement-ids.ts';
import { countsOf, type Requirement, readRequirements } from './conformance/requirements.ts';
import { notProved, readResults } from './conformance/requirements-ran.ts';
import { hasTest, namesIn } from './conformance/test-names.ts';

const self = 'test/requirements.test.ts';
const entry = (more: string) => `H1:\n  priority: M\n  holds: one two three four five six\n${more}`;
const problemsWith = (text: string) => readRequirements(text).problems.filter((line) => !line.includes('has no entry'));

test('every requirement is proved, or says why it is not', (t) => {
  const { requirements, problems } = readRequirements();
  assert.deepEqual(problems, []);
  for (const line of countsOf(requirements)) t.diagnostic(line);
});

test('no id stands twice in the list', () => {
  assert.equal(new Set(requirementIds).size, requirementIds.length);
});

test('each thing that is wrong with an entry is one line', () => {
  const proof = `  tests:\n    - ${self} › no id stands twice in the list\n`;
  assert.deepEqual(problemsWith(entry(proof)), []);
  assert.equal(readRequirements(entry(proof)).problems.length, requirementIds.length - 1);
  const wrong: readonly (readonly [string, RegExp])[] = [
    [entry(''), /^H1: names no test, and does not say why/],
    [entry(`${proof}    - ${self} › no such test\n`), /^H1: test\/requirements.test.ts has no test "no such test"$/],
    [entry(`${proof}    - ${self} › no such beginning*\n`), /has no test that begins "no such beginning"$/],
    [entry('  tests:\n    - test/none.test.ts › x\n'), /^H1: there is no test\/none.test.ts$/],
    [entry('  tests:\n    - a name alone\n'), /write path › name of the test/],
    [entry(`${proof}    - ${self} › no id stands twice in the list\n`), /^H1: names .* twice$/],
    [entry('  decided: because\n'), /^H1: decided where\?/],
    [entry('  decided: see CHANGELOG.md and test/none/README.md\n'), /^H1: decided where\?/],
    [entry(proof).replace('one two', 'one').replace('three', ''), /^H1: says what holds in 4 words/],
    [entry(proof).replace('H1', 'H99'), /^H99: there is no such id$/],
    [entry(proof) + entry(proof), /second time/],
    [entry(proof).replace('priority: M', 'priority: X'), /priority/],
    [entry(`${proof}  maybe: x\n`), /maybe/],
  ];
  for (const [text, expected] of wrong) {
    const problems = problemsWith(text);
    assert.equal(problems.length, 1, `${problems.join('\n')} for ${text}`);
    assert.match(problems[0] ?? '', expected);
  }
});

test('names of tests are found as they stand, and as rows make them; comments and other strings are none', () => {
  const source = [
    "// test('in a comment', () => {});",
    'const text = "test(\'in a string\')";',
    "test('it\\'s plain', () => {});",
    '  it(\n    `also plain`,\n    () => {},\n  );',
    "for (const [name, what] of [['a row', 'its end']]) test(`$" + '{name}: $' + '{what} of it`, () => {});',
    '/x/.test("no test");',
  ].join('\n');
  const { literals, templates } = namesIn(source);
  assert.deepEqual(literals, ["it's plain", 'also plain']);
  assert.deepEqual(templates, [['', ': ', ' of it']]);
  const grammar = (name: string) => ({
    file: 'test/conformance/grammar.test.ts',
    name: name.replace('*', ''),
    prefix: name.endsWith('*'),
  });
  assert.ok(hasTest(grammar('P14 *')));
  assert.ok(hasTest(grammar("stripped, whatever the partner's entry says: XEP-0184")));
  assert.ok(!hasTest(grammar("stripped, whatever the partner's entry says: XEP-9999")));
  assert.ok(!hasTest(grammar('P99 *')));
  const journey = (name: string) => ({ file: 'test/journeys/journeys.test.ts', name, prefix: false });
  assert.ok(hasTest(journey('ann-writes-to-bob')));
  assert.ok(!hasTest(journey('ann-flies-to-bob')));
});

test('a test that was skipped, that failed, or that did not run proves nothing', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-requirements-'));
  const source = [
    "import { suite, test } from 'node:test';",
    'test(\'good & "quoted" <name>\', () => {});',
    "test('skipped', { skip: true }, () => {});",
    "test('to do', { todo: true }, () => {});",
    "suite('a suite', () => test('failed', () => { throw new Error('<skipped'); }));",
  ].join('\n');
  writeFileSync(path.join(folder, 'some.test.mjs'), source);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=junit', 'some.test.mjs'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  const results = readResults(stdout, folder);
  const requirement = (name: string, file = 'some.test.mjs', prefix = false): Requirement => ({
    id: 'H1',
    priority: 'M',
    holds: '',
    tests: [{ file, name, prefix }],
    later: undefined,
    decided: undefined,
  });
  const problems = (one: Requirement) => notProved([one], results, ['left-out.test.ts']);
  assert.deepEqual(problems(requirement('good & "quoted" <name>')).problems, []);
  assert.deepEqual(problems(requirement('good & "quo', 'some.test.mjs', true)).problems, []);
  assert.deepEqual(problems(requirement('skipped')).problems, ['H1: some.test.mjs › skipped was skipped']);
  assert.deepEqual(problems(requirement('to do')).problems, ['H1: some.test.mjs › to do was skipped']);
  assert.deepEqual(problems(requirement('failed')).problems, ['H1: some.test.mjs › failed failed']);
  assert.deepEqual(problems(requirement('never')).problems, ['H1: some.test.mjs › never did not run']);
  assert.deepEqual(problems(requirement('x', 'left-out.test.ts')), {
    problems: [],
    leftOut: ['H1: left-out.test.ts was left out'],
  });
});
