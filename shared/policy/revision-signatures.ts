// The signatures under a manifest: Ed25519 (RFC 8032), one line each, and whether they are enough.
import { type KeyObject, sign, verify } from 'node:crypto';
import { type Operators, publicKeyOf } from './operators.ts';
import { type Manifest, operatorName } from './revision-manifest.ts';

export type Signature = { readonly name: string; readonly bytes: Buffer };

const signaturesAtMost = 16;
const line = /^(\S{1,63}) ([A-Za-z0-9+/]{86}==)$/;

export function signManifest(text: string, name: string, key: KeyObject): Signature {
  return { name, bytes: sign(null, signed(text), key) };
}

export function printSignatures(signatures: readonly Signature[]): string {
  return signatures.map(({ name, bytes }) => `${name} ${bytes.toString('base64')}\n`).join('');
}

/** `NAME BASE64` a line, 16 at most; undefined where anything else stands there. */
export function readSignatures(text: string): readonly Signature[] | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length > signaturesAtMost) return undefined;
  const read: Signature[] = [];
  for (const each of lines) {
    const [, name = '', bytes = ''] = line.exec(each) ?? [];
    if (!operatorName.test(name)) return undefined;
    read.push({ name, bytes: Buffer.from(bytes, 'base64') });
  }
  return read;
}

export type Counted = {
  /** The operators whose signatures are good, whatever they may sign. */
  readonly good: ReadonlySet<string>;
  readonly problems: readonly string[];
};

/**
 * Whose signatures are good, and why they are not enough under these operators, one line each; none: they are enough. The author's counts where he
 * has that role, the approver's where it is another operator with another key; whoever signs twice counts once.
 * `required` is the least that the settings ask for, whatever operators.yaml says.
 */
export function countSignatures(
  manifest: Manifest,
  text: string,
  signatures: readonly Signature[],
  trust: Operators,
  required: number,
): Counted {
  const problems: string[] = [];
  const good = new Set<string>();
  for (const { name, bytes } of signatures) {
    const operator = trust.operators.find((each) => each.name === name);
    const key = operator === undefined ? undefined : publicKeyOf(operator.key);
    if (key === undefined) problems.push(`${name} is no operator; whoever signs must be in operators.yaml`);
    else if (!verify(null, signed(text), key, bytes)) {
      problems.push(`the signature of ${name} does not fit; the manifest was changed, or another key has signed`);
    } else good.add(name);
  }
  const has = (name: string, role: 'author' | 'approver') =>
    good.has(name) && trust.operators.some((each) => each.name === name && each.roles.includes(role));
  const needed = Math.max(required, trust.signatures.required);
  const isAuthored = has(manifest.author, 'author');
  const isApproved = [...good].some((name) => name !== manifest.author && has(name, 'approver'));
  if (isAuthored && (needed < 2 || isApproved)) return { good, problems: [] };
  if (!isAuthored)
    problems.push(`there is no good signature of its author, ${manifest.author}, as an operator with the role author`);
  if (needed >= 2 && !isApproved) problems.push('a second signature is required, by an approver who is not the author');
  return { good, problems };
}

// The words in front keep a signature of anything else from being one of these.
function signed(text: string): Buffer {
  return Buffer.from(`sallyport policy\n${text}`, 'utf8');
}
