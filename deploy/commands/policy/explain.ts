// `sallyport policy explain DIR`: what a policy makes of one message, and why, step by step.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkYaml } from '@sallyport/shared/checked-yaml.ts';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { examplesFile } from '@sallyport/shared/policy/example-schema.ts';
import type { Said } from '@sallyport/shared/policy/play-example.ts';
import { type Command, type Options, textOption, WrongQuestion } from '../command.ts';
import { type Explanation, explain } from './explanation.ts';
import { explanationLines } from './explanation-lines.ts';
import { keyHelp, keyOption, type ReadPolicy, readPolicy } from './read-policy.ts';

export const policyExplain: Command = {
  name: 'policy explain',
  summary: 'what a policy makes of one message, and why',
  help: [
    '  TEXT               the message; without it and without --file it is read from standard input',
    '  --file FILE        the message stands in this file',
    '  --example PLACE    an example of the policy, such as cards.yaml:3',
    '  --direction WORD   outward: it leaves (unless told); inward: it comes in',
    '  --from ADDRESS, --to ADDRESS, --label MARKING, --lang LANGUAGE, --subject TEXT, --on DAY',
    '                     who says it to whom, with which security label, in which language, about what, and when',
    '  --all              the conditions of every rule, also where nothing was found of what it asks for',
    '  --json             one JSON object, for programs; the texts are in it as they are',
    keyHelp,
    '  The exit code is 0 if the message passes, 1 if it is refused or held, 2 if the policy or the question is not good.',
  ],
  options: {
    ...keyOption,
    ...{ file: { type: 'string' }, example: { type: 'string' }, direction: { type: 'string' } },
    ...{ from: { type: 'string' }, to: { type: 'string' }, label: { type: 'string' }, lang: { type: 'string' } },
    ...{ subject: { type: 'string' }, on: { type: 'string' }, all: { type: 'boolean' }, json: { type: 'boolean' } },
  },
  words: ['DIR', '[TEXT]'],
  run: async ([folder = '', text], options, terminal) => {
    const read = readPolicy(folder, options);
    if (!read.ok) {
      for (const problem of read.problems) terminal.complain(problem);
      return 2;
    }
    const told = explain(saidBy(text, options, read.policy), read.policy, Date.now());
    if (options.json === true) terminal.say(JSON.stringify(forPrograms(told)));
    else for (const line of explanationLines(told, read.policy, options.all === true)) terminal.say(line);
    return told.inside.action === 'block' || told.inside.action === 'quarantine' ? 1 : 0;
  },
};

const messageOptions = ['direction', 'from', 'to', 'label', 'lang', 'on'] as const;

function saidBy(text: string | undefined, options: Options, policy: ReadPolicy): Said {
  const place = textOption(options, 'example');
  const file = textOption(options, 'file');
  if ([text, place, file].filter((one) => one !== undefined).length > 1)
    throw new WrongQuestion('write one of TEXT, --file and --example');
  if (place !== undefined) return exampleAt(place, policy);
  const body = text ?? textIn(file ?? '/dev/stdin').replace(/\n$/, '');
  const subject = textOption(options, 'subject');
  const entry: Record<string, unknown> = subject === undefined ? { text: body } : { parts: { body, subject } };
  for (const name of messageOptions) {
    const told = textOption(options, name);
    if (told !== undefined) entry[name] = told;
  }
  // The same strict check as for a file of examples. It must expect something; nobody asks for that here.
  const written = JSON.stringify({ examples: [{ ...entry, passes: 'none' }] });
  const checked = checkYaml('', written, examplesFile);
  const [said] = checked.ok ? checked.value.examples : [];
  if (said !== undefined) return said;
  const [problem = ''] = checked.ok ? [] : checked.problems;
  throw new WrongQuestion(problem.replace(/^:\d+: (?:examples\[0\]\.?)?/, '--'));
}

function exampleAt(place: string, { examples }: ReadPolicy): Said {
  const [name = '', line] = path.basename(place).split(':');
  const inFile = examples.filter(({ file }) => path.basename(file) === name);
  if (inFile.length === 0) throw new WrongQuestion(`there are no examples in ${name}; write one such as cards.yaml:3`);
  // Any line of an example means it.
  const found = inFile.findLast((one) => one.line <= Number(line ?? '0'));
  if (found === undefined)
    throw new WrongQuestion(`no example stands on this line; the first is ${name}:${inFile[0]?.line}`);
  return found;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new WrongQuestion(fileTrouble(file, error));
  }
}

function forPrograms({ trace, inside, dmz, ...rest }: Explanation): unknown {
  const rules = trace.rules.map(({ rule: { id, action, mode }, ...one }) => ({ id, action, mode, ...one }));
  const side = ({ action, rule, fired, redacted, publicText }: Explanation['inside']) => {
    return { action, rule, fired, redacted, publicText };
  };
  return { ...rest, findings: trace.findings, rules, inside: side(inside), dmz: side(dmz) };
}
