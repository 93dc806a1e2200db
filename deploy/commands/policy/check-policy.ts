// All that is wrong with a policy, and all that will be: what the loaders say, what its examples say, and warnings.
import path from 'node:path';
import { ownRules } from '@sallyport/shared/content/engine.ts';
import { nearest } from '@sallyport/shared/nearest.ts';
import type { Options } from '../command.ts';
import { type Proof, proveExamples, rulesNamed } from './prove-examples.ts';
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
  const proofs = proveExamples(policy, today);
  const known = [...policy.inside.content.rules.keys()];
  const problems = [
    ...proofs.flatMap((proof) => problemsOfExample(proof, known)),
    ...rulesWithoutExample(policy, proofs),
  ];
  return { problems, warnings: warningsOf(policy, today), policy };
}

function problemsOfExample({ example, trouble }: Proof, known: readonly string[]): readonly string[] {
  const own: readonly string[] = Object.values(ownRules);
  const place = `${example.file}:${example.line}`;
  const unknown = rulesNamed(example).filter((rule) => !known.includes(rule) && !own.includes(rule));
  if (unknown.length > 0) {
    return unknown.map((rule) => {
      const meant = nearest(rule, known);
      return `${place}: there is no rule ${rule}; write ${meant ?? 'the id of a rule of content.yaml'} instead`;
    });
  }
  return trouble === undefined ? [] : [`${place}: ${trouble}`];
}

/** A rule that nobody has seen stop anything, or let anything pass, is a hope. */
function rulesWithoutExample(policy: ReadPolicy, proofs: readonly Proof[]): readonly string[] {
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
