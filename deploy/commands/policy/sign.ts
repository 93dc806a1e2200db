// `sallyport policy sign` and `sallyport policy cut`: a signed revision, and the copy of it that the proxy may hold.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRevisionFolder, writeRevisionFolder } from '@sallyport/shared/policy/revision-folder.ts';
import { readManifest } from '@sallyport/shared/policy/revision-manifest.ts';
import { byteProblems, cutForDmz } from '@sallyport/shared/policy/signed-revision.ts';
import { type Command, type Terminal, textOption, WrongQuestion } from '../command.ts';
import { checkPolicy } from './check-policy.ts';
import { keyHelp, keyMissing, keyOption } from './read-policy.ts';
import { signFolder } from './sign-folder.ts';

export const policySign: Command = {
  name: 'policy sign',
  summary: 'signs the policy in DIR: as its author, or as the approver of what the author has signed',
  help: [
    '  --key FILE     your private key, made by sallyport policy key (needed)',
    '  --as NAME      your name in operators.yaml; the entry with your key unless told',
    '  Writes revision.manifest, revision.signatures and, where lists stay inside, revision.salt beside the files.',
    '  Where nothing was changed since somebody signed, your signature is added; else this is a new revision, by you.',
    '  What sallyport policy check calls a problem is not signed, where there are examples.',
    keyHelp,
  ],
  options: { ...keyOption, key: { type: 'string' }, as: { type: 'string' } },
  words: ['DIR'],
  run: async ([folder = ''], options, terminal) => {
    const key = textOption(options, 'key');
    if (key === undefined) throw new WrongQuestion('write --key FILE, your private key');
    const { problems, policy } = checkPolicy(folder, options, Date.now());
    // Who signs need not hold the key of hash lists, and a revision that was brought back has no examples with it.
    const isKeyless = problems.length > 0 && problems.every((problem) => problem.endsWith(keyMissing));
    const isBare = policy?.examples.length === 0;
    if (problems.length > 0 && !isKeyless && !isBare) return tellSigning({ ok: false, problems }, folder, terminal);
    if (isKeyless) terminal.complain(`${folder}: no example was played; ${keyMissing} for that`);
    if (isBare) terminal.complain(`${folder}: there are no examples in it, so that none was played`);
    return tellSigning(signFolder(folder, key, textOption(options, 'as'), Date.now()), folder, terminal);
  },
};

export const policyCut: Command = {
  name: 'policy cut',
  summary: 'writes to NEW-DIR the copy of the signed policy in DIR that the proxy may hold, under the same signatures',
  help: ['  The lists that say where: inside are left out. NEW-DIR must not be there yet.'],
  options: {},
  words: ['DIR', 'NEW-DIR'],
  run: async ([folder = '', target = ''], _options, terminal) => {
    if (existsSync(target)) throw new WrongQuestion(`${target} is there already; write another name`);
    const read = readRevisionFolder(folder);
    const manifest = readManifest(read.signed?.manifest ?? '');
    const problems =
      read.signed === undefined || read.problems.length > 0
        ? read.problems
        : manifest === undefined
          ? [`${folder}: it is not signed; use sallyport policy sign`]
          : byteProblems(manifest, read.signed, 'inside');
    for (const problem of problems) terminal.complain(problem);
    if (read.signed === undefined || manifest === undefined || problems.length > 0) return 2;
    writeRevisionFolder(target, cutForDmz(read.signed));
    if (read.revocation.size > 0) mkdirSync(path.join(target, 'trust'), { recursive: true });
    for (const [name, bytes] of read.revocation) writeFileSync(path.join(target, name), bytes);
    const left = manifest.entries.flatMap((each) => (each.where === 'inside' ? each.path : []));
    terminal.say(
      `wrote ${target}: revision ${manifest.revision.slice(0, 12)}, without ${left.join(', ') || 'nothing: no list stays inside'}`,
    );
    return 0;
  },
};

/** Says what was signed, by whom, and what is next. Returns the exit code. */
export function tellSigning(signing: ReturnType<typeof signFolder>, folder: string, terminal: Terminal): number {
  if (!signing.ok) {
    for (const problem of signing.problems) terminal.complain(problem);
    return 2;
  }
  const { manifest, names, isNew } = signing;
  const inside = manifest.entries.filter((each) => each.where === 'inside').length;
  terminal.say(`${isNew ? 'signed' : 'signature added'}: revision ${manifest.revision}`);
  terminal.say(`  author    ${manifest.author}, ${new Date(manifest.time).toISOString()}`);
  terminal.say(`  follows   ${manifest.previous?.slice(0, 12) ?? 'none'}`);
  terminal.say(`  files     ${manifest.entries.length}, of which ${inside} stay inside`);
  terminal.say(`  signed by ${names.join(', ')}`);
  terminal.say(
    `next: where two signatures are required, the approver: sallyport policy sign ${folder} --key THEIR-KEY`,
  );
  terminal.say(`      then: sallyport policy activate ${folder} --settings gateway.yaml`);
  return 0;
}
