// The key of an operator: `sallyport policy key` makes it, signing reads it.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { printPublicKey } from '@sallyport/shared/policy/operators.ts';
import { operatorName } from '@sallyport/shared/policy/revision-manifest.ts';
import { type Command, WrongQuestion } from '../command.ts';

export const policyKey: Command = {
  name: 'policy key',
  summary: 'makes FILE, with which one operator signs, and prints the entry for operators.yaml',
  help: [
    '  --as NAME      the name of the operator, such as a.smith; the word OPERATOR stands there without it',
    '  The key belongs to one person: keep it on a stick or a card of theirs, never on the gateway or the proxy.',
  ],
  options: { as: { type: 'string' } },
  words: ['FILE'],
  run: async ([file = ''], { as }, terminal) => {
    const name = typeof as === 'string' ? as : 'OPERATOR';
    if (name !== 'OPERATOR' && !operatorName.test(name)) {
      throw new WrongQuestion(`--as ${name}: write a short name in lower case, such as a.smith`);
    }
    const key = makeOperatorKey(file);
    terminal.say(`wrote ${file}; the entry for operators.yaml:`);
    terminal.say('');
    terminal.say(`  - name: ${name}`);
    terminal.say(`    key: ${key}`);
    terminal.say('    roles: [author]        # or [approver], or both');
    return 0;
  },
};

/** Writes a private key for its owner alone, and returns the public one as operators.yaml has it. */
export function makeOperatorKey(file: string): string {
  if (existsSync(file)) throw new WrongQuestion(`${file} is there already; write another name`);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  return printPublicKey(publicKey);
}

/** The private key, and the public one as operators.yaml has it. Throws WrongQuestion with a sentence. */
export function openOperatorKey(file: string): { readonly key: KeyObject; readonly open: string } {
  let pem: Buffer;
  try {
    pem = readFileSync(file);
  } catch (error) {
    throw new WrongQuestion(fileTrouble(file, error));
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new WrongQuestion(`${file}: others on this machine may read the key; write chmod 600 ${file}`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new WrongQuestion(`${file}: no private key that can be read; make one with sallyport policy key`);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new WrongQuestion(`${file}: not an Ed25519 key; make one with sallyport policy key`);
  }
  return { key, open: printPublicKey(createPublicKey(key)) };
}
