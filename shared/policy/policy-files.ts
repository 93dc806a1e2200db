// The files of a policy folder: a closed list, read as bytes, and the revision that names them all together.
import { hash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileTrouble } from '../file-trouble.ts';

export type PolicyFiles = {
  /** Path relative to the folder → the bytes. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Word lists that this copy does not hold, by their path → the SHA-256 of their bytes, in hex. */
  readonly heldElsewhere: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
};

const bytesAtMost = 16_777_216;
const known = [
  /^partners\.yaml$/,
  /^content\.yaml$/,
  /^limits\.yaml$/,
  /^labels\.yaml$/,
  /^texts\.yaml$/,
  /^operators\.yaml$/,
  /^lists\/[a-z0-9][a-z0-9._-]*\.(txt|hashes)$/,
  /^trust\/[a-z0-9][a-z0-9._-]*\.pem$/,
  /^trust\/[a-z0-9][a-z0-9._-]*\.crl$/,
  /^examples\/[a-z0-9][a-z0-9._-]*\.yaml$/,
];
/** Revocation lists are renewed by machines, and signed by their CAs: no part of a revision. */
const renewed = /\.crl$/;
const standIn = /^(lists\/[a-z0-9][a-z0-9._-]*\.(?:txt|hashes))\.sha256$/;
// For people and their editors, not for the policy.
const beside =
  /^((?:examples\/)?(?:README\.md|\.gitignore)|[a-z]+\.schema\.json|revision\.(manifest|signatures|salt))$/;
/** Its messages prove the policy. They are signed with it, and no part of what an unsigned one is called by. */
const forProof = 'examples/';
const folders = ['lists', 'trust', 'examples'];
const temporary = /(~|^\..*\.sw[a-z]|^#.*#|^\.#.*)$/;

/** Whether a revision may hold a file of this name: none of them leads out of the folder. */
export function isPolicyFile(name: string): boolean {
  return known.some((pattern) => pattern.test(name)) && !renewed.test(name);
}

/** Whether this file holds messages that prove the policy. */
export function isExample(name: string): boolean {
  return name.startsWith(forProof);
}

/** Whether this is a file for people, what an editor left, or a revocation list: in the folder, and in no revision. */
export function isBesideRevision(name: string): boolean {
  const isRenewed = renewed.test(name) && known.some((pattern) => pattern.test(name));
  return isRenewed || beside.test(name) || temporary.test(path.basename(name));
}

/**
 * Reads every file of the policy. Unknown files are problems, so that a rule under a wrong name is not thought to be in
 * force; what editors leave while they work is ignored by its name. `lists/NAME.txt.sha256` stands for a list that
 * this copy does not hold, and carries its hash.
 */
export function readPolicyFiles(folder: string): PolicyFiles {
  const files = new Map<string, Buffer>();
  const heldElsewhere = new Map<string, string>();
  const problems: string[] = [];
  const take = (name: string) => {
    const file = path.join(folder, name);
    const listName = standIn.exec(name)?.[1];
    try {
      if (known.some((pattern) => pattern.test(name))) {
        const bytes = readFileSync(file);
        if (bytes.length > bytesAtMost) problems.push(`${file}: more than ${bytesAtMost} bytes; make it smaller`);
        else files.set(name, bytes);
      } else if (listName !== undefined) {
        const digest = /^([0-9a-f]{64})\b/.exec(readFileSync(file, 'utf8'))?.[1];
        if (digest === undefined) problems.push(`${file}:1: this is no SHA-256; write the output of sha256sum instead`);
        else heldElsewhere.set(listName, digest);
      } else if (!beside.test(name)) {
        problems.push(`${file}: not a file that a policy knows; remove it, or correct its name`);
      }
    } catch (error) {
      problems.push(fileTrouble(file, error));
    }
  };
  for (const entry of list(folder, problems)) {
    if (temporary.test(entry.name)) continue;
    if (!entry.isDirectory()) take(entry.name);
    else if (folders.includes(entry.name)) {
      for (const inner of list(path.join(folder, entry.name), problems)) {
        if (!temporary.test(inner.name)) take(`${entry.name}/${inner.name}`);
      }
    } else problems.push(`${path.join(folder, entry.name)}: not a folder that a policy knows; remove it`);
  }
  for (const [name, digest] of heldElsewhere) {
    const bytes = files.get(name);
    if (bytes === undefined) continue;
    heldElsewhere.delete(name);
    if (hash('sha256', bytes) !== digest) problems.push(`${path.join(folder, name)}.sha256: not the hash of ${name}`);
  }
  return { files, heldElsewhere, problems };
}

/** SHA-256 over the sorted list of (path, SHA-256 of the bytes) of all that decides, in hex: equal on all nodes that hold it. */
export function revisionOf({ files, heldElsewhere }: Pick<PolicyFiles, 'files' | 'heldElsewhere'>): string {
  const entries = [...heldElsewhere];
  for (const [name, bytes] of files) {
    if (!renewed.test(name) && !isExample(name)) entries.push([name, hash('sha256', bytes)]);
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', entries.map(([name, digest]) => `${digest}  ${name}\n`).join(''));
}

function list(folder: string, problems: string[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    problems.push(
      typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
        ? `${folder}: there is no such folder; write the path of the policy's folder instead`
        : fileTrouble(folder, error),
    );
    return [];
  }
}
