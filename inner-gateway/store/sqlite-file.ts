// The SQLite file of the outbox at work: one transaction a batch of writes, and what is unsettled known in memory.
// Runs in the worker thread.
import type { DatabaseSync } from 'node:sqlite';
import { keptAtOf } from './kept-as-line.ts';
import { type OtherEnd, type Plan, planWrites } from './plan-writes.ts';
import { bytesOf, inTransaction, openSealedDatabase, openSeals, pageBytes, type Seals } from './sealed-database.ts';
import { fieldsPerEnd, type Opening, type Row, type Writes, type Written } from './sqlite-messages.ts';

export type SqliteFile = {
  readonly write: (writes: Writes, now: number) => Written;
  /**
   * Seals anew what is left of batches some of whose packets ended 30 s ago or more, 64 batches at a time; says
   * whether there are more. Throws when it cannot be written.
   */
  readonly tidy: (now: number) => boolean;
  readonly unsettled: () => readonly Row[];
  readonly counts: () => Row;
  readonly lookUp: (id: string, now: number) => readonly Row[];
  /** Why texts of packets that had ended could not be erased at the opening; `tidy` tries again. */
  readonly untidy: string | undefined;
  /** What is left of batches is sealed anew first, so that no text of what has ended stays behind; else says why it does. */
  readonly close: () => string | undefined;
};

/** What one commit kept. `ids` and `keptAts` go together, and hold its ended packets until it is sealed anew. */
type Batch = {
  readonly number: number;
  ids: readonly string[];
  keptAts: readonly number[];
  left: number;
  /** When the first of its packets ended that still stands in the sealed text. */
  endedSince: number;
};

const schemaVersion = 2;
// What one commit kept stands in one row, sealed together, with the ids in clear text. `secure_delete` overwrites it
// when the row goes.
// INVARIANT: what is in a batch and not in `ends` is unsettled. An end is forgotten only when its id is in no batch.
const schema = `
  CREATE TABLE batches (number INTEGER PRIMARY KEY, opening INTEGER NOT NULL, ids TEXT NOT NULL, sealed BLOB NOT NULL);
  CREATE TABLE endings (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, ids TEXT NOT NULL, others TEXT);
  CREATE TABLE ends (id TEXT PRIMARY KEY, ending INTEGER NOT NULL) WITHOUT ROWID;
`;
const forgetAtOnce = 4;
const forgetEveryMs = 10_000;
const outliveMs = 30_000;
const tidyAtOnce = 64;

/** Opens the file, or says in one line why not and what to do. */
export function openSqliteFile({ file, key, atMostBytes, rememberEndsMs }: Opening): SqliteFile | string {
  const pages = Math.max(32, Math.floor(atMostBytes / pageBytes));
  // The last eighth is for ends, which make room.
  const pagesForKeeps = Math.floor((pages * 7) / 8);
  const db = openSealedDatabase({
    ...{ name: 'store', file, key, schema, version: schemaVersion, atMostBytes: pagesForKeeps * pageBytes },
    loss: 'what is undelivered in it stays undelivered',
  });
  if (typeof db === 'string') return db;
  const withAllPages = <T>(work: () => T): T => {
    db.exec(`PRAGMA max_page_count = ${pages}`);
    try {
      return work();
    } finally {
      db.exec(`PRAGMA max_page_count = ${pagesForKeeps}`);
    }
  };
  return serve(
    db,
    withAllPages(() => openSeals(db, key, 'SELECT opening FROM batches')),
    rememberEndsMs,
    withAllPages,
  );
}

