// `sallyport audit verify`: whether every record is as it was written, and nothing is missing.
import path from 'node:path';
import { segmentsOf } from '@sallyport/shared/audit/segments.ts';
import { type Checker, openChecker } from '@sallyport/shared/audit/signing.ts';
import { verifyAudit, type Witnessed } from '@sallyport/shared/audit/verify.ts';
import { type Command, textOption, WrongQuestion } from '../command.ts';
import { recordsOf } from './records.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'whether the audit is as it was written, from its first record to its last',
  help: [
    '  --key FILE      the public key of the node (audit.pub): its signed checkpoints are checked as well',
    '  --witness FILE  the audit of a gateway, which wrote down once a minute where the audit of each proxy stood;',
    '                  by that a proxy’s audit of which the end was cut off is told',
    '  --of URI        which proxy it is, where the gateway has several',
    '  The exit code is 1 if a record was changed, removed, added, moved or cut off.',
  ],
  options: { key: { type: 'string' }, witness: { type: 'string' }, of: { type: 'string' } },
  words: ['FILE'],
  run: async ([file = ''], options, terminal) => {
    if ((await segmentsOf(file).catch(() => [])).length === 0)
      throw new WrongQuestion(`${file}: there is no such audit; the settings name it as audit.file`);
    const keyFile = textOption(options, 'key');
    const checker = keyFile === undefined ? undefined : readChecker(keyFile);
    const witness = textOption(options, 'witness');
    const witnessed = witness === undefined ? undefined : await whatWasSeen(witness, file, textOption(options, 'of'));
    const verdict = await verifyAudit(file, {
      ...(checker === undefined ? {} : { checker }),
      ...(witnessed === undefined ? {} : { witnessed }),
    });
    if (!verdict.ok) {
      terminal.complain(`${verdict.file}: record ${verdict.record}: ${verdict.why}`);
      return 1;
    }
    const { first, last, files, checkpoints, signedUpTo } = verdict;
    terminal.say(
      `${file}: records ${first} to ${last} in ${files} file${files === 1 ? '' : 's'} are as they were written`,
    );
    if (first > 1) terminal.say(`  records 1 to ${first - 1} are not here; where are they kept?`);
    if (checker === undefined) terminal.say('  signatures were not checked; write --key audit.pub');
    else if (checkpoints === 0)
      terminal.say(
        `  no checkpoint is signed with the key of ${keyFile}; the first comes a minute after the first record`,
      );
    else terminal.say(`  ${checkpoints} signed checkpoints hold, the last one for records up to ${signedUpTo}`);
    if (witnessed === undefined)
      terminal.say('  that nothing was cut off at the end only a witness can tell; write --witness');
    else terminal.say(`  the witness saw ${verdict.witnessed} of these records, and none that is missing`);
    return 0;
  },
};

function readChecker(file: string): Checker {
  try {
    return openChecker(file);
  } catch (error) {
    throw new WrongQuestion(error instanceof Error ? error.message : file);
  }
}

async function whatWasSeen(witness: string, file: string, of: string | undefined): Promise<Witnessed> {
  const seen = new Map<string, Map<number, string>>();
  for await (const { record } of recordsOf(witness)) {
    if (record.event !== 'countersigned' || record.file !== path.basename(file)) continue;
    const { node, of: seq, head } = record;
    if (typeof node !== 'string' || typeof seq !== 'number' || typeof head !== 'string') continue;
    const heads = seen.get(node) ?? new Map<number, string>();
    seen.set(node, heads.set(seq, head));
  }
  const nodes = [...seen.keys()];
  const node = of ?? (nodes.length === 1 ? nodes[0] : undefined);
  const heads = node === undefined ? undefined : seen.get(node);
  if (heads !== undefined) return heads;
  const known =
    nodes.length === 0
      ? `has seen no ${path.basename(file)}`
      : `has seen ${nodes.join(' and ')}; write --of with one of them`;
  throw new WrongQuestion(`${witness} ${known}`);
}
