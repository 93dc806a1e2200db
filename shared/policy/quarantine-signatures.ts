// The second operator's signature under what is done with a held packet: Ed25519 (RFC 8032), over the deed and the id.
import { type KeyObject, sign, verify } from 'node:crypto';
import { type Operators, publicKeyOf, type Role } from './operators.ts';
import type { Signature } from './revision-signatures.ts';

export type HeldDeed = (typeof heldDeeds)[number];
export const heldDeeds = ['show', 'release', 'refuse'] as const;

/** The deeds that a second operator signs, where the policy asks for it. */
export const signedDeeds = ['show', 'release'] as const satisfies readonly HeldDeed[];

/** An id is used once, so that a signature is good for one packet, as long as that is held. */
export function signDeed(deed: HeldDeed, id: string, name: string, key: KeyObject): Signature {
  return { name, bytes: sign(null, words(deed, id), key) };
}

export type DeedJudged =
  | { readonly allowed: true; readonly second?: string }
  | { readonly allowed: false; readonly why: string };

/**
 * Whether `as` may do this, and who else has signed it. Without operators.yaml, or where it asks for no second operator,
 * whoever reaches the control socket may. Else `as` must have the role for it, and what is signed needs the signature of
 * another operator with that role and a key of his own.
 */
export function judgeDeed(
  deed: HeldDeed,
  id: string,
  as: string,
  signatures: readonly Signature[],
  operators: Operators | undefined,
): DeedJudged {
  if (operators?.quarantine.secondOperator !== true) return { allowed: true };
  const role: Role = deed === 'show' ? 'quarantine-show' : 'quarantine-release';
  const able = operators.operators.filter((each) => each.roles.includes(role));
  if (!able.some(({ name }) => name === as)) {
    return { allowed: false, why: `${as} is no operator with the role ${role}; see operators.yaml` };
  }
  if (deed === 'refuse') return { allowed: true };
  for (const { name, bytes } of signatures) {
    const second = name === as ? undefined : able.find((each) => each.name === name);
    const key = second === undefined ? undefined : publicKeyOf(second.key);
    if (key !== undefined && verify(null, words(deed, id), key, bytes)) return { allowed: true, second: name };
  }
  const which = signatures.length === 0 ? 'is missing' : 'is not good for this';
  const why = `the signature of a second operator with the role ${role} ${which}; they write: sallyport quarantine sign ${id} --action ${deed} --as NAME --key FILE`;
  return { allowed: false, why };
}

// The words in front keep a signature of anything else from being one of these.
function words(deed: HeldDeed, id: string): Buffer {
  return Buffer.from(`sallyport quarantine\n${deed}\n${id}\n`, 'utf8');
}
