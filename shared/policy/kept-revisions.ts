// The revisions that this process has taken, on its disk: the last few, and which one is in force, switched by a rename.
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Operators, readOperators } from './operators.ts';
import { manifestName, readRevisionFolder, syncFolder, writeDurably, writeRevisionFolder } from './revision-folder.ts';
import { type Manifest, readManifest } from './revision-manifest.ts';
import type { SignedRevision } from './signed-revision.ts';

export type Kept = {
  readonly signed: SignedRevision;
  /** The operators that judged it. */
  readonly judgedBy: Operators;
  /** SHA-256 of the settings' operators file at that time, in hex. */
  readonly root: string;
};

export type KeptLine = Pick<Manifest, 'revision' | 'author' | 'time'> & { readonly active: boolean };

export type KeptRevisions = {
  /** The one in force when the process last ran; undefined: there never was one. */
  readonly active: () =>
    | { readonly ok: true; readonly kept: Kept | undefined }
    /** It is broken; `time` is when it was signed, since nothing older may follow it all the same. */
    | { readonly ok: false; readonly problem: string; readonly time: number };
  /** Writes it beside the others, then makes it the active one: a crash leaves either the old one or the new one. */
  readonly activate: (kept: Kept, manifest: Manifest) => void;
  /** The newest first. */
  readonly list: () => readonly KeptLine[];
};

const pointer = 'active';
const unfinished = '.new-';
const judges = 'judged-by.json';
const keptName = /^\d{15}-[0-9a-f]{16}$/;

/** Opens the folder, which is made where it is not there; what a crash left half written is removed. Throws with a sentence. */
export function openKeptRevisions(folder: string, keep: number): KeptRevisions {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    for (const name of readdirSync(folder)) {
      if (name.startsWith(unfinished)) rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown trouble';
    throw new Error(
      `${folder}: revisions of the policy cannot be kept there (${code}); give the process's user the right to`,
    );
  }
  const names = () => keptNames(folder);
  const activeName = () => {
    const file = path.join(folder, pointer);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  };

  return {
    active() {
      const name = activeName();
      if (name === undefined) {
        const [newest] = names();
        if (newest === undefined) return { ok: true, kept: undefined };
        // A crash before the very first switch, or somebody's hand: what may follow is known all the same.
        return { ok: false, problem: `${path.join(folder, pointer)}: it is not there`, time: timeOf(newest) };
      }
      const kept = keptName.test(name) ? readKept(path.join(folder, name)) : undefined;
      if (kept !== undefined) return { ok: true, kept };
      const problem = `${path.join(folder, pointer)}: the revision that it names is broken or gone`;
      return { ok: false, problem, time: timeOf(name) };
    },
    activate(kept, manifest) {
      const name = keptNameOf(manifest);
      const place = path.join(folder, name);
      const draft = path.join(folder, `${unfinished}${name}`);
      rmSync(draft, { recursive: true, force: true });
      const judged = JSON.stringify({ root: kept.root, operators: kept.judgedBy });
      writeRevisionFolder(draft, kept.signed, new Map([[judges, judged]]));
      // What stands there under this name is of a crash before the pointer was moved, or broken.
      rmSync(place, { recursive: true, force: true });
      renameSync(draft, place);
      syncFolder(folder);
      const next = path.join(folder, `${unfinished}${pointer}`);
      rmSync(next, { force: true });
      writeDurably(next, `${name}\n`, 0o640);
      renameSync(next, path.join(folder, pointer));
      syncFolder(folder);
      for (const old of names()
        .filter((each) => each !== name)
        .slice(Math.max(0, keep - 1))) {
        rmSync(path.join(folder, old), { recursive: true, force: true });
      }
    },
    list() {
      const active = activeName();
      return names().flatMap((name) => {
        const manifest = manifestIn(path.join(folder, name));
        return manifest === undefined ? [] : [{ ...pick(manifest), active: name === active }];
      });
    },
  };
}

/** The newest revision of this name, of which the first 8 digits or more are enough, in a folder of kept ones. */
export function findKept(folder: string, revision: string): SignedRevision | undefined {
  if (!/^[0-9a-f]{8,64}$/.test(revision)) return undefined;
  const found = keptNames(folder).find(
    (name) => manifestIn(path.join(folder, name))?.revision.startsWith(revision) === true,
  );
  return found === undefined ? undefined : readKept(path.join(folder, found))?.signed;
}

/** The name of an operators file's bytes: another one in the settings begins the trust anew. */
export function rootOf(text: string): string {
  return hash('sha256', text);
}

// The newest first.
function keptNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => keptName.test(name))
    .sort()
    .reverse();
}

// By time first, so that sorting by name sorts by age.
function keptNameOf({ time, revision }: Manifest): string {
  return `${String(time).padStart(15, '0')}-${revision.slice(0, 16)}`;
}

function timeOf(name: string): number {
  return Number(/^\d{15}/.exec(name)?.[0] ?? 0);
}

function pick({ revision, author, time }: Manifest) {
  return { revision, author, time };
}

function manifestIn(folder: string): Manifest | undefined {
  try {
    return readManifest(readFileSync(path.join(folder, manifestName), 'utf8'));
  } catch {
    return undefined;
  }
}

function readKept(folder: string): Kept | undefined {
  const { signed } = readRevisionFolder(folder);
  if (signed === undefined) return undefined;
  try {
    const said: unknown = JSON.parse(readFileSync(path.join(folder, judges), 'utf8'));
    if (typeof said !== 'object' || said === null || !('root' in said) || !('operators' in said)) return undefined;
    // JSON is YAML: the same strict reading as that of the file it was.
    const judgedBy = readOperators(judges, JSON.stringify(said.operators));
    return judgedBy.ok && typeof said.root === 'string'
      ? { signed, judgedBy: judgedBy.operators, root: said.root }
      : undefined;
  } catch {
    return undefined;
  }
}
