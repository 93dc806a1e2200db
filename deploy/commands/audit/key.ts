// `sallyport audit key`: makes the key pair with which a node signs where its audit stands.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { type Command, WrongQuestion } from '../command.ts';

export const auditKey: Command = {
  name: 'audit key',
  summary: 'makes NAME.key, which stays with the node, and NAME.pub, which checks its audit',
  help: ['  Name NAME.key as audit.keyFile in the settings, and keep NAME.pub where the node cannot reach it.'],
  options: {},
  words: ['NAME'],
  run: async ([name = ''], _options, terminal) => {
    for (const file of writeAuditKey(name)) terminal.say(`wrote ${file}`);
    return 0;
  },
};

/** Writes NAME.key, readable by its owner alone, and NAME.pub. Throws WrongQuestion where one of them is there. */
export function writeAuditKey(name: string): readonly [string, string] {
  const [secret, open] = [`${name}.key`, `${name}.pub`] as const;
  for (const file of [secret, open])
    if (existsSync(file)) throw new WrongQuestion(`${file} is there already; write another name`);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }), { flag: 'wx' });
  return [secret, open];
}
