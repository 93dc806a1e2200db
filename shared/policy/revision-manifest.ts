// The manifest of a signed revision: every file with its digest, who signed it and when, as one text that has one form.
import { createHmac, hash } from 'node:crypto';
import { isPolicyFile } from './policy-files.ts';

export type ManifestEntry = {
  readonly path: string;
  /** `inside`: the proxy's copy lacks this file. */
  readonly where: 'both' | 'inside';
  /** SHA-256 of the bytes, in hex; of an inside-only file HMAC-SHA-256 under the salt, so that nobody can try words. */
  readonly digest: string;
};

export type Manifest = {
  /** SHA-256 over the lines of the entries, in hex: the name of the revision. The same files have the same name. */
  readonly revision: string;
  readonly author: string;
  /** When it was signed, Unix time in ms. A later one replaces an earlier one, never the other way round. */
  readonly time: number;
  /** The revision that its author started from. */
  readonly previous: string | undefined;
  /** Sorted by path. */
  readonly entries: readonly ManifestEntry[];
};

export const operatorName = /^[a-z0-9][a-z0-9.-]{0,62}$/;
export const filesAtMost = 4_096;
const first = 'sallyport policy revision, format 1';
const charactersAtMost = 1_048_576;
const hex = '[0-9a-f]{64}';
const entryLine = new RegExp(`^(both|inside) (${hex}) ([a-z0-9][A-Za-z0-9._/-]{0,199})$`);

/** The digest of one file; `salt` is needed for what stays inside. */
export function digestOf(where: ManifestEntry['where'], bytes: Buffer, salt: string): string {
  return where === 'both' ? hash('sha256', bytes) : createHmac('sha256', salt).update(bytes).digest('hex');
}

/** A manifest over these entries, in their canonical order, with the name that follows from them. */
export function manifestOf(
  entries: readonly ManifestEntry[],
  said: Pick<Manifest, 'author' | 'time' | 'previous'>,
): Manifest {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { ...said, entries: sorted, revision: hash('sha256', sorted.map(printEntry).join('')) };
}

export function printManifest({ author, time, previous, entries }: Manifest): string {
  const head = `${first}\nauthor ${author}\ntime ${new Date(time).toISOString()}\nprevious ${previous ?? 'none'}\n`;
  return `${head}${entries.map(printEntry).join('')}`;
}

/**
 * Reads a manifest, or undefined: whatever is not written exactly as printManifest writes it is none, so that one
 * manifest has one text and nothing can hide in it. A path must be that of a policy file: nothing leads out of the folder.
 */
export function readManifest(text: string): Manifest | undefined {
  if (text.length > charactersAtMost) return undefined;
  const [intro, author, time, previous, ...lines] = text.split('\n');
  const said = {
    author: /^author (.+)$/.exec(author ?? '')?.[1] ?? '',
    time: Date.parse(/^time (.+)$/.exec(time ?? '')?.[1] ?? ''),
    previous: new RegExp(`^previous (${hex})$`).exec(previous ?? '')?.[1],
  };
  if (intro !== first || !operatorName.test(said.author) || !(said.time > 0)) return undefined;
  if (lines.length > filesAtMost + 1) return undefined;
  const entries: ManifestEntry[] = [];
  for (const line of lines.slice(0, -1)) {
    const [, where, digest = '', path = ''] = entryLine.exec(line) ?? [];
    if ((where !== 'both' && where !== 'inside') || !isPolicyFile(path)) return undefined;
    entries.push({ where, digest, path });
  }
  const manifest = manifestOf(entries, said);
  const isTwice = manifest.entries.some(({ path }, index) => path === manifest.entries[index - 1]?.path);
  return !isTwice && printManifest(manifest) === text ? manifest : undefined;
}

function printEntry({ where, digest, path }: ManifestEntry): string {
  return `${where} ${digest} ${path}\n`;
}
