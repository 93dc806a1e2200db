// A SQLite file of ours whose texts are sealed: opened by one process, under the key that it was made with, or not at all.
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { createSeal, type Seal } from './seal.ts';

export type SealedFile = {
  /** What it is called in sentences to operators, and bound to its proof: a file of one kind is not taken for another. */
  readonly name: 'store' | 'quarantine';
  readonly file: string;
  readonly key: Uint8Array;
  readonly atMostBytes: number;
  /** The tables besides `schema` and `openings`, which are made here. */
  readonly schema: string;
  readonly version: number;
  /** What becomes of what is in a file that is moved away. */
  readonly loss: string;
};

export const pageBytes = 4096;
const proofs = { store: 'proof', quarantine: 'quarantine proof' } as const;

/** Opens the file, made where it is not there, or says in one line why not and what to do. */
export function openSealedDatabase(sealed: SealedFile): DatabaseSync | string {
  const { file, key, atMostBytes } = sealed;
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(file, { timeout: 1_000 });
    db.exec(`
      PRAGMA page_size = ${pageBytes}; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      PRAGMA max_page_count = ${Math.max(16, Math.floor(atMostBytes / pageBytes))};`);
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema'").get() === undefined) create(db, sealed);
  } catch (error) {
    return cannotOpen(sealed, error);
  }
  const line = refuseForeign(db, sealed, key);
  if (line === undefined) return db;
  db.close();
  return line;
}

function create(db: DatabaseSync, { name, key, schema, version }: SealedFile): void {
  const salt = randomBytes(32);
  inTransaction(db, () => {
    db.exec(`
      CREATE TABLE schema (version INTEGER NOT NULL, proof BLOB NOT NULL, opening INTEGER NOT NULL);
      CREATE TABLE openings (number INTEGER PRIMARY KEY, salt BLOB NOT NULL);
      ${schema}`);
    db.prepare('INSERT INTO openings (number, salt) VALUES (0, ?)').run(salt);
    db.prepare('INSERT INTO schema (version, proof, opening) VALUES (?, ?, 0)').run(
      version,
      createSeal(key, salt).close('sallyport', proofs[name]),
    );
  });
}

// A file of a newer version, and a file that was sealed under another key.
function refuseForeign(db: DatabaseSync, sealed: SealedFile, key: Uint8Array): string | undefined {
  const { name, file, loss } = sealed;
  try {
    const row = db
      .prepare('SELECT version, proof, salt FROM schema JOIN openings ON openings.number = schema.opening')
      .get();
    // First whose file it is: the quarantine is not told of the versions of the store.
    if (createSeal(key, bytesOf(row?.salt)).open(bytesOf(row?.proof), proofs[name]) === undefined) {
      return `the key does not open the ${name} ${file}: put back the key file that it was made with, or move the ${name} away (${loss})`;
    }
    const version = Number(row?.version);
    if (version !== sealed.version) {
      return `the ${name} ${file} has version ${version}, this program writes version ${sealed.version}: run the version that made the file, or move the file away (${loss})`;
    }
    return undefined;
  } catch (error) {
    return cannotOpen(sealed, error);
  }
}

function cannotOpen({ name, file }: SealedFile, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const mend = /locked/.test(why)
    ? `another process has it open: end that one first, each gateway needs a ${name} of its own`
    : `its folder must exist and be writable by this process, and the file must be a ${name} of ours`;
  return `the ${name} ${file} cannot be opened (${why}): ${mend}`;
}

/** The seals of a file: `current`, with its number, closes; `of` gives the one that something was closed with. */
export type Seals = { readonly number: number; readonly current: Seal; readonly of: (opening: number) => Seal };

/** Each opening of the file has its salt; those that `needed`, a query for numbers, does not tell are deleted here. */
export function openSeals(db: DatabaseSync, key: Uint8Array, needed: string): Seals {
  const salt = randomBytes(32);
  const number = inTransaction(db, () => {
    db.exec(`DELETE FROM openings WHERE number <> (SELECT opening FROM schema)
             AND number NOT IN (${needed})`);
    return Number(db.prepare('INSERT INTO openings (salt) VALUES (?)').run(salt).lastInsertRowid);
  });
  const current = createSeal(key, salt);
  const seals = new Map<number, Seal>([[number, current]]);
  for (const row of db.prepare('SELECT number, salt FROM openings WHERE number <> ?').all(number)) {
    seals.set(Number(row.number), createSeal(key, bytesOf(row.salt)));
  }
  return { number, current, of: (opening: number) => seals.get(opening) ?? current };
}

export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
