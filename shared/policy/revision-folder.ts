// A signed revision as a folder: read as hostile (no links, bounded, nothing unknown), and written whole.
import {
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileTrouble } from '../file-trouble.ts';
import { shownText } from '../finding.ts';
import { isBesideRevision, isPolicyFile } from './policy-files.ts';
import { filesAtMost } from './revision-manifest.ts';
import type { SignedRevision } from './signed-revision.ts';

export const manifestName = 'revision.manifest';
export const signaturesName = 'revision.signatures';
export const saltName = 'revision.salt';

export type FolderRead = {
  /** Undefined where the folder cannot be read at all. Without a manifest that text is empty. */
  readonly signed: SignedRevision | undefined;
  /** Revocation lists by their path: of the folder, and of no revision. */
  readonly revocation: ReadonlyMap<string, Buffer>;
  readonly problems: readonly string[];
};

const bytesAtMost = 67_108_864;
const problemsAtMost = 100;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY } = constants;

/**
 * Reads what lies in the folder, 64 MiB and 4,096 files at most. The folder itself may be a link, which is how it is
 * switched; anything else that is no plain file is a problem, and so is a name that no policy has.
 */
export function readRevisionFolder(folder: string): FolderRead {
  const problems: string[] = [];
  const files = new Map<string, Buffer>();
  const revocation = new Map<string, Buffer>();
  const beside = new Map<string, string>();
  let left = bytesAtMost;
  // A name may hold whatever a terminal obeys.
  const tell = (name: string, problem: string) => {
    if (problems.length < problemsAtMost) problems.push(`${shownText(name, 200)}: ${problem}`);
  };
  const take = (base: string, name: string) => {
    const isOwn = name === manifestName || name === signaturesName || name === saltName;
    if (!isOwn && isBesideRevision(name) && !name.endsWith('.crl')) return;
    if (!isOwn && !isPolicyFile(name) && !isBesideRevision(name)) {
      tell(name, 'not a file that a policy knows; remove it, or correct its name');
      return;
    }
    if (files.size + revocation.size >= filesAtMost) {
      if (left > 0) problems.push(`there are more than ${filesAtMost} files; make them fewer`);
      left = 0;
    }
    if (left <= 0) return;
    const bytes = readPlain(path.join(base, name), left);
    if (typeof bytes === 'string') {
      problems.push(bytes.replace(path.join(base, name), name));
      if (bytes.endsWith(tooLarge)) left = 0;
      return;
    }
    left -= bytes.length;
    if (isOwn) beside.set(name, bytes.toString('utf8'));
    else (name.endsWith('.crl') ? revocation : files).set(name, bytes);
  };
  let base: string;
  try {
    // Switched while it is read, it is read to its end where it began.
    base = realpathSync(folder);
    for (const entry of readdirSync(base, { withFileTypes: true })) {
      if (!entry.isDirectory()) take(base, entry.name);
      else for (const inner of innerFiles(base, entry)) take(base, inner);
    }
  } catch (error) {
    return { signed: undefined, revocation, problems: [fileTrouble(folder, error).replace('file;', 'folder;')] };
  }
  const signed = {
    files,
    manifest: beside.get(manifestName) ?? '',
    signatures: beside.get(signaturesName) ?? '',
    salt: (beside.get(saltName) ?? '').trim(),
  };
  return { signed, revocation, problems };
}

/** Writes a revision into a folder that is not there yet, each file forced to disk; the salt for its owner alone. */
export function writeRevisionFolder(
  folder: string,
  signed: SignedRevision,
  more: ReadonlyMap<string, string> = new Map(),
) {
  mkdirSync(folder, { mode: 0o750 });
  for (const [name, bytes] of signed.files) {
    const place = path.join(folder, name);
    if (!existsSync(path.dirname(place))) mkdirSync(path.dirname(place), { mode: 0o750 });
    writeDurably(place, bytes, 0o640);
  }
  if (signed.salt !== '') writeDurably(path.join(folder, saltName), `${signed.salt}\n`, 0o600);
  writeDurably(path.join(folder, signaturesName), signed.signatures, 0o640);
  writeDurably(path.join(folder, manifestName), signed.manifest, 0o640);
  for (const [name, text] of more) writeDurably(path.join(folder, name), text, 0o640);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolder(path.join(folder, entry.name));
  }
  syncFolder(folder);
}

/** Writes a new file and forces it to disk. */
export function writeDurably(file: string, bytes: string | Buffer, mode: number): void {
  const handle = openSync(file, O_WRONLY | O_CREAT | O_EXCL, mode);
  try {
    writeFileSync(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Forces the names in a folder to disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const tooLarge = `more than ${bytesAtMost} bytes in all; make it smaller`;

// The bytes, or what is wrong. Neither a link, nor a pipe that never ends, nor a device is opened for long.
function readPlain(file: string, atMost: number): Buffer | string {
  let handle: number;
  try {
    handle = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const isLink = error instanceof Error && 'code' in error && error.code === 'ELOOP';
    return isLink ? `${file}: this is a link; put the file itself there` : fileTrouble(file, error);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return `${file}: this is no plain file; remove it`;
    return stat.size > atMost ? `${file}: ${tooLarge}` : readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

function innerFiles(base: string, { name }: Dirent): readonly string[] {
  return readdirSync(path.join(base, name)).map((inner) => `${name}/${inner}`);
}
