// The secret behind our dialback keys: read from a file that all nodes share, or made for this process alone (D3).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { secretTrouble } from '@sallyport/shared/secret-text.ts';

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
  const trouble = secretTrouble(secret);
  if (trouble !== undefined) throw new Error(`${file}: ${trouble}`);
  return secret;
}
