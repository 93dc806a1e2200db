// The key of lists of hashes: a file of the process, never of the policy, so that a list alone tells nobody anything.
import { readFileSync } from 'node:fs';
import { fileTrouble } from '../file-trouble.ts';
import type { LoadTerms } from './load-policy.ts';

/** The terms of now, and why they are not those of the file; it is read at each asking. */
export type TermsNow = { readonly terms: LoadTerms; readonly problem?: string };

/** Reads the key now, and anew at each asking; where it cannot be read any more, the last good one goes on. Throws like `contentTerms`. */
export function readingTerms(world: { readonly contentKeyFile?: string | undefined }): () => TermsNow {
  let terms = contentTerms(world);
  return () => {
    try {
      terms = contentTerms(world);
      return { terms };
    } catch (error) {
      const why = error instanceof Error ? error.message : 'the key of hash lists cannot be read';
      return { terms, problem: `${why}; the last good key stays` };
    }
  };
}

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
