// `sallyport policy diff OLD NEW`: what changes between two policies, and which messages would meet something else.
import path from 'node:path';
import { type Played, play } from '@sallyport/shared/policy/play-example.ts';
import { doneBy, type Example, withoutExceptions } from '@sallyport/shared/policy/prove-examples.ts';
import { type Command, textOption } from '../command.ts';
import { columns } from '../status-table.ts';
import { changesOf } from './changes.ts';
import { safe } from './on-terminal.ts';
import { keyHelp, keyOption, type ReadPolicy, readPolicy } from './read-policy.ts';
import { isAsItWas, replay, replayLines } from './replay.ts';

export const policyDiff: Command = {
  name: 'policy diff',
  summary: 'what changes between two policies, and which messages would meet something else',
  help: [
    '  The messages are the examples of both policies, each once.',
    '  --journal FILE     the messages of this journal as well; see sallyport policy replay',
    '  --json             one JSON object, for programs',
    keyHelp,
    '  The exit code is 0 if no message meets anything else, 1 if one does, 2 if one of the policies cannot be read.',
  ],
  options: { ...keyOption, journal: { type: 'string' }, json: { type: 'boolean' } },
  words: ['OLD', 'NEW'],
  run: async ([old = '', folder = ''], options, terminal) => {
    const before = readPolicy(old, options);
    const after = readPolicy(folder, options);
    for (const read of [before, after]) if (!read.ok) for (const problem of read.problems) terminal.complain(problem);
    if (!before.ok || !after.ok) return 2;
    const changes = changesOf(before.policy, after.policy);
    const verdicts = changedVerdicts(before.policy, after.policy);
    const journal = textOption(options, 'journal');
    const replayed = journal === undefined ? undefined : await replay(journal, after.policy);
    const revisions = [before, after].map(({ policy }) => policy.inside.revision);
    if (options.json === true) {
      terminal.say(
        JSON.stringify({ revisions, changes, verdicts: verdicts.changed, examples: verdicts.asked, replayed }),
      );
    } else for (const line of linesOf(changes, verdicts, revisions)) terminal.say(line);
    if (replayed !== undefined && options.json !== true)
      for (const line of ['', `What NEW makes of ${journal}`, '', ...replayLines(replayed)]) terminal.say(line);
    const isSame = replayed === undefined || isAsItWas(replayed);
    return verdicts.changed.length === 0 && isSame ? 0 : 1;
  },
};

type Verdicts = {
  readonly asked: number;
  readonly changed: readonly {
    readonly file: string;
    readonly line: number;
    readonly title: string;
    readonly before: string;
    readonly after: string;
  }[];
};

/** Plays the examples of both policies through both. */
function changedVerdicts(before: ReadPolicy, after: ReadPolicy): Verdicts {
  const examples = new Map([...before.examples, ...after.examples].map((one) => [saidIn(one), one]));
  const changed = [...examples.values()].flatMap((example) => {
    const [was, is] = [before, after].map(({ inside }) => words(play(example, inside, withoutExceptions)));
    if (was === undefined || is === undefined || was === is) return [];
    const { file, line, title, text } = example;
    return [{ file, line, title: title ?? safe(text ?? '', 40), before: was, after: is }];
  });
  return { asked: examples.size, changed };
}

// What is said makes the same example, whatever it is called, and wherever it stands.
function saidIn({
  title: _,
  expect: _expect,
  passes: _passes,
  file: _file,
  line: _line,
  atProxy: _atProxy,
  ...said
}: Example): string {
  return JSON.stringify(said);
}

function words(played: Played): string {
  const would = played.evaluation.wouldHave.map(({ rule, action }) => `${action} by ${rule}`).sort();
  const done = played.redacted === undefined ? doneBy(played) : `${doneBy(played)}: ${safe(played.redacted, 80)}`;
  return would.length === 0 ? done : `${done} (would ${would.join(', ')})`;
}

function linesOf(
  changes: readonly string[],
  { asked, changed }: Verdicts,
  revisions: readonly string[],
): readonly string[] {
  const [old = '', now = ''] = revisions.map((revision) => revision.slice(0, 12));
  const head = old === now ? `Both are revision ${now}.` : `Revision ${old} → ${now}`;
  const rows = changed.map(({ file, line, title, before, after }) => {
    return [`${path.basename(file)}:${line}`, before, '→', after, title];
  });
  return [
    head,
    '',
    'What changes',
    ...(changes.length === 0 ? ['  nothing that decides'] : changes.map((line) => `  ${line}`)),
    '',
    `Which of ${asked} examples meet something else`,
    ...(rows.length === 0
      ? ['  none']
      : columns(['example', 'was', '', 'is', 'title'], rows).map((line) => `  ${line}`)),
  ];
}
