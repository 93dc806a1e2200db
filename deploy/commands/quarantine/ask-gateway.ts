// Asks the gateways of this machine about their quarantine: the first one that can answer is the one.
import { readFileSync } from 'node:fs';
import { askControl } from '@sallyport/shared/control-socket.ts';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import type { HeldDeed } from '@sallyport/shared/policy/quarantine-signatures.ts';
import { operatorName } from '@sallyport/shared/policy/revision-manifest.ts';
import { listOption, type Options, textOption, WrongQuestion } from '../command.ts';
import { socketFolder, socketsOf } from '../sockets.ts';

export const gatewayOptions = { control: { type: 'string' }, settings: { type: 'string' } } as const;
export const deedOptions = {
  ...gatewayOptions,
  as: { type: 'string' },
  signature: { type: 'string', multiple: true },
} as const;

export const gatewayHelp: readonly string[] = [
  '  --control SOCKET  the control socket of inner-gateway',
  '  --settings FILE   its settings, which name its control socket',
  '                    without either: the first socket in /run/sallyport that can answer',
];

export const deedHelp: readonly string[] = [
  '  --as OPERATOR     who does it; it stands in the audit before it is done (needed)',
  '  --signature FILE  what sallyport quarantine sign has printed for a second operator, where operators.yaml of the',
  '                    policy says quarantine: { secondOperator: true }',
  ...gatewayHelp,
];

/** The first good answer; throws an Error with a sentence where there is none. */
export async function askGateway(options: Options, question: object): Promise<unknown> {
  const sockets = socketsOf(options);
  if (sockets.length === 0) {
    throw new Error(`no control socket in ${socketFolder}; does inner-gateway run here? else write --settings FILE`);
  }
  const troubles: string[] = [];
  for (const socket of sockets) {
    try {
      return await askControl(socket, { ask: 'quarantine', ...question }, 30_000);
    } catch (error) {
      troubles.push(error instanceof Error ? error.message : String(error));
    }
  }
  // A proxy beside it knows no such question; what the gateway says is what counts.
  const told = troubles.find((trouble) => !trouble.includes('does not know the question'));
  throw new Error(told ?? `${sockets.join(', ')}: the quarantine is with inner-gateway; run this on its machine`);
}

/** The question of a deed with who does it, and who else has signed it. */
export function deedOf(deed: HeldDeed, id: string, options: Options): object {
  const as = operatorOption(options);
  const signatures = listOption(options, 'signature').map(readSignature).join('');
  return { do: deed, id, as, signatures };
}

export function operatorOption(options: Options): string {
  const as = textOption(options, 'as');
  if (as === undefined) throw new WrongQuestion('it does not know who you are; write --as OPERATOR, such as a.smith');
  if (!operatorName.test(as)) throw new WrongQuestion(`--as ${as}: write a short name in lower case, such as a.smith`);
  return as;
}

function readSignature(file: string): string {
  try {
    return `${readFileSync(file, 'utf8').trim()}\n`;
  } catch (error) {
    throw new WrongQuestion(fileTrouble(file, error));
  }
}
