// The SQLite file of the outbox: its tables, its statements, its one transaction a batch. Runs in the worker thread.
import type { DatabaseSync } from 'node:sqlite';
import { bytesOf, inTransaction, openSealedDatabase, openSeals } from './sealed-database.ts';
import { type Field, fieldsPerWrite, type Opening, type Row, type Written } from './sqlite-messages.ts';

export type SqliteFile = {
  readonly write: (writes: readonly Field[], now: number) => Written;
  readonly unsettled: () => readonly Row[];
  readonly counts: () => Row;
  readonly lookUp: (id: string, now: number) => readonly Row[];
  readonly close: () => void;
};

const schemaVersion = 1;
const forgetAtMost = 1_000;
const forgetEveryMs = 10_000;

// One table for both lives of a packet: its end empties the row instead of moving it to another table.
// INVARIANT: `sealed` is null exactly where `ended_at` is set; secure_delete overwrites what was there.
const schema = `
  CREATE TABLE packets (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, origin TEXT, kept_at INTEGER,
    opening INTEGER, sealed BLOB, state TEXT, code TEXT, bounced INTEGER, ended_at INTEGER);
  CREATE INDEX unsettled ON packets (seq) WHERE ended_at IS NULL;
`;

/** Opens the file, or says in one line why not and what to do. */
export function openSqliteFile({ file, key, atMostBytes, rememberEndsMs }: Opening): SqliteFile | string {
  const db = openSealedDatabase({
    ...{ name: 'store', file, key, atMostBytes, schema, version: schemaVersion },
    loss: 'what is undelivered in it stays undelivered',
  });
  return typeof db === 'string' ? db : serve(db, key, rememberEndsMs);
}

function serve(db: DatabaseSync, key: Uint8Array, rememberEndsMs: number): SqliteFile {
  const seals = openSeals(db, key);
  const keep = db.prepare(
    'INSERT INTO packets (id, origin, kept_at, opening, sealed) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const end = db.prepare(
    `UPDATE packets SET sealed = NULL, opening = NULL, state = ?, code = ?, bounced = ?, ended_at = ?
     WHERE id = ? AND ended_at IS NULL`,
  );
  // An id that was never kept here gets an end too, so that it is not taken for new afterwards.
  const endUnknown = db.prepare(
    'INSERT INTO packets (state, code, bounced, ended_at, id) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const forget = db.prepare(
    `DELETE FROM packets WHERE ended_at < ? AND seq IN
     (SELECT seq FROM packets WHERE ended_at IS NOT NULL ORDER BY seq LIMIT ${forgetAtMost})`,
  );
  const lookUp = db.prepare('SELECT state, code, bounced, ended_at FROM packets WHERE id = ?');
  const unsettled = db.prepare(
    'SELECT id, origin, kept_at, opening, sealed FROM packets WHERE ended_at IS NULL ORDER BY seq',
  );
  const counts = db.prepare(
    `SELECT (SELECT count(*) FROM packets WHERE ended_at IS NULL) AS kept,
            (SELECT kept_at FROM packets WHERE ended_at IS NULL ORDER BY seq LIMIT 1) AS oldest`,
  );
  let forgetAt = 0;

  function keepOne(id: Field, origin: Field, keptAt: Field, text: Field): boolean {
    const sealed = seals.current.close(String(text), String(id));
    return keep.run(id, origin, keptAt, seals.number, sealed).changes === 1;
  }

  function settleOne(id: Field, state: Field, at: Field, code: Field, bounced: boolean): boolean {
    const values = [state, code === '' ? null : code, bounced ? 1 : 0, at, id];
    return end.run(...values).changes === 1 || endUnknown.run(...values).changes === 1;
  }

  // Which writes of the batch are done, and which of the keeps among them were known.
  function apply(writes: readonly Field[], settlesOnly: boolean): number[] {
    const known: number[] = [];
    let settled = false;
    for (let i = 0; i + fieldsPerWrite <= writes.length; i += fieldsPerWrite) {
      const [kind, a = '', b = '', c = '', d = ''] = writes.slice(i, i + fieldsPerWrite);
      if (kind === 'settle') settled = settleOne(a, b, c, d, writes[i + fieldsPerWrite] === 'bounce');
      else if (kind === 'bounce' && settled) keepOne(a, b, c, d);
      else if (kind === 'keep' && !settlesOnly && !keepOne(a, b, c, d)) known.push(i / fieldsPerWrite);
    }
    return known;
  }

  function forgetOldEnds(now: number): void {
    if (now < forgetAt) return;
    const many = forget.run(now - rememberEndsMs).changes === forgetAtMost;
    forgetAt = many ? 0 : now + forgetEveryMs;
  }

  return {
    write(writes, now) {
      try {
        const known = inTransaction(db, () => {
          forgetOldEnds(now);
          return apply(writes, false);
        });
        return { known, keepsFailed: undefined, settlesFailed: undefined };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        // A full store still takes the ends, which make room.
        try {
          inTransaction(db, () => apply(writes, true));
          return { known: [], keepsFailed: why, settlesFailed: undefined };
        } catch {
          return { known: [], keepsFailed: why, settlesFailed: why };
        }
      }
    },
    unsettled: () =>
      unsettled.all().map((row) => ({
        id: String(row.id),
        origin: String(row.origin),
        kept_at: Number(row.kept_at),
        text: seals.of(Number(row.opening)).open(bytesOf(row.sealed), String(row.id)) ?? null,
      })),
    counts() {
      const row = counts.get();
      return { kept: Number(row?.kept ?? 0), oldest: row?.oldest == null ? null : Number(row.oldest) };
    },
    lookUp(id, now) {
      const row = lookUp.get(id);
      if (row === undefined) return [];
      const endedAt = row.ended_at === null ? null : Number(row.ended_at);
      if (endedAt !== null && endedAt < now - rememberEndsMs) return [];
      return [
        {
          state: row.state === null ? null : String(row.state),
          code: row.code === null ? null : String(row.code),
          bounced: Number(row.bounced ?? 0),
        },
      ];
    },
    close: () => db.close(),
  };
}
