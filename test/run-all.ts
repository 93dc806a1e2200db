// `npm test`: installs the peers, checks types, style and what is generated, runs every test, and looks whether each
// requirement of conformance/requirements.yaml was proved by them. Closing lines last.
// `npm test -- WORD …` runs only the test files whose path holds one of the words, and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readSources, root } from './architecture/sources.ts';
import { countsOf, readRequirements } from './conformance/requirements.ts';
import { notProved, readResults } from './conformance/requirements-ran.ts';
import { installPeers } from './peers/install.ts';
import { missingPeers, needsOf } from './peers/peers.ts';

const say = (line: string) => console.log(line);
const words = process.argv.slice(2);
const tools = path.join(root, 'node_modules');
const tapFile = path.join(root, '.cache/test.tap');
const junitFile = path.join(root, '.cache/test.xml');
const failed: string[] = [];

if (words.length === 0) {
  installPeers(say);
  step('types', [path.join(tools, 'typescript/bin/tsc'), '-b']);
  step('style', [path.join(tools, '@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']);
  step('generated files', [path.join(root, 'deploy/generate.ts'), '--check']);
}
const all = testFiles();
const files = withoutMissingPeers(all);
if (failed.length > 0) say(`\nFailed already: ${failed.join(', ')}. The tests run all the same; the end is a failure.`);
// Without any, Node would look for test files itself, and run them all.
if (files.length > 0) runTests(files);
process.exitCode = failed.length > 0 ? 1 : 0;

function step(name: string, command: readonly string[]): void {
  say(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) say('good');
  else failed.push(name);
}

function testFiles(): string[] {
  const all = readSources()
    .map(({ file }) => file)
    .filter((file) => file.endsWith('.test.ts'));
  const chosen = words.length === 0 ? all : all.filter((file) => words.some((word) => file.includes(word)));
  if (chosen.length === 0) {
    say(`No test file has ${words.join(' or ')} in its path.`);
    process.exit(1);
  }
  // The slow ones first, so that the others fill the second lane beside them.
  return chosen.toSorted((a, b) => Number(b.startsWith('test/')) - Number(a.startsWith('test/')) || (a < b ? -1 : 1));
}

function withoutMissingPeers(all: readonly string[]): string[] {
  const missing = missingPeers().map(({ name }) => name);
  const runnable: string[] = [];
  for (const file of all) {
    const lacks = needsOf(file).filter((name) => missing.includes(name));
    if (lacks.length === 0) runnable.push(file);
    else {
      say(`left out: ${file}, because ${lacks.join(' and ')} is not installed; this is not a pass of it`);
      if (process.env.REQUIRE_PEERS === '1')
        failed.push(`${file} (REQUIRE_PEERS=1, and ${lacks.join(' and ')} is missing)`);
    }
  }
  return runnable;
}

function runTests(chosen: readonly string[]): void {
  say(`\n== ${chosen.length} test files`);
  mkdirSync(path.dirname(tapFile), { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [
      '--test',
      `--import=${path.join(root, 'test/one-seed.ts')}`,
      '--test-concurrency=2',
      '--test-timeout=300000',
      '--disable-warning=ExperimentalWarning',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${tapFile}`,
      '--test-reporter=junit',
      `--test-reporter-destination=${junitFile}`,
      ...chosen,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (status !== 0) failed.push('tests');
  if (words.length === 0) lookAtRequirements();
  if (failed.length > 0) say(`\nFailed: ${failed.join(', ')}`);
  // The runner's own closing lines, behind the details of what failed.
  const closing = readFileSync(tapFile, 'utf8').match(
    /^# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*$/gm,
  );
  say((closing ?? ['# the runner ended without its closing lines']).slice(-8).join('\n'));
}

// A requirement is proved by a test that has run in this very run; one whose peer is missing is named, and is no proof.
function lookAtRequirements(): void {
  const { requirements } = readRequirements();
  const leftOut = all.filter((file) => !files.includes(file));
  const found = notProved(requirements, readResults(readFileSync(junitFile, 'utf8'), root), leftOut);
  say('\n== requirements');
  for (const line of [...countsOf(requirements), ...found.leftOut, ...found.problems]) say(line);
  if (found.problems.length > 0) failed.push('requirements');
}
