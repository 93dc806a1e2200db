// `sallyport status`: asks the running processes on this machine how they are.
import { askControl } from '@sallyport/shared/control-socket.ts';
import type { Command } from './command.ts';
import { socketFolder, socketsOf } from './sockets.ts';
import { readStatus, statusTable } from './status-table.ts';

export const status: Command = {
  name: 'status',
  summary: 'how the processes on this machine are: link, partners, Skype peers, outbox, last refusals',
  help: [
    '  --control SOCKET  the control socket of one process',
    '  --settings FILE   the settings of one process, which name its control socket',
    `                    without either: every socket in ${socketFolder}`,
    '  --json            one JSON line a process, for programs',
    '  The exit code is 1 if a process does not answer.',
  ],
  options: { control: { type: 'string' }, settings: { type: 'string' }, json: { type: 'boolean' } },
  words: [],
  run: async (_words, options, terminal) => {
    const sockets = socketsOf(options);
    if (sockets.length === 0) {
      terminal.complain(
        `sallyport status: no control socket in ${socketFolder}; is a process running? else write --settings FILE`,
      );
      return 1;
    }
    let code = 0;
    let isFirst = true;
    for (const socket of sockets) {
      const answer = await ask(socket);
      if ('trouble' in answer) {
        terminal.complain(`sallyport status: ${answer.trouble}`);
        code = 1;
        continue;
      }
      const lines = options.json === true ? [JSON.stringify(answer.status)] : tableOf(socket, answer.status);
      if (!isFirst && options.json !== true) terminal.say('');
      for (const line of lines) terminal.say(line);
      isFirst = false;
    }
    return code;
  },
};

async function ask(socket: string): Promise<{ readonly status: unknown } | { readonly trouble: string }> {
  try {
    return { status: await askControl(socket, { ask: 'status' }) };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }
}

function tableOf(socket: string, answer: unknown): readonly string[] {
  const read = readStatus(answer);
  return read === undefined
    ? [`${socket}: the answer is not a status; is the process of the same version?`]
    : statusTable(read, Date.now());
}
