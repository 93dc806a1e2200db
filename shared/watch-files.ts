// Tells that the content of one of a few files has changed: certificates, keys and revocation lists are renewed so (I9).
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const lookEveryMs = 3_000;

/**
 * Calls `onChange` when the content of any of the files has changed and all of them have then rested for one more look,
 * so that a certificate and its key, replaced one after the other, are told of together. It looks every 3 s (`everyMs`):
 * notification by the system misses files that are replaced by renaming. While a file is missing nothing is told.
 * Returns what ends it. The timer keeps no process alive.
 */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  options: { readonly everyMs?: number } = {},
): () => void {
  let told = stampOf(files);
  let seen = told;
  let digest = digestOf(files);
  const timer = setInterval(() => {
    const stamp = stampOf(files);
    const rests = stamp === seen;
    seen = stamp;
    if (stamp === undefined || !rests || stamp === told) return;
    const fresh = digestOf(files);
    if (fresh === undefined) return;
    told = stamp;
    if (fresh === digest) return;
    digest = fresh;
    onChange();
  }, options.everyMs ?? lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** When and what each file is; undefined while one is missing. */
function stampOf(files: readonly string[]): string | undefined {
  const stats = files.map(statOf);
  return stats.includes(undefined)
    ? undefined
    : stats.map((stat) => `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`).join(',');
}

function digestOf(files: readonly string[]): string | undefined {
  const hash = createHash('sha256');
  try {
    for (const file of files) {
      const text = readFileSync(file);
      hash.update(`${text.length} `).update(text);
    }
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

function statOf(file: string): ReturnType<typeof statSync> {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
