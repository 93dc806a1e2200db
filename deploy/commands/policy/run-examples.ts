// `sallyport policy test DIR`: plays the examples of a policy through its rules, as both doors would.
import path from 'node:path';
import { doneBy } from '@sallyport/shared/policy/prove-examples.ts';
import type { Command } from '../command.ts';
import { columns } from '../status-table.ts';
import { type BothProof, proveBoth } from './prove-both.ts';
import { keyHelp, keyOption, readPolicy } from './read-policy.ts';

export const policyTest: Command = {
  name: 'policy test',
  summary: 'plays the examples of a policy through its rules, as both doors would',
  help: [
    keyHelp,
    '  --failed           only the examples that are not as they say',
    '  --json             one JSON line an example, for programs',
    '  Examples are in examples/*.yaml; see policies/README.md. The exit code is 1 if one fails, 2 if the policy is not good.',
  ],
  options: { ...keyOption, failed: { type: 'boolean' }, json: { type: 'boolean' } },
  words: ['DIR'],
  run: async ([folder = ''], options, terminal) => {
    const read = readPolicy(folder, options);
    if (!read.ok) {
      for (const problem of read.problems) terminal.complain(problem);
      return 2;
    }
    const proofs = proveBoth(read.policy);
    const failed = proofs.filter(({ trouble }) => trouble !== undefined);
    const shown = options.failed === true ? failed : proofs;
    if (options.json === true) for (const proof of shown) terminal.say(JSON.stringify(told(proof)));
    else for (const line of linesOf(shown)) terminal.say(line);
    for (const { example, trouble } of failed) terminal.complain(`${example.file}:${example.line}: ${trouble}`);
    if (options.json !== true) for (const line of closing(proofs, failed.length)) terminal.say(line);
    if (proofs.length === 0) terminal.complain(`${path.join(folder, 'examples')}: there is no example; write some`);
    return failed.length > 0 || proofs.length === 0 ? 1 : 0;
  },
};

function linesOf(proofs: readonly BothProof[]): readonly string[] {
  if (proofs.length === 0) return [];
  const rows = proofs.map((proof) => {
    const { example, inside, trouble } = proof;
    const would = inside.evaluation.wouldHave.map(({ rule, action }) => `${action} by ${rule}`);
    const done = `${doneBy(inside)}${would.length === 0 ? '' : ` (would ${would.join(', ')})`}`;
    return [
      trouble === undefined ? 'ok' : 'FAIL',
      placeOf(example),
      wanted(proof),
      done,
      example.title ?? firstWords(proof),
    ];
  });
  return columns(['', 'example', 'expects', 'what happens', 'title'], rows);
}

function wanted({ example: { expect, passes } }: BothProof): string {
  if (expect !== undefined) return `${expect.action} by ${expect.rule}`;
  const names = typeof passes === 'string' ? [passes] : (passes ?? []);
  return `passes ${names.length > 2 ? `${names.length} rules` : names.join(', ')}`;
}

function firstWords({ example: { text, parts = {} } }: BothProof): string {
  const said = (text ?? Object.values(parts)[0] ?? '').replaceAll(/\s+/g, ' ');
  return said.length > 40 ? `${[...said].slice(0, 39).join('')}…` : said;
}

function closing(proofs: readonly BothProof[], failed: number): readonly string[] {
  const elsewhere = new Map<string, string[]>();
  for (const { example, inside, dmz } of proofs) {
    if (doneBy(inside) === doneBy(dmz)) continue;
    const way = `${doneBy(inside)}; at the proxy alone: ${doneBy(dmz)}`;
    elsewhere.set(way, [...(elsewhere.get(way) ?? []), placeOf(example)]);
  }
  const notes = [...elsewhere].map(([way, places]) => `  inside: ${way} (${places.join(', ')})`);
  const head = 'The proxy does not hold the lists that say where: inside, so that it decides otherwise here:';
  return [
    '',
    ...(notes.length === 0 ? [] : [head, ...notes, '']),
    `${proofs.length} examples, ${failed === 0 ? 'all as they say' : `${failed} not as they say`}.`,
  ];
}

function placeOf({ file, line }: BothProof['example']): string {
  return `${path.basename(file)}:${line}`;
}

function told({ example, inside, dmz, trouble }: BothProof): unknown {
  const { file, line, title } = example;
  const side = ({ action, rule, fired }: BothProof['inside']) => ({ action, rule, fired });
  return { file, line, title, ok: trouble === undefined, trouble, inside: side(inside), dmz: side(dmz) };
}
