// `sallyport policy rollback`: an earlier revision again, as a new one that somebody signs today.
import { existsSync } from 'node:fs';
import { findKept } from '@sallyport/shared/policy/kept-revisions.ts';
import { writeRevisionFolder } from '@sallyport/shared/policy/revision-folder.ts';
import { readSomeSettings } from '../check-settings.ts';
import { type Command, textOption, WrongQuestion } from '../command.ts';
import { tellSigning } from './sign.ts';
import { signFolder } from './sign-folder.ts';

export const policyRollback: Command = {
  name: 'policy rollback',
  summary: 'writes an earlier REVISION to NEW-DIR and signs it anew, so that it may replace a later one',
  help: [
    '  --settings FILE  the settings of inner-gateway, whose kept revisions are searched (needed)',
    '  --key FILE       your private key (needed)',
    '  --as NAME        your name in operators.yaml; the entry with your key unless told',
    '  REVISION is its name, or the first 8 digits or more; sallyport policy status lists them.',
    '  The old signatures do not count again: nobody else can bring an old policy back.',
  ],
  options: { settings: { type: 'string' }, key: { type: 'string' }, as: { type: 'string' } },
  words: ['REVISION', 'NEW-DIR'],
  run: async ([revision = '', target = ''], options, terminal) => {
    const [file, key] = [textOption(options, 'settings'), textOption(options, 'key')];
    if (file === undefined || key === undefined) throw new WrongQuestion('write --settings FILE and --key FILE');
    if (existsSync(target)) throw new WrongQuestion(`${target} is there already; write another name`);
    const read = readSomeSettings(file);
    if (read.program === 'neither') throw new WrongQuestion(read.problems[0] ?? `${file}: these are no settings`);
    const keeping = read.settings.policySignatures;
    if (keeping === undefined)
      throw new WrongQuestion(`${file}: policySignatures is not set; an unsigned policy is rolled back by its folder`);
    if (read.program === 'dmz-proxy')
      throw new WrongQuestion(`${file}: the proxy's copies are not whole; write the settings of inner-gateway`);
    const found = findKept(keeping.folder, revision);
    if (found === undefined)
      throw new WrongQuestion(`${revision}: no such revision is kept; sallyport policy status lists them`);
    writeRevisionFolder(target, found);
    return tellSigning(signFolder(target, key, textOption(options, 'as'), Date.now(), true), target, terminal);
  },
};
