// `sallyport quarantine list | show | release | refuse | sign`: what operators do with what content rules hold.
import { type HeldDeed, signDeed, signedDeeds } from '@sallyport/shared/policy/quarantine-signatures.ts';
import { printSignatures } from '@sallyport/shared/policy/revision-signatures.ts';
import { type Command, textOption, WrongQuestion } from '../command.ts';
import { openOperatorKey } from '../policy/keys.ts';
import {
  askGateway,
  deedHelp,
  deedOf,
  deedOptions,
  gatewayHelp,
  gatewayOptions,
  operatorOption,
} from './ask-gateway.ts';
import { listLines, shownLines } from './held-lines.ts';

const noAnswer = 'the answer is none of a quarantine; is the process of the same version?';

export const quarantineList: Command = {
  name: 'quarantine list',
  summary: 'what content rules hold: id, since when, from, to, rule, size, days left; never what it says',
  help: [...gatewayHelp, '  --json            the answer as one JSON line, for programs'],
  options: { ...gatewayOptions, json: { type: 'boolean' } },
  words: [],
  run: async (_words, options, terminal) => {
    const answer = await askGateway(options, { do: 'list' });
    const lines = options.json === true ? [JSON.stringify(answer)] : listLines(answer);
    if (lines === undefined) throw new Error(noAnswer);
    for (const line of lines) terminal.say(line);
    return 0;
  },
};

export const quarantineShow: Command = {
  name: 'quarantine show',
  summary: 'what a held packet says, on this terminal; who looked is in the audit',
  help: deedHelp,
  options: deedOptions,
  words: ['ID'],
  run: async ([id = ''], options, terminal) => {
    const lines = shownLines(await askGateway(options, deedOf('show', id, options)));
    if (lines === undefined) throw new Error(noAnswer);
    for (const line of lines) terminal.say(line);
    return 0;
  },
};

export const quarantineRelease = deed(
  'release',
  'delivers a held packet, with the time at which it was said',
  'released: it goes out in the order of its two people',
);
export const quarantineRefuse = deed(
  'refuse',
  'ends a held packet; its sender is told that it was refused',
  'refused: its sender is told',
);

function deed(what: HeldDeed, summary: string, done: string): Command {
  return {
    name: `quarantine ${what}`,
    summary,
    help: deedHelp,
    options: deedOptions,
    words: ['ID'],
    run: async ([id = ''], options, terminal) => {
      await askGateway(options, deedOf(what, id, options));
      terminal.say(`${id} ${done}`);
      return 0;
    },
  };
}

export const quarantineSign: Command = {
  name: 'quarantine sign',
  summary: 'prints a second operator’s signature, with which the first one shows or releases a held packet',
  help: [
    '  --action WORD   what is signed: show or release (needed)',
    '  --as NAME       your name in operators.yaml; you need the role quarantine-show or quarantine-release (needed)',
    '  --key FILE      your private key, made by sallyport policy key (needed)',
    '  It needs no gateway. The signature is good for this one packet, as long as it is held.',
  ],
  options: { action: { type: 'string' }, as: { type: 'string' }, key: { type: 'string' } },
  words: ['ID'],
  run: async ([id = ''], options, terminal) => {
    const action = signedDeeds.find((each) => each === textOption(options, 'action'));
    if (action === undefined) throw new WrongQuestion('write --action show or --action release');
    const file = textOption(options, 'key');
    if (file === undefined) throw new WrongQuestion('write --key FILE, your private key');
    const name = operatorOption(options);
    if (!/^[0-9a-f]{16}$/.test(id))
      throw new WrongQuestion(`${id}: write an id as sallyport quarantine list prints it`);
    terminal.say(printSignatures([signDeed(action, id, name, openOperatorKey(file).key)]).trimEnd());
    return 0;
  },
};