function serve(
  db: DatabaseSync,
  seals: Seals,
  rememberEndsMs: number,
  withAllPages: <T>(work: () => T) => T,
): SqliteFile {
  const pastOf = db.prepare('SELECT ends.id FROM json_each(?) AS asked CROSS JOIN ends ON ends.id = asked.value');
  const insertBatch = db.prepare('INSERT INTO batches (opening, ids, sealed) VALUES (?, ?, ?)');
  const changeBatch = db.prepare('UPDATE batches SET opening = ?, ids = ?, sealed = ? WHERE number = ?');
  const deleteBatch = db.prepare('DELETE FROM batches WHERE number = ?');
  const oneBatch = db.prepare('SELECT opening, ids, sealed FROM batches WHERE number = ?');
  const insertEnding = db.prepare('INSERT INTO endings (at, ids, others) VALUES (?, ?, ?)');
  const insertEnds = db.prepare('INSERT OR IGNORE INTO ends (id, ending) SELECT value, ? FROM json_each(?)');
  const oldestEndings = db.prepare(
    `SELECT number, ids FROM endings WHERE at < ? AND number IN
     (SELECT number FROM endings ORDER BY number LIMIT ${forgetAtOnce})`,
  );
  const deleteEnds = db.prepare('DELETE FROM ends WHERE id IN (SELECT value FROM json_each(?))');
  const deleteEnding = db.prepare('DELETE FROM endings WHERE number = ?');
  const lookUp = db.prepare('SELECT at, others FROM ends JOIN endings ON number = ending WHERE id = ?');

  // All that is unsettled, and the batches that it stands in, oldest first.
  const open = new Map<string, Batch>();
  const batches = new Set<Batch>();
  // Batches whose text holds packets that have ended, by the time of the first end.
  const partly = new Set<Batch>();
  let forgetAt = 0;
  const untidy = load();

  // What an earlier process left. Nothing is forgotten before it is tidy again.
  function load(): string | undefined {
    for (const row of db.prepare('SELECT number, opening, ids, sealed FROM batches ORDER BY number').iterate()) {
      const ids: readonly string[] = JSON.parse(String(row.ids));
      const lines = seals.of(Number(row.opening)).open(bytesOf(row.sealed), String(row.ids))?.split('\n');
      const keptAts = ids.map((_, place) => keptAtOf(lines?.[place] ?? ''));
      const batch: Batch = { number: Number(row.number), ids, keptAts, left: ids.length, endedSince: 0 };
      for (const id of ids) open.set(id, batch);
      for (const { id } of pastOf.all(String(row.ids))) {
        open.delete(String(id));
        batch.left -= 1;
      }
      batches.add(batch);
      if (batch.left < ids.length) partly.add(batch);
    }
    return sealAllAnew();
  }

  // Where it fails it says why, and `tidy` or the next opening tries again.
  function sealAllAnew(): string | undefined {
    try {
      while (withAllPages(() => sealAnew(Number.POSITIVE_INFINITY)));
      return undefined;
    } catch (error) {
      return whyOf(error);
    }
  }

  function plan(writes: Writes, keepsToo: boolean): Plan {
    const { ids, ends } = writes;
    const asked = keepsToo ? [...ids] : [];
    for (let at = 0; at < ends.length; at += fieldsPerEnd) {
      const id = String(ends[at]);
      if (!open.has(id)) asked.push(id);
    }
    const past = new Set(asked.length === 0 ? [] : pastOf.all(JSON.stringify(asked)).map(({ id }) => String(id)));
    return planWrites(writes, { isOpen: (id) => open.has(id), past }, keepsToo);
  }

  function apply({ ids, keptAts, lines, ended, others }: Plan, now: number): void {
    const touched = new Map<Batch, number>();
    for (const id of ended) {
      const batch = open.get(id);
      if (batch !== undefined) touched.set(batch, (touched.get(batch) ?? 0) + 1);
    }
    const number = inTransaction(db, () => {
      // First what makes room: its pages are taken again at once, and written once instead of twice.
      for (const [batch, count] of touched) if (batch.left === count) deleteBatch.run(batch.number);
      forgetOldEnds(now);
      if (ended.size > 0) {
        const endedIds = JSON.stringify([...ended]);
        const ending = insertEnding.run(now, endedIds, others.length === 0 ? null : JSON.stringify(others));
        insertEnds.run(ending.lastInsertRowid, endedIds);
      }
      if (ids.length === 0) return 0;
      const keptIds = JSON.stringify(ids);
      return insertBatch.run(seals.number, keptIds, seals.current.close(lines, keptIds)).lastInsertRowid;
    });
    for (const id of ended) open.delete(id);
    for (const [batch, count] of touched) {
      batch.left -= count;
      if (batch.left === 0) drop(batch);
      else if (!partly.has(batch)) {
        batch.endedSince = now;
        partly.add(batch);
      }
    }
    if (ids.length === 0) return;
    const batch: Batch = { number: Number(number), ids, keptAts, left: ids.length, endedSince: 0 };
    batches.add(batch);
    for (const id of ids) open.set(id, batch);
  }

  function drop(batch: Batch): void {
    batches.delete(batch);
    partly.delete(batch);
  }

  function forgetOldEnds(now: number): void {
    if (now < forgetAt) return;
    // As long as an ended packet stands in a batch, its end tells that it is not to be delivered after a restart.
    const [waiting] = partly;
    const due = oldestEndings.all(Math.min(now - rememberEndsMs, waiting?.endedSince ?? now));
    for (const { number, ids } of due) {
      deleteEnds.run(ids ?? null);
      deleteEnding.run(number ?? null);
    }
    forgetAt = due.length === forgetAtOnce ? 0 : now + forgetEveryMs;
  }

  function sealAnew(endedBefore: number): boolean {
    const due: Batch[] = [];
    for (const batch of partly) {
      if (batch.endedSince > endedBefore || due.length === tidyAtOnce) break;
      due.push(batch);
    }
    if (due.length === 0) return false;
    const left = inTransaction(db, () => due.map(sealWhatIsLeft));
    due.forEach((batch, at) => {
      const places = left[at];
      partly.delete(batch);
      if (batch.left === 0) drop(batch);
      if (places === undefined) return;
      batch.ids = places.map((place) => batch.ids[place] ?? '');
      batch.keptAts = places.map((place) => batch.keptAts[place] ?? 0);
    });
    return due.length === tidyAtOnce;
  }

  // Gives the places of what is left; undefined where the seal is broken, and there is nothing to seal anew.
  function sealWhatIsLeft(batch: Batch): readonly number[] | undefined {
    if (batch.left === 0) {
      deleteBatch.run(batch.number);
      return [];
    }
    const lines = linesOf(batch);
    if (lines === undefined) return undefined;
    const places = [...batch.ids.keys()].filter((place) => open.get(batch.ids[place] ?? '') === batch);
    const ids = JSON.stringify(places.map((place) => batch.ids[place]));
    const text = places.map((place) => lines[place]).join('\n');
    changeBatch.run(seals.number, ids, seals.current.close(text, ids), batch.number);
    return places;
  }

  function linesOf(batch: Batch): readonly string[] | undefined {
    const row = oneBatch.get(batch.number);
    return seals.of(Number(row?.opening)).open(bytesOf(row?.sealed), String(row?.ids))?.split('\n');
  }

  function unsettledOf(batch: Batch): readonly Row[] {
    const lines = linesOf(batch);
    return batch.ids.flatMap((id, place) => (open.get(id) === batch ? [{ id, line: lines?.[place] ?? null }] : []));
  }

  function oldest(): number | null {
    for (const { ids, keptAts } of batches) {
      const at = ids.findIndex((id, place) => open.has(id) && Number.isFinite(keptAts[place]));
      if (at >= 0) return keptAts[at] ?? null;
    }
    return null;
  }

  return {
    write(writes, now) {
      try {
        const whole = plan(writes, true);
        apply(whole, now);
        return { known: whole.known, keepsFailed: undefined, endsFailed: undefined };
      } catch (error) {
        const why = whyOf(error);
        // A full store still takes the ends, which make room.
        try {
          withAllPages(() => apply(plan(writes, false), now));
          return { known: [], keepsFailed: why, endsFailed: undefined };
        } catch {
          return { known: [], keepsFailed: why, endsFailed: why };
        }
      }
    },
    tidy: (now) => withAllPages(() => sealAnew(now - outliveMs)),
    unsettled: () => [...batches].flatMap(unsettledOf),
    counts: () => ({ kept: open.size, oldest: oldest() }),
    lookUp(id, now) {
      if (open.has(id)) return [{ state: null }];
      const row = lookUp.get(id);
      if (row === undefined || Number(row.at) < now - rememberEndsMs) return [];
      const others: readonly OtherEnd[] = row.others === null ? [] : JSON.parse(String(row.others));
      const [, state = 'delivered', code = '', bounced = false] = others.find((other) => other[0] === id) ?? [];
      return [{ state, code, bounced: bounced ? 1 : 0 }];
    },
    untidy,
    close() {
      const why = sealAllAnew();
      db.close();
      return why;
    },
  };
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
