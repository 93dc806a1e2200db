// Chooses the command that the operator wrote, reads its options, and turns trouble into one line and an exit code.
import { parseArgs } from 'node:util';
import { nearest } from '@sallyport/shared/nearest.ts';
import { auditForward } from './audit/forward.ts';
import { auditKey } from './audit/key.ts';
import { auditExport, auditSearch } from './audit/search.ts';
import { trace } from './audit/trace.ts';
import { auditVerify } from './audit/verify.ts';
import { checkSettings } from './check-settings.ts';
import { type Command, type Terminal, WrongQuestion } from './command.ts';
import { doctor } from './doctor.ts';
import { initGateway, initProxy } from './init.ts';
import { partners } from './partners.ts';
import { policyActivate } from './policy/activate.ts';
import { policyCheck } from './policy/check.ts';
import { policyDiff } from './policy/diff.ts';
import { policyExplain } from './policy/explain.ts';
import { policyKey } from './policy/keys.ts';
import { policyReplay } from './policy/replay.ts';
import { policyRollback } from './policy/rollback.ts';
import { policyTest } from './policy/run-examples.ts';
import { policyCut, policySign } from './policy/sign.ts';
import { policyStatus } from './policy/status.ts';
import {
  quarantineList,
  quarantineRefuse,
  quarantineRelease,
  quarantineShow,
  quarantineSign,
} from './quarantine/quarantine.ts';
import { status } from './status.ts';

const commands: readonly Command[] = [
  ...[initProxy, initGateway, checkSettings, status, partners, doctor],
  ...[policyKey, policySign, policyCut, policyActivate, policyRollback, policyStatus],
  ...[policyCheck, policyTest, policyExplain, policyDiff, policyReplay],
  ...[trace, auditVerify, auditSearch, auditExport, auditForward, auditKey],
  ...[quarantineList, quarantineShow, quarantineRelease, quarantineRefuse, quarantineSign],
];

/** Runs what the operator wrote after `sallyport`. Returns the exit code: 0 good, 1 a bad answer, 2 a wrong question. */
export async function runCommand(args: readonly string[], out: Terminal): Promise<number> {
  const asked = args.filter((arg) => arg !== '--help' && arg !== '-h');
  if (asked.length === 0 || asked[0] === 'help') return help(asked.slice(1), out);
  const wantsHelp = asked.length < args.length;
  const command = chosen(asked);
  if (command === undefined) return wantsHelp ? help(asked, out) : unknown(asked, out);
  if (wantsHelp) return help(command.name.split(' '), out);
  const rest = args.slice(command.name.split(' ').length);
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: command.options,
      allowPositionals: true,
      strict: true,
    });
    const needed = command.words.filter((word) => !word.startsWith('['));
    if (positionals.length < needed.length || positionals.length > command.words.length) {
      throw new WrongQuestion(`it takes ${command.words.length === 0 ? 'options only' : command.words.join(' ')}`);
    }
    return await command.run(positionals, values, out);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // parseArgs tells wrong options with a code and a first sentence that says it all.
    const fromOptions = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!fromOptions && !(error instanceof WrongQuestion)) {
      out.complain(`sallyport ${command.name}: ${error.message}`);
      return 1;
    }
    const says = fromOptions ? (error.message.split('. ')[0] ?? error.message) : error.message;
    out.complain(`sallyport ${command.name}: ${says}; see sallyport ${command.name} --help`);
    return 2;
  }
}

function chosen(args: readonly string[]): Command | undefined {
  return commands.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
}

function unknown(args: readonly string[], out: Terminal): number {
  const first = args[0] ?? '';
  const begun = commands.filter(({ name }) => name.split(' ')[0] === first).map(({ name }) => name);
  const close = nearest(
    first,
    commands.map(({ name }) => name.split(' ')[0] ?? ''),
  );
  const instead =
    begun.length > 0 ? begun.map((name) => `sallyport ${name}`).join(' or ') : `sallyport ${close ?? 'help'}`;
  out.complain(`sallyport: there is no command '${args.slice(0, 2).join(' ')}'; write ${instead}`);
  return 2;
}

function help(words: readonly string[], out: Terminal): number {
  const command = chosen(words);
  if (command !== undefined) {
    const positional = command.words.map((word) => ` ${word}`).join('');
    out.say(`sallyport ${command.name}${positional} [options]: ${command.summary}`);
    for (const line of command.help) out.say(line);
    return 0;
  }
  const begun = commands.filter(({ name }) => words.length === 0 || name.startsWith(`${words[0]} `));
  if (begun.length === 0) return unknown(words, out);
  out.say('The operator’s commands of Sallyport. Each explains itself with --help.');
  out.say('');
  for (const { name, summary } of begun) out.say(`  sallyport ${name.padEnd(16)}${summary}`);
  return 0;
}
