// All that is wrong with a policy, and all that will be: what the loaders say, what its examples say, and warnings.
import path from 'node:path';
import { rulesNamed } from '@sallyport/shared/policy/prove-examples.ts';
import { secretsInExamples } from '@sallyport/shared/policy/prove-policy.ts';
import type { Options } from '../command.ts';
import { type BothProof, proveBoth } from './prove-both.ts';
import { placesIn, type ReadPolicy, readPolicy } from './read-policy.ts';
import { warningsOf } from './warnings.ts';

export type PolicyChecked = {
  /** With any of these the policy must not be put in force. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Undefined: it could not even be read. */
  readonly policy?: ReadPolicy;
};

/** Checks a policy, one line for each thing that has to be mended: `file:line: what: why; mend`. */
export function checkPolicy(folder: string, options: Options, today: number): PolicyChecked {
  const read = readPolicy(folder, options);
  if (!read.ok) return { problems: read.problems, warnings: [] };
  const { policy } = read;
  const proofs = proveBoth(policy);
  const problems = [
    ...proofs.flatMap(({ example, trouble }) =>
      trouble === undefined ? [] : [`${example.file}:${example.line}: ${trouble}`],
    ),
    ...secretsInExamples(policy.files, policy.inside, policy.examples),
    ...rulesWithoutExample(policy, proofs),
  ];
  return { problems, warnings: warningsOf(policy, today), policy };
}

/** A rule that nobody has seen stop anything, or let anything pass, is a hope. */
function rulesWithoutExample(policy: ReadPolicy, proofs: readonly BothProof[]): readonly string[] {
  const good = proofs.filter(({ trouble }) => trouble === undefined).map(({ example }) => example);
  const stopped = new Set(good.flatMap(({ expect }) => (expect === undefined ? [] : [expect.rule])));
  const passed = new Set(good.flatMap((example) => (example.expect === undefined ? rulesNamed(example) : [])));
  const lineOf = placesIn(policy, 'content.yaml');
  const file = path.join(policy.folder, 'content.yaml');
  const { lists = [], rules = [] } = policy.content;
  const places = [
    ...lists.map(({ id }, at) => ({ id, action: 'block', line: lineOf('lists', at) })),
    ...rules.map(({ id, action }, at) => ({ id, action, line: lineOf('rules', at) })),
  ];
  return places.flatMap(({ id, action, line }) => [
    ...(stopped.has(id)
      ? []
      : [
          `${file}:${line}: ${id}: no example shows what it stops; write one with expect: { rule: ${id}, action: ${action} }`,
        ]),
    ...(passed.has(id)
      ? []
      : [`${file}:${line}: ${id}: no example shows what it lets pass; write one with passes: ${id}`]),
  ]);
}
