// operators.yaml: who may sign what, with which Ed25519 key (RFC 8032), and how many must.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { checkYaml } from '../checked-yaml.ts';
import { operatorName } from './revision-manifest.ts';

export type Role = (typeof roles)[number];
export type Operator = { readonly name: string; readonly key: string; readonly roles: readonly Role[] };
export type Operators = {
  readonly operators: readonly Operator[];
  readonly signatures: { readonly required: 1 | 2 };
  /** Whether showing and releasing what is held needs the signature of a second operator. */
  readonly quarantine: { readonly secondOperator: boolean };
};

export const roles = ['author', 'approver', 'quarantine-show', 'quarantine-release'] as const;
const quarantineRoles = ['quarantine-show', 'quarantine-release'] as const satisfies readonly Role[];
// SPKI of Ed25519 (RFC 8410) is these bytes and the key.
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

export const operatorsFile = z
  .strictObject({
    operators: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(operatorName, { error: 'write a short name in lower case, such as a.smith' })
            .describe('who it is; the name in signatures and in the audit'),
          key: z
            .string()
            .refine((text) => publicKeyOf(text) !== undefined, {
              error: 'write the line that sallyport policy key has printed: ed25519: and 44 characters',
            })
            .describe('the public key: ed25519:… as sallyport policy key prints it'),
          roles: z
            .array(z.enum(roles))
            .min(1)
            .describe('author signs first, approver second; quarantine-show and quarantine-release for held packets'),
        }),
      )
      .min(1)
      .max(100)
      .describe('the people who may sign'),
    signatures: z
      .strictObject({
        required: z
          .union([z.literal(1), z.literal(2)])
          .describe('1: the author alone; 2: the author, and an approver who is somebody else'),
      })
      .prefault({ required: 1 })
      .describe('how many must sign a revision'),
    quarantine: z
      .strictObject({
        secondOperator: z
          .boolean()
          .describe('true: showing and releasing a held packet need the signature of a second operator'),
      })
      .prefault({ secondOperator: false })
      .describe('who may look into the quarantine, and let something out of it'),
  })
  .superRefine((file, context) => {
    for (const key of ['name', 'key'] as const) {
      const all = file.operators.map((each) => each[key]);
      all.forEach((value, index) => {
        if (all.indexOf(value) === index) return;
        const message = `${key === 'name' ? value : 'this key'} stands here twice; write one entry for each person, with a key of their own`;
        context.addIssue({ code: 'custom', path: ['operators', index, key], message });
      });
    }
    const trouble = signersTrouble(file);
    if (trouble !== undefined) context.addIssue({ code: 'custom', path: ['operators'], message: trouble });
    for (const role of file.quarantine.secondOperator ? quarantineRoles : []) {
      if (file.operators.filter((each) => each.roles.includes(role)).length >= 2) continue;
      const message = `two operators must have the role ${role}, since one of them needs the signature of the other; write it for them`;
      context.addIssue({ code: 'custom', path: ['quarantine', 'secondOperator'], message });
    }
  });

export type OperatorsRead =
  | { readonly ok: true; readonly operators: Operators }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads operators.yaml; problems are one line each. `name` is what the file is called in them. */
export function readOperators(name: string, text: string): OperatorsRead {
  const checked = checkYaml(name, text, operatorsFile);
  return checked.ok ? { ok: true, operators: checked.value } : checked;
}

/** The public key of an entry, or undefined where it is none. */
export function publicKeyOf(text: string): KeyObject | undefined {
  const raw = /^ed25519:([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  if (raw === undefined) return undefined;
  const bytes = Buffer.from(raw, 'base64');
  if (bytes.toString('base64') !== raw) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([spkiHead, bytes]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** A public key as operators.yaml writes it. */
export function printPublicKey(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' });
  return `ed25519:${spki.subarray(spkiHead.length).toString('base64')}`;
}

/** Why nobody could ever sign a revision under these operators, or undefined: nobody locks everybody out. */
export function signersTrouble(
  { operators, signatures }: Operators,
  required = signatures.required,
): string | undefined {
  const authors = operators.filter((each) => each.roles.includes('author'));
  if (authors.length === 0) return 'nobody has the role author; write it for whoever signs first';
  if (required === 1) return undefined;
  const pair = authors.some((author) =>
    operators.some((each) => each.name !== author.name && each.roles.includes('approver')),
  );
  return pair ? undefined : 'two signatures are required, and there is no approver besides the author; write one';
}
