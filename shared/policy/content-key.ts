// The key of lists of hashes: a file of the process, never of the policy, so that a list alone tells nobody anything.
import { readFileSync } from 'node:fs';
import { fileTrouble } from '../file-trouble.ts';
import type { LoadTerms } from './load-policy.ts';

/** What a process loads its policies with. Throws, with a sentence, where the key cannot be read or is too short. */
export function contentTerms({ contentKeyFile }: { readonly contentKeyFile?: string | undefined }): LoadTerms {
  if (contentKeyFile === undefined) return {};
  const contentKey = readKey(contentKeyFile);
  if (contentKey.length < 32)
    throw new Error(`${contentKeyFile}: shorter than 32 bytes; write 32 random bytes into it`);
  return { contentKey };
}

function readKey(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(fileTrouble(file, error));
  }
}
