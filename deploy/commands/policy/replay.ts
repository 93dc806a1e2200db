// `sallyport policy replay JOURNAL DIR`: what a policy would have made of past messages, from their features alone.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { type JournalHead, journalLine } from '@sallyport/shared/policy/journal-line.ts';
import { type Command, WrongQuestion } from '../command.ts';
import { columns } from '../status-table.ts';
import { keyHelp, keyOption, type ReadPolicy, readPolicy } from './read-policy.ts';
import { type Redecided, redecideWith } from './redecide.ts';

export const policyReplay: Command = {
  name: 'policy replay',
  summary: 'what a policy would have made of past messages, from a journal of their features',
  help: [
    '  JOURNAL            what the gateway or the proxy has written; see policyJournal in their settings',
    '  --json             one JSON object, for programs',
    keyHelp,
    '  The journal holds no texts, so that a rule can be asked anew only where its detectors are as they were;',
    '  for which messages that is not so is said by name of the rule. Rules that only watch are counted by themselves.',
    '  The exit code is 0 if all is decided as it was, 1 if not, or if it cannot be said, 2 if something cannot be read.',
  ],
  options: { ...keyOption, json: { type: 'boolean' } },
  words: ['JOURNAL', 'DIR'],
  run: async ([file = '', folder = ''], options, terminal) => {
    const read = readPolicy(folder, options);
    if (!read.ok) {
      for (const problem of read.problems) terminal.complain(problem);
      return 2;
    }
    const replayed = await replay(file, read.policy);
    if (options.json === true) terminal.say(JSON.stringify(replayed));
    else for (const line of replayLines(replayed)) terminal.say(line);
    return isAsItWas(replayed) ? 0 : 1;
  },
};

export type Replayed = {
  readonly asked: number;
  readonly same: number;
  readonly lost: number;
  readonly changed: readonly {
    readonly was: string;
    readonly is: string;
    readonly count: number;
    readonly last: string;
  }[];
  /** For how many messages it cannot be said what would happen, by the rules that would have to be asked. */
  readonly unsaid: readonly {
    readonly rules: string;
    readonly count: number;
    /** Of these: decided as they were by all other rules. */
    readonly same: number;
  }[];
  /** The rules that only watch, then or now: in how many messages they fired. */
  readonly watching: readonly Watching[];
};

export type Watching = {
  readonly rule: string;
  readonly was: number;
  readonly is: number;
  /** Fires now and did not then; fired then and does not now. */
  readonly more: number;
  readonly less: number;
  readonly unsaid: number;
};

/** Decides every message of the journal anew. Throws a sentence where the file is no journal. */
export async function replay(file: string, policy: ReadPolicy): Promise<Replayed> {
  const redecide = redecideWith(policy);
  const changed = new Map<string, Replayed['changed'][number]>();
  const unsaid = new Map<string, Replayed['unsaid'][number]>();
  const watching = new Map<string, Watching>();
  let [asked, same, lost, at] = [0, 0, 0, 0];
  let head: JournalHead | undefined;
  for await (const text of linesIn(file)) {
    at++;
    const line = parsed(text);
    if (line === undefined) throw new WrongQuestion(`${file}:${at}: this is no line of a policy journal`);
    if ('lost' in line) lost += line.lost;
    else if ('revision' in line) head = line;
    else if (head === undefined) throw new WrongQuestion(`${file}:${at}: nothing above it says which policy decided`);
    else {
      asked++;
      const now = redecide(head, line);
      watch(watching, line.would, now);
      const [was, is] = [line, now].map(({ action, rule }) => words(action, rule));
      if (was === undefined || is === undefined) continue;
      if (now.unsaid.length > 0) {
        const rules = now.unsaid.join(', ');
        const known = unsaid.get(rules) ?? { rules, count: 0, same: 0 };
        unsaid.set(rules, { rules, count: known.count + 1, same: known.same + (was === is ? 1 : 0) });
      } else if (was === is) same++;
      else {
        const known = changed.get(`${was} ${is}`);
        const last = new Date(line.at).toISOString().slice(0, 16).replace('T', ' ');
        changed.set(`${was} ${is}`, { was, is, count: (known?.count ?? 0) + 1, last });
      }
    }
  }
  return {
    ...{ asked, same, lost },
    changed: [...changed.values()].toSorted((a, b) => b.count - a.count),
    unsaid: [...unsaid.values()].toSorted((a, b) => b.count - a.count),
    watching: [...watching.values()].toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}

function watch(all: Map<string, Watching>, before: readonly string[], { would, wouldUnsaid }: Redecided): void {
  for (const rule of new Set([...before, ...would, ...wouldUnsaid])) {
    const known = all.get(rule) ?? { rule, was: 0, is: 0, more: 0, less: 0, unsaid: 0 };
    const [was, is, unknown] = [before, would, wouldUnsaid].map((rules) => (rules.includes(rule) ? 1 : 0));
    if (was === undefined || is === undefined || unknown === undefined) continue;
    all.set(rule, {
      rule,
      was: known.was + was,
      is: known.is + is,
      more: known.more + (is > was ? 1 : 0),
      less: known.less + (was > is + unknown ? 1 : 0),
      unsaid: known.unsaid + unknown,
    });
  }
}

function words(action: string, rule: string | undefined): string {
  if (action === 'allow' || action === 'monitor') return 'passes';
  return rule === undefined ? action : `${action} by ${rule}`;
}

function parsed(text: string): ReturnType<typeof journalLine.parse> | undefined {
  try {
    const read = journalLine.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

async function* linesIn(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new WrongQuestion(fileTrouble(file, error));
  } finally {
    input.destroy();
  }
}

/** Whether every message is known to be decided as it was, and watched by the same rules. */
export function isAsItWas({ changed, unsaid, watching }: Replayed): boolean {
  const watchesAlike = watching.every(({ more, less, unsaid: unknown }) => more + less + unknown === 0);
  return changed.length === 0 && unsaid.length === 0 && watchesAlike;
}

/** The same for people. */
export function replayLines({ asked, same, lost, changed, unsaid, watching }: Replayed): readonly string[] {
  const rows = changed.map(({ was, is, count, last }) => [count, was, '→', is, last]);
  return [
    `${asked} messages: ${same} are decided as they were.`,
    ...(lost === 0 ? [] : [`${lost} more were decided while the disk was too slow to write them down.`]),
    '',
    'Decided otherwise',
    ...(rows.length === 0
      ? ['  none']
      : columns(['messages', 'was', '', 'is', 'the last one'], rows).map((row) => `  ${row}`)),
    '',
    'Cannot be said, since the rule asks for what was not looked for then',
    ...(unsaid.length === 0
      ? ['  none']
      : columns(
          ['messages', 'rules', 'by all others'],
          unsaid.map(({ rules, count, same: kept }) => [count, rules, `${kept} as they were`]),
        ).map((row) => `  ${row}`)),
    '',
    'Rules that only watch, and in how many messages they would have done something',
    ...(watching.length === 0
      ? ['  none']
      : columns(
          ['rule', 'was', 'is', 'more', 'less', 'cannot be said'],
          watching.map(({ rule, was, is, more, less, unsaid: unknown }) => [rule, was, is, more, less, unknown]),
        ).map((row) => `  ${row}`)),
  ];
}
