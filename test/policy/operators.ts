// A policy of three operators for tests: their keys, their folder, and a process's end that judges what they sign.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { pino } from 'pino';
import { makeOperatorKey } from '../../deploy/commands/policy/keys.ts';
import { signFolder } from '../../deploy/commands/policy/sign-folder.ts';
import type { PolicyEntry } from '../../shared/audit.ts';
import type { LoadTerms, Side } from '../../shared/policy/load-policy.ts';
import { readRevisionFolder } from '../../shared/policy/revision-folder.ts';
import { readManifest } from '../../shared/policy/revision-manifest.ts';
import { openSignedPolicy } from '../../shared/policy/signed-policy.ts';
import type { SignedRevision } from '../../shared/policy/signed-revision.ts';

export const shipped = join(import.meta.dirname, '..', '..', 'policies');
/** A word of the list that says `where: inside`; nothing else holds it. */
export const insideWord = 'zanzibarquill';
export type Who = 'alice' | 'bob' | 'carol';
const roles = { alice: '[author]', bob: '[approver]', carol: '[author, approver]' } as const;

export type Office = ReturnType<typeof openOffice>;

/** A folder with keys, `root.yaml`, and the shipped policy in `policy`; `people` may sign, and `required` of them must. */
export function openOffice(required: 1 | 2, people: readonly Who[] = ['alice', 'bob', 'carol']) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-office-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const open = new Map(Object.keys(roles).map((who) => [who, makeOperatorKey(join(folder, `${who}.key`))]));
  const operatorsYaml = (who: readonly Who[], least: 1 | 2 = required) =>
    `operators:\n${who
      .map((name) => `  - { name: ${name}, key: "${open.get(name)}", roles: ${roles[name]} }\n`)
      .join('')}signatures: { required: ${least} }\n`;
  const root = join(folder, 'root.yaml');
  writeFileSync(root, operatorsYaml(people));
  const policy = join(folder, 'policy');
  cpSync(shipped, policy, { recursive: true });
  const content = join(policy, 'content.yaml');
  const both = /(file: lists\/project-names\.txt\n\s+where: )both/;
  writeFileSync(content, readFileSync(content, 'utf8').replace(both, '$1inside'));
  const secret = join(policy, 'lists/project-names.txt');
  writeFileSync(secret, `${readFileSync(secret, 'utf8')}${insideWord}\n`);
  let desks = 0;
  let clock = Date.now();
  return {
    folder,
    policy,
    root,
    operatorsYaml,
    keyOf: (who: Who) => join(folder, `${who}.key`),
    now: () => clock,
    /** Signs the policy as it lies there, a second later than what was signed before; throws with the problems. */
    sign(...by: readonly Who[]): SignedRevision {
      clock += 1_000;
      for (const who of by) {
        const signed = signFolder(policy, join(folder, `${who}.key`), who, clock);
        if (!signed.ok) throw new Error(signed.problems.join('\n'));
      }
      return read(policy);
    },
    put: (name: string, text: string) => writeFileSync(join(policy, name), text),
    /** Adds a word to the list that both sides hold. */
    addWord: (word: string) =>
      writeFileSync(
        join(policy, 'lists/dirty-words.txt'),
        `${readFileSync(join(policy, 'lists/dirty-words.txt'), 'utf8')}${word}\n`,
      ),
    /** A process that judges; with `kept` it is started anew over what it kept. */
    desk(
      side: Side,
      more: {
        readonly watched?: string;
        readonly kept?: string;
        readonly required?: 1 | 2;
        readonly terms?: () => LoadTerms;
      } = {},
    ) {
      const kept = more.kept ?? join(folder, `kept-${++desks}`);
      const records: PolicyEntry[] = [];
      const lines: string[] = [];
      const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
      const desk = openSignedPolicy({
        folder: more.watched ?? join(folder, 'nothing-here'),
        side,
        signatures: { operatorsFile: root, required: more.required ?? 1, folder: kept, keep: 3 },
        record: (entry) => records.push(entry),
        log,
        now: () => clock,
        ...(more.terms === undefined ? {} : { terms: more.terms }),
      });
      return { ...desk, keptIn: kept, records, lines };
    },
  };
}

export function read(folder: string): SignedRevision {
  const { signed, problems } = readRevisionFolder(folder);
  if (signed === undefined || problems.length > 0) throw new Error(problems.join('\n'));
  return signed;
}

export const nameOf = (signed: SignedRevision) => readManifest(signed.manifest)?.revision;
export const problemsOf = (taken: { readonly problems: readonly string[] }) => taken.problems.join('\n');

/** The revision in force, after a look into the folder. */
export function revisionIn(desk: Pick<ReturnType<typeof openSignedPolicy>, 'look'>): string {
  const looked = desk.look();
  if (!looked.ok) throw new Error(looked.problems.join('\n'));
  return looked.policy.revision;
}
