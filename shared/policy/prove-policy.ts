// A policy plays its own examples before it is put in force, and is not taken where one of them fails (architecture §8).
import type { Subject } from '../content/rules.ts';
import { utf8 } from './check-file.ts';
import type { Side } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { isExample, type PolicyFiles } from './policy-files.ts';
import { type Example, proveExample } from './prove-examples.ts';
import { readExamples } from './read-examples.ts';

/** What came of the examples; `ms` is how long the process was busy with them. */
export type PolicyProof = { readonly played: number; readonly ms: number; readonly problems: readonly string[] };

const problemsAtMost = 100;

/**
 * Plays the examples of a policy that was compiled, as the side that holds it judges. A problem is one line that says
 * which example failed and why, and quotes nothing of it. The process waits meanwhile: what takes longer than three seconds is
 * refused. A policy without examples proves nothing here; `sallyport policy check` refuses it.
 */
export function provePolicy(
  folder: string,
  side: Side,
  files: PolicyFiles,
  policy: Policy,
  msAtMost = 3_000,
): PolicyProof {
  const from = performance.now();
  const { examples, problems: unreadable } = readExamples(folder, files, side);
  const problems = [...unreadable];
  let played = 0;
  if (problems.length === 0) {
    for (const example of examples) {
      if (performance.now() - from > msAtMost) {
        problems.push(`examples: ${played} of ${examples.length} took ${msAtMost} ms; make them fewer or shorter`);
        break;
      }
      const { trouble } = proveExample(example, policy);
      played++;
      if (trouble !== undefined && problems.length < problemsAtMost) problems.push(`${placeOf(example)}: ${trouble}`);
    }
    if (side === 'inside') problems.push(...secretsInExamples(files, policy, examples));
  }
  return { played, ms: Math.round(performance.now() - from), problems };
}

export function placeOf({ file, line }: Pick<Example, 'file' | 'line'>): string {
  return `${file}:${line}`;
}

const atOnce = 4_096;
const overlap = 256;

/** What the proxy would be given although it holds a word that must stay inside: one line a file. */
export function secretsInExamples(
  { files }: Pick<PolicyFiles, 'files'>,
  policy: Policy,
  examples: readonly Example[],
): readonly string[] {
  const { secret } = policy.content;
  if (secret.size === 0) return [];
  const detectors = [...policy.content.lookedFor().detectors.keys()];
  const secrets = detectors.flatMap((id, index) => (secret.has(id) ? [{ id, index }] : []));
  const found = (text: string): string | undefined => {
    for (let at = 0; at === 0 || at < text.length - overlap; at += atOnce - overlap) {
      const named = secretIn(policy, secrets, text.slice(at, at + atOnce));
      if (named !== undefined) return named;
    }
    return undefined;
  };
  const shared = new Set(examples.flatMap(({ file, atProxy }) => (atProxy ? [file] : [])));
  return [...files].flatMap(([name, bytes]) => {
    const file = [...shared].find((one) => one.endsWith(name));
    if (!isExample(name) || file === undefined) return [];
    const said = examples.filter((one) => one.file === file).flatMap(textsOf);
    // Comments go with the file; and what an escape hides in it is said all the same.
    const id = [utf8(bytes) ?? '', ...said].map(found).find((one) => one !== undefined);
    return id === undefined
      ? []
      : [`${file}: something that ${id} finds is in it, which stays inside; remove where: both`];
  });
}

function secretIn(
  policy: Policy,
  secrets: readonly { readonly id: string; readonly index: number }[],
  text: string,
): string | undefined {
  let named: string | undefined;
  const subject: Subject = { direction: 'outward', parts: [{ part: 'body', text }], now: 0 };
  const { rule } = policy.content.evaluate(subject, ({ findings, isWhole }) => {
    const { id } = secrets.find(({ index }) => findings.of(index).length > 0) ?? {};
    named = isWhole ? id : (id ?? 'a list');
  });
  return named ?? (rule === 'engine-fault' ? 'a list' : undefined);
}

function textsOf({ title, text, parts = {}, before = [], expect, label, from, to }: Example): readonly string[] {
  const all = [title, text, ...Object.values(parts), ...before, before.join(' '), expect?.becomes, label, from, to];
  return all.filter((one) => one !== undefined);
}
