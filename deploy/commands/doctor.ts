// `sallyport doctor DOMAIN`: why a partner does not work, in plain words, from where the proxy stands.
import { askControl } from '@sallyport/shared/control-socket.ts';
import { type Command, textOption } from './command.ts';
import { diagnosisLines, readDiagnoses } from './diagnosis-lines.ts';
import { socketsOf } from './sockets.ts';

/** The doctor is done within 75 s. */
const patienceMs = 90_000;

export const doctor: Command = {
  name: 'doctor',
  summary: 'why a partner does not work, who must mend what, and how',
  help: [
    '  --from DOMAIN     our domain to dial as; the first one of the settings unless told',
    '  --control SOCKET  the control socket of dmz-proxy or inner-gateway',
    '  --settings FILE   the settings of either, which name its control socket',
    '                    without either: the first socket in /run/sallyport that can answer',
    '  --all             what is good as well, not only what is wrong or worth knowing',
    '  --json            one JSON line a proxy, for programs',
    '  It dials the partner as every stream does and says nothing of users; 75 seconds at most.',
    '  The exit code is 0 only when nothing is wrong. All findings: dmz-proxy/doctor/README.md',
  ],
  options: {
    from: { type: 'string' },
    control: { type: 'string' },
    settings: { type: 'string' },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  words: ['DOMAIN'],
  run: async ([domain = ''], options, terminal) => {
    const sockets = socketsOf(options);
    if (sockets.length === 0) {
      terminal.complain(
        'sallyport doctor: no control socket in /run/sallyport; is a process running? else write --settings FILE',
      );
      return 1;
    }
    const question = { ask: 'diagnose', domain, from: textOption(options, 'from') ?? '' };
    const troubles: string[] = [];
    for (const socket of sockets) {
      const answer = await askControl(socket, question, patienceMs).catch((error: unknown) => {
        troubles.push(error instanceof Error ? error.message : String(error));
        return undefined;
      });
      if (answer === undefined) continue;
      const read = readDiagnoses(answer);
      if (read === undefined) {
        troubles.push(`${socket}: the answer is no diagnosis; is the process of the same version?`);
        continue;
      }
      troubles.push(...read.troubles);
      if (read.diagnoses.length === 0) continue;
      for (const [i, diagnosis] of read.diagnoses.entries()) {
        if (options.json === true) terminal.say(JSON.stringify(diagnosis));
        else {
          if (i > 0) terminal.say('');
          for (const line of diagnosisLines(diagnosis, options.all === true)) terminal.say(line);
        }
      }
      for (const trouble of read.troubles) terminal.complain(`sallyport doctor: ${trouble}`);
      const isWrong = read.diagnoses.some(({ findings }) => findings.some(({ level }) => level === 'wrong'));
      return isWrong || read.troubles.length > 0 ? 1 : 0;
    }
    for (const trouble of troubles) terminal.complain(`sallyport doctor: ${trouble}`);
    return 1;
  },
};
