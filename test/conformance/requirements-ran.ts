// After a whole run: whether each test that a requirement names has run and was good (the runner's JUnit file).
import type { Requirement } from './requirements.ts';
import type { NamedTest } from './test-names.ts';

export type Ran = { readonly file: string; readonly name: string; readonly state: 'good' | 'skipped' | 'failed' };

/** What the runner's file says of each test. `folder`: what comes off the front of each path. */
export function readResults(junit: string, folder: string): Ran[] {
  const found: Ran[] = [];
  for (const match of junit.matchAll(/<testcase((?:\s+\w+="[^"]*")*)\s*(\/>|>)/g)) {
    const attributes = new Map(
      [...(match[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    const from = match.index + match[0].length;
    const inside = match[2] === '/>' ? '' : junit.slice(from, junit.indexOf('</testcase>', from));
    const state = inside.includes('<failure') ? 'failed' : inside.includes('<skipped') ? 'skipped' : 'good';
    const file = plain(attributes.get('file') ?? '').replace(`${folder}/`, '');
    found.push({ file, name: plain(attributes.get('name') ?? ''), state });
  }
  return found;
}

/**
 * The requirements that this run has not proved, a line each. `leftOut`: files that the run left alone because a peer is
 * missing; what only they prove is told apart from what should have run.
 */
export function notProved(
  requirements: readonly Requirement[],
  results: readonly Ran[],
  leftOut: readonly string[],
): { readonly problems: readonly string[]; readonly leftOut: readonly string[] } {
  const byFile = Map.groupBy(results, ({ file }) => file);
  const problems: string[] = [];
  const notHere: string[] = [];
  for (const { id, tests } of requirements) {
    for (const test of tests) {
      if (leftOut.includes(test.file)) notHere.push(`${id}: ${test.file} was left out`);
      else problems.push(...faultsOf(test, byFile.get(test.file) ?? []).map((fault) => `${id}: ${fault}`));
    }
  }
  return { problems, leftOut: notHere };
}

function faultsOf(test: NamedTest, results: readonly Ran[]): string[] {
  const wanted = plain(test.name);
  const mine = results.filter(({ name }) => (test.prefix ? name.startsWith(wanted) : name === wanted));
  const where = `${test.file} › ${test.name}${test.prefix ? '*' : ''}`;
  if (mine.length === 0) return [`${where} did not run`];
  const bad = mine.find(({ state }) => state !== 'good');
  return bad === undefined ? [] : [`${where} ${bad.state === 'skipped' ? 'was skipped' : 'failed'}`];
}

// The runner escapes some characters twice, so names are compared without any escapes.
function plain(text: string): string {
  return text
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#10;', '\n');
}
