// Reads requirements.yaml, and says what is wrong with it: ids, words, tests that do not exist.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { checkYaml } from '../../shared/checked-yaml.ts';
import { root } from '../architecture/sources.ts';
import { requirementIds } from './requirement-ids.ts';
import { hasTest, type NamedTest } from './test-names.ts';

const file = 'test/conformance/requirements.yaml';
const priorities = ['M', 'S', 'I', 'O'] as const;

export type Priority = (typeof priorities)[number];
/** `in-part`: tests prove some of it, and `later` says what is missing. */
export type State = 'proved' | 'in-part' | 'later' | 'decided';
export type Requirement = {
  readonly id: string;
  readonly priority: Priority;
  readonly holds: string;
  readonly tests: readonly NamedTest[];
  readonly later: string | undefined;
  readonly decided: string | undefined;
};

const entry = z.strictObject({
  priority: z.enum(priorities),
  holds: z.string(),
  tests: z.array(z.string().regex(/^[\w./-]+\.test\.ts › .+$/u, 'write path › name of the test')).optional(),
  later: z.string().optional(),
  decided: z.string().optional(),
});

/** The requirements in `text`, and each thing that is wrong with them as one line. */
export function readRequirements(text: string = readFileSync(path.join(root, file), 'utf8')): {
  readonly requirements: readonly Requirement[];
  readonly problems: readonly string[];
} {
  const checked = checkYaml(file, text, z.record(z.string(), entry));
  if (!checked.ok) return { requirements: [], problems: checked.problems };
  const requirements = Object.entries(checked.value).map(([id, { priority, holds, tests, later, decided }]) => ({
    id,
    priority,
    holds,
    tests: (tests ?? []).map(namedTest),
    later,
    decided,
  }));
  const ids = new Set(requirements.map(({ id }) => id));
  return {
    requirements,
    problems: [
      ...requirementIds.filter((id) => !ids.has(id)).map((id) => `${id}: has no entry`),
      ...requirements.flatMap((each) => problemsOf(each).map((problem) => `${each.id}: ${problem}`)),
    ],
  };
}

export function stateOf({ tests, later, decided }: Requirement): State {
  if (later !== undefined) return tests.length > 0 ? 'in-part' : 'later';
  return decided === undefined ? 'proved' : 'decided';
}

/** One line a priority: how many there are of each state. */
export function countsOf(requirements: readonly Requirement[]): readonly string[] {
  return priorities.map((priority) => {
    const states = requirements.filter((each) => each.priority === priority).map(stateOf);
    const count = (state: State) => `${states.filter((each) => each === state).length} ${state}`;
    const counts = (['proved', 'in-part', 'later', 'decided'] as const).map(count);
    return `${priority}: ${states.length} requirements, ${counts.join(', ')}`;
  });
}

function namedTest(text: string): NamedTest {
  const [testFile = '', ...rest] = text.split(' › ');
  const name = rest.join(' › ');
  return { file: testFile, name: name.replace(/\*$/, ''), prefix: name.endsWith('*') };
}

function problemsOf(requirement: Requirement): string[] {
  const { id, holds, tests, later, decided } = requirement;
  const problems: string[] = [];
  const words = holds.split(/\s+/).length;
  if (!requirementIds.includes(id)) problems.push('there is no such id');
  if (words < 5 || words > 15) problems.push(`says what holds in ${words} words; write five to fifteen`);
  if (tests.length === 0 && later === undefined && decided === undefined) {
    problems.push('names no test, and does not say why; write tests:, later: or decided:');
  }
  if (decided !== undefined && !pointsToDecision(decided)) {
    problems.push('decided where? name the README that has the Decision');
  }
  for (const [index, test] of tests.entries()) {
    const same = tests.findIndex((other) => other.file === test.file && other.name === test.name);
    if (same !== index) problems.push(`names ${test.name} twice`);
    if (!existsSync(path.join(root, test.file))) problems.push(`there is no ${test.file}`);
    else if (!hasTest(test))
      problems.push(`${test.file} has no test ${test.prefix ? 'that begins ' : ''}"${test.name}"`);
  }
  return problems;
}

function pointsToDecision(text: string): boolean {
  const [readme] = /[\w/-]*README\.md/.exec(text) ?? [];
  if (readme === undefined || !existsSync(path.join(root, readme))) return false;
  return /^## Decisions?$/m.test(readFileSync(path.join(root, readme), 'utf8'));
}
