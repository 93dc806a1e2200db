// The SQLite file of the quarantine: its table, and one commit for each answer that changes it. Runs in a thread of its own.
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Direction } from '@sallyport/shared/policy/policy.ts';
import { bytesOf, openSealedDatabase, openSeals } from '../store/sealed-database.ts';
import type { HeldItem, Holding } from './quarantine.ts';
import type { Bounds, Opening, Question, Reply, Sealed, ToHold } from './quarantine-messages.ts';
import { createUsage } from './usage.ts';

const schemaVersion = 1;
const expiredAtOnce = 100;
/** An end is remembered so long, so that what a cut link offers again is known. */
const rememberEndsMs = 86_400_000;
/** What a row takes besides its text. */
const overheadBytes = 512;

// INVARIANT: `sealed` is null exactly where `ended_at` is set; secure_delete overwrites what was there.
const schema = `
  CREATE TABLE packets (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, packet TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL, sender_domain TEXT NOT NULL, recipient TEXT NOT NULL, kind TEXT NOT NULL,
    direction TEXT NOT NULL, rule TEXT NOT NULL, bytes INTEGER NOT NULL, held_at INTEGER NOT NULL,
    recorded INTEGER NOT NULL, opening INTEGER, sealed BLOB, state TEXT, ended_at INTEGER);
  CREATE INDEX held ON packets (seq) WHERE ended_at IS NULL;
  CREATE INDEX ended ON packets (ended_at) WHERE ended_at IS NOT NULL;
`;
const columns = 'id, packet, sender, recipient, kind, direction, rule, bytes, held_at';

export type QuarantineFile = { readonly answer: (question: Question) => Reply };

/** Opens the file, or says in one line why not and what to do. */
export function openQuarantineFile({ file, key, bounds }: Opening): QuarantineFile | string {
  const db = openSealedDatabase({
    ...{ name: 'quarantine', file, key, schema, version: schemaVersion },
    // Pages are not filled to the last byte, and what was erased makes room for what comes.
    atMostBytes: bounds.bytes * 2 + 2 ** 22,
    loss: 'what is held in it stays undelivered, and nobody is told',
  });
  return typeof db === 'string' ? db : serve(db, key, bounds);
}

function serve(db: DatabaseSync, key: Uint8Array, bounds: Bounds): QuarantineFile {
  const seals = openSeals(db, key, 'SELECT opening FROM packets WHERE ended_at IS NULL');
  const usage = createUsage(bounds);
  const known = db.prepare('SELECT id FROM packets WHERE packet = ?');
  const insert = db.prepare(
    `INSERT INTO packets (id, packet, sender, sender_domain, recipient, kind, direction, rule, bytes, held_at, recorded,
     opening, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
  );
  const oldest = db.prepare('SELECT held_at FROM packets WHERE ended_at IS NULL ORDER BY seq LIMIT 1');
  const list = db.prepare(`SELECT ${columns} FROM packets WHERE ended_at IS NULL ORDER BY seq`);
  const unrecorded = db.prepare(`SELECT ${columns} FROM packets WHERE ended_at IS NULL AND recorded = 0 ORDER BY seq`);
  const record = db.prepare('UPDATE packets SET recorded = 1 WHERE id = ?');
  const sealed = db.prepare(`SELECT ${columns}, opening, sealed FROM packets WHERE id = ? AND ended_at IS NULL`);
  const expired = db.prepare(
    `SELECT ${columns}, opening, sealed FROM packets WHERE ended_at IS NULL AND held_at <= ?
     ORDER BY seq LIMIT ${expiredAtOnce}`,
  );
  const end = db.prepare(
    'UPDATE packets SET sealed = NULL, opening = NULL, state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL',
  );
  const owner = db.prepare(
    'SELECT sender, sender_domain, direction, bytes FROM packets WHERE id = ? AND ended_at IS NULL',
  );
  const forget = db.prepare('DELETE FROM packets WHERE ended_at < ?');

  for (const row of db
    .prepare('SELECT sender, sender_domain, direction, bytes FROM packets WHERE ended_at IS NULL')
    .all()) {
    usage.add(ownerOf(row), Number(row.bytes));
  }

  function hold(packet: ToHold): Holding {
    const before = known.get(packet.packet);
    if (before !== undefined) return { held: true, id: String(before.id), known: true };
    const bytes = Buffer.byteLength(packet.text) + overheadBytes;
    const full = usage.fullOf(packet, bytes);
    if (full !== undefined) return { held: false, full };
    const id = randomBytes(8).toString('hex');
    insert.run(
      ...[id, packet.packet, packet.from, packet.senderDomain, packet.to, packet.kind, packet.direction, packet.rule],
      ...[bytes, packet.heldAt, seals.number, seals.current.close(packet.text, id)],
    );
    usage.add(packet, bytes);
    return { held: true, id, known: false };
  }

  function itemOf(row: Record<string, unknown>): HeldItem {
    const heldAt = Number(row.held_at);
    return {
      ...{ id: String(row.id), packet: String(row.packet), from: String(row.sender), to: String(row.recipient) },
      ...{ kind: String(row.kind), rule: String(row.rule), bytes: Number(row.bytes), heldAt },
      direction: row.direction === 'inward' ? 'inward' : 'outward',
      expiresAt: heldAt + bounds.expireMs,
    };
  }

  function sealedOf(row: Record<string, unknown>): Sealed {
    const text = seals.of(Number(row.opening)).open(bytesOf(row.sealed), String(row.id));
    return { item: itemOf(row), text };
  }

  function answer(question: Question): Reply {
    switch (question.ask) {
      case 'hold':
        return { holding: hold(question.packet) };
      case 'recorded':
        record.run(question.id);
        return {};
      case 'unrecorded':
        return { items: unrecorded.all().map(itemOf) };
      case 'list':
        return { items: list.all().map(itemOf) };
      case 'open':
        return { sealed: sealed.all(question.id).map(sealedOf) };
      case 'expired':
        return { sealed: expired.all(question.now - bounds.expireMs).map(sealedOf) };
      case 'end': {
        const { id, now } = question;
        forget.run(now - rememberEndsMs);
        const row = owner.get(id);
        if (row === undefined || end.run(question.end, now, id).changes !== 1) return { ended: false };
        usage.remove(ownerOf(row), Number(row.bytes));
        return { ended: true };
      }
      case 'counts': {
        const row = oldest.get();
        return { counts: { ...usage.all(), oldest: row === undefined ? undefined : Number(row.held_at) } };
      }
      case 'close':
        db.close();
        return {};
      default:
        return question satisfies never;
    }
  }

  return { answer };
}

function ownerOf(row: Record<string, unknown>) {
  const direction: Direction = row.direction === 'inward' ? 'inward' : 'outward';
  return { from: String(row.sender), senderDomain: String(row.sender_domain), direction };
}
