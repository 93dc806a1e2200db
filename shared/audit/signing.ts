// Signs where a chain of audit records stands, and checks such signatures: Ed25519 (RFC 8032).
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Sealed } from './chain.ts';

export type Signer = {
  /** The first 16 bytes of the SHA-256 of the public key (SPKI), in hex. */
  readonly key: string;
  /** The signature over a head, base64. */
  readonly sign: (node: string, head: Sealed) => string;
};

/** Opens the private key, PEM. Throws with a sentence where it is none, or of another kind. */
export function openSigner(file: string): Signer {
  const key = readKey(file, () => createPrivateKey(readFileSync(file)));
  return {
    key: fingerprint(createPublicKey(key)),
    sign: (node, head) => sign(null, words(node, head), key).toString('base64'),
  };
}

export type Checker = {
  readonly key: string;
  readonly holds: (node: string, head: Sealed, signature: string) => boolean;
};

/** Opens the public key, PEM (a private one says its public one). Throws with a sentence as openSigner does. */
export function openChecker(file: string): Checker {
  const key = readKey(file, () => createPublicKey(readFileSync(file)));
  return {
    key: fingerprint(key),
    holds: (node, head, signature) => verify(null, words(node, head), key, Buffer.from(signature, 'base64')),
  };
}

function readKey(file: string, read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${file}: not a key that can be read (${why}); make one with sallyport audit key`);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`${file}: not an Ed25519 key; make one with sallyport audit key`);
}

function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);
}

function words(node: string, { seq, hash }: Sealed): Buffer {
  return Buffer.from(`sallyport audit\n${node}\n${seq}\n${hash}\n`, 'utf8');
}
