// `sallyport policy status`: how far the revisions of the policy have come in each process, and which are kept.
import { askControl } from '@sallyport/shared/control-socket.ts';
import { shownText } from '@sallyport/shared/finding.ts';
import { z } from 'zod';
import type { Command } from '../command.ts';
import { socketFolder, socketsOf } from '../sockets.ts';
import { columns } from '../status-table.ts';

const mark = z.object({ revision: z.string(), time: z.number().optional() }).optional();
const answerSchema = z.object({
  program: z.string(),
  node: z.string(),
  link: z.array(z.object({ peer: z.string(), state: z.string(), detail: z.string() })),
  policy: z.object({
    revision: z.string(),
    signed: z.boolean(),
    published: mark,
    received: mark,
    verified: mark,
    active: mark,
    examples: z.object({ played: z.number(), failed: z.number(), ms: z.number() }).optional(),
    trouble: z.array(z.string()),
    overdue: z.array(z.string()).optional(),
    kept: z.array(z.object({ revision: z.string(), author: z.string(), time: z.number(), active: z.boolean() })),
  }),
});

type Answer = z.infer<typeof answerSchema>;

export const policyStatus: Command = {
  name: 'policy status',
  summary: 'which revision is published, received, verified and active in each process, and which are kept',
  help: [
    '  --control SOCKET  the control socket of one process',
    '  --settings FILE   the settings of one process, which name its control socket',
    `                    without either: every socket in ${socketFolder}`,
    '  --json            one JSON line a process, for programs',
    '  The exit code is 1 if what was published last is not in force, or a process does not answer.',
  ],
  options: { control: { type: 'string' }, settings: { type: 'string' }, json: { type: 'boolean' } },
  words: [],
  run: async (_words, options, terminal) => {
    const sockets = socketsOf(options);
    if (sockets.length === 0) {
      terminal.complain(`sallyport policy status: no control socket in ${socketFolder}; else write --settings FILE`);
      return 1;
    }
    let code = 0;
    for (const socket of sockets) {
      try {
        const read = answerSchema.safeParse(await askControl(socket, { ask: 'status' }));
        if (!read.success) throw new Error(`${socket}: the answer cannot be read; is the process of the same version?`);
        if (read.data.policy.trouble.length > 0) code = 1;
        const { program, node, policy } = read.data;
        const lines = options.json === true ? [JSON.stringify({ program, node, ...policy })] : linesOf(read.data);
        for (const line of lines) terminal.say(line);
      } catch (error) {
        terminal.complain(`sallyport policy status: ${error instanceof Error ? error.message : String(error)}`);
        code = 1;
      }
    }
    return code;
  },
};

function linesOf({ program, node, link, policy }: Answer): readonly string[] {
  const { published, received, verified, active, trouble, kept, signed, overdue, examples } = policy;
  const states = { published, received, verified, active };
  return [
    `${program} ${node}: ${signed ? 'signed policies alone' : 'THE POLICY IS NOT SIGNED: whoever can write to its folder decides'}`,
    ...Object.entries(states).map(([state, at]) => `  ${state.padEnd(10)}${markWords(at)}`),
    ...(examples === undefined ? [] : [`  examples  ${exampleWords(examples)}`]),
    ...trouble.map((problem) => `  not taken: ${shownText(problem, 500)}`),
    ...(overdue ?? []).map((line) => `  ${shownText(line, 500)}`),
    ...link.map(({ peer, state, detail }) => `  ${shownText(`${peer} ${state}: ${detail}`, 500)}`),
    ...(kept.length === 0 ? [] : ['  kept:']),
    ...columns(
      ['revision', 'signed', 'author', ''],
      kept.map((each) => [
        each.revision.slice(0, 12),
        new Date(each.time).toISOString(),
        each.author,
        each.active ? 'in force' : '',
      ]),
    )
      .slice(kept.length === 0 ? 1 : 0)
      .map((line) => `    ${line}`),
    '',
  ];
}

function exampleWords({ played, failed, ms }: NonNullable<Answer['policy']['examples']>): string {
  return `${played} played in ${ms} ms, ${failed === 0 ? 'all as they say' : `NOT as they say: ${failed}`}`;
}

function markWords(at: z.infer<typeof mark>): string {
  if (at === undefined) return 'none';
  return at.time === undefined ? at.revision : `${at.revision}, signed ${new Date(at.time).toISOString()}`;
}
