// The secret behind our dialback keys: read from a file that all nodes share, or made for this process alone (D3).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';

/** 256 bits, as hex digits are the most common way to write them. */
const charactersAtLeast = 64;

/**
 * Reads the file, white space at its ends aside. Throws with a sentence when it cannot be used: a process does not start
 * without it. With no file the secret is random, and dies with the process.
 */
export function openDialbackSecret(file: string | undefined): string {
  if (file === undefined) return randomBytes(32).toString('hex');
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(fileTrouble(file, error));
  }
  if (secret.length < charactersAtLeast || new Set(secret).size < 8) {
    throw new Error(
      `${file}: the secret is too short or too plain; write 64 hex digits, as openssl rand -hex 32 gives`,
    );
  }
  return secret;
}
