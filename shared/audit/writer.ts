// Writes the audit: JSON lines, each batch sealed by a SHA-256 that follows from the one before, and forced to disk.

import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Audit, AuditEntry } from '../audit.ts';
import { type Clock, type Instant, systemClock } from '../clock.ts';
import type { Log } from '../log.ts';
import { sealedAtMost, sealOfBytes } from './chain.ts';
import { createLines, type OwnEntry } from './line.ts';
import { type ChainEnd, chainEnd, segmentName, writeAll } from './segments.ts';
import { openSigner, type Signer } from './signing.ts';

export type AuditOptions = {
  readonly log: Log;
  readonly clock?: Clock;
  /** The name of this node; it is signed with each checkpoint. */
  readonly node?: string;
  /** Signs where the chain stands, once a minute while something is recorded, and at the end. */
  readonly signer?: Signer;
  /** A file of this size is left beside a new one. */
  readonly rotateBytes?: number;
  readonly checkpointMs?: number;
  /** False: what cannot be written is kept for later, and who waits for it goes on (the operator wants it so). */
  readonly required?: boolean;
};

/** What the settings of either program say of its audit. Throws with a sentence where the key cannot be read. */
export function auditOptions(
  settings: {
    readonly node: string;
    readonly audit: {
      readonly keyFile?: string | undefined;
      readonly rotateMegabytes: number;
      readonly required: boolean;
    };
  },
  log: Log,
): AuditOptions {
  const { keyFile, rotateMegabytes, required } = settings.audit;
  return {
    log,
    node: settings.node,
    rotateBytes: rotateMegabytes * 1_048_576,
    required,
    ...(keyFile === undefined ? {} : { signer: openSigner(keyFile) }),
  };
}

type Waiting = {
  /** When it was decided, not when it is written: both sides' records are compared by it. */
  readonly at: Instant;
  readonly entry: AuditEntry | OwnEntry;
  /** Somebody waits until it is on disk. */
  readonly durable: boolean;
};

// All who wait for a batch wait for one promise: they are as many as messages.
type Waiters = PromiseWithResolvers<void>;

// A write that has returned is on disk (open(2), O_DSYNC): one trip to the thread pool, where write and sync are two.
const { O_RDWR, O_APPEND, O_CREAT, O_DSYNC, O_EXCL } = constants;
const flags = O_RDWR | O_APPEND | O_CREAT | O_DSYNC;
const waitingAtMost = 100_000;
const retryMs = 1_000;
const gatherMs = 10;
// How long the next batch waits for company, by how large the last one was: the disk costs by the trip.
const paces = [
  { batch: 64, ms: 20 },
  { batch: 48, ms: 10 },
  { batch: 24, ms: 5 },
  { batch: 8, ms: 2 },
] as const;
const fullBatch = 1_000;
const complainMs = 10_000;
const rotateBytesAtFirst = 268_435_456;
const checkpointEveryMs = 60_000;

/**
 * Opens the audit file and goes on with its chain, after checking its end. A torn end (a crash, a full disk) is set
 * aside in `FILE.torn-…`, reported, and the chain goes on with a record that says so. Throws with a sentence where the
 * file cannot be opened or is no audit.
 *
 * A record is `{"seq":…,"ts":…, the entry}`; the last one of each batch seals all of it with `,"prev":…,"hash":…`, where
 * `hash` is the SHA-256, in hex, of `prev` followed by the text of the batch without `,"hash":…` (chain.ts checks it):
 * one hash for many records, and a third less to write. Batches are written and synced back to back, off the main
 * thread; 2, 5, 10 or 20 ms lie between them, the more the more is recorded (20 ms from 6,400 records a second on), and
 * records that nobody waits for gather for 10 ms, since each trip to the disk costs more than many records.
 * When a write fails: durable waiters are rejected and their records are dropped (what they tell did not happen), the
 * others wait for the next attempt, 100,000 at most; how many were lost is a record of its own, and so is the end of
 * the trouble.
 */
export async function openAudit(file: string, options: AuditOptions): Promise<Audit> {
  const { log, clock = systemClock, node = '', signer, rotateBytes = rotateBytesAtFirst, required = true } = options;
  let handle = await open(file, flags, 0o600).catch((error: unknown) => {
    throw new Error(`${file}: the audit cannot be opened (${codeOf(error)}); check the folder and its rights`);
  });
  let end: ChainEnd;
  try {
    end = await chainEnd(file, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  const lines = createLines();
  let sequence = end.seq;
  let previous = end.hash;
  let length = end.length;
  let head = { file: path.basename(file), sequence, hash: previous };
  let rotateAt = rotateBytes;
  let waiting: Waiting[] = [];
  let promised: Waiters | undefined;
  let lost = 0;
  let works = true;
  let undated = 0;
  let lastBatch = 0;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let complainedAt = 0;
  let closed = false;

  if (end.torn !== undefined) {
    const { file: setAside, bytes } = end.torn;
    log.error({ file, setAside, bytes }, 'the end of the audit was torn; it is set aside');
    add({ event: 'audit-repaired', note: `${bytes} bytes set aside in ${setAside}` });
  } else add({ event: 'audit-opened' });
  const checkpoints = setInterval(checkpoint, options.checkpointMs ?? checkpointEveryMs).unref();

  function add(entry: AuditEntry | OwnEntry, durable = false): void {
    waiting.push({ at: clock.now(), entry, durable });
    if (durable || closed) start();
    else gathering ??= setTimeout(start, gatherMs);
  }

  // With the next microtask, so that records of one turn of the event loop share a batch.
  function start(): void {
    clearTimeout(gathering);
    gathering = undefined;
    running ??= Promise.resolve().then(run);
  }

  async function run(): Promise<void> {
    clearTimeout(retry);
    if (!works && waiting.length === 0)
      waiting.push({ at: clock.now(), entry: { event: 'audit-resumed' }, durable: false });
    while (waiting.length > 0) {
      const pace = paces.find(({ batch }) => lastBatch >= batch);
      if (pace !== undefined && waiting.length < fullBatch && !closed)
        await new Promise((resolve) => setTimeout(resolve, pace.ms));
      const batch = waiting;
      lastBatch = batch.length;
      waiting = [];
      const waiters = promised;
      promised = undefined;
      if (!(await writeBatch(batch, waiters))) {
        retry = setTimeout(() => {
          running ??= run();
        }, retryMs).unref();
        break;
      }
      if (length >= rotateAt) await rotate();
    }
    running = undefined;
  }

  async function writeBatch(batch: readonly Waiting[], waiters: Waiters | undefined): Promise<boolean> {
    const before = { sequence, previous };
    const bytes = sealed(batch);
    try {
      await writeAll(handle, bytes);
    } catch (error) {
      ({ sequence, previous } = before);
      await handle.truncate(length).catch(() => undefined);
      failed(batch, waiters, error);
      return false;
    }
    length += bytes.length;
    lost = 0;
    if (!works) {
      log.info({ file }, 'the audit is written again');
      if (batch.every(({ entry }) => entry.event !== 'audit-resumed')) add({ event: 'audit-resumed' });
    }
    works = true;
    head = { ...head, sequence, hash: previous };
    waiters?.resolve();
    return true;
  }

  // Several seals where there is much, so that the end of the file always shows a whole one. The bytes are good until
  // the next batch, which is made when this one is written.
  function sealed(batch: readonly Waiting[]): Buffer {
    lines.clear();
    if (lost > 0) {
      lines.record(++sequence, clock.now(), { event: 'audit-lost', note: `${lost} records were lost before this one` });
      lines.put('}\n');
    }
    let open = 0;
    for (let i = 0; i < batch.length; i++) {
      const each = batch[i];
      if (each !== undefined) lines.record(++sequence, each.at, each.entry);
      if (i < batch.length - 1 && lines.length() - open < sealedAtMost) {
        lines.put('}\n');
        continue;
      }
      lines.put(`,"prev":"${previous}"}`);
      previous = sealOfBytes(previous, lines.since(open));
      lines.takeBack();
      lines.put(`,"hash":"${previous}"}\n`);
      open = lines.length();
    }
    return lines.since(0);
  }

  // The chain goes on in the new file: its first record follows from the last one of the full file.
  async function rotate(): Promise<void> {
    const full = segmentName(file, sequence);
    try {
      await rename(file, full);
      const fresh = await open(file, flags | O_EXCL, 0o600);
      await handle.close();
      handle = fresh;
      length = 0;
      rotateAt = rotateBytes;
      const note = `follows ${path.basename(full)}`;
      waiting.unshift({ at: clock.now(), entry: { event: 'audit-continued', note }, durable: false });
      log.info({ file: full }, 'the audit goes on in a new file');
    } catch (error) {
      rotateAt = length + rotateBytes;
      await rename(full, file).catch(() => undefined);
      log.error({ file, code: codeOf(error) }, 'the audit cannot begin a new file; it goes on in the full one');
    }
  }

  function checkpoint(): void {
    if (signer === undefined || undated === 0 || !works || head.sequence === 0) return;
    undated = 0;
    const { sequence: of, hash } = head;
    const signature = signer.sign(node, { seq: of, hash });
    add({ event: 'checkpoint', node, of, head: hash, key: signer.key, signature });
  }

  function failed(batch: readonly Waiting[], waiters: Waiters | undefined, error: unknown): void {
    const reason = new Error(`the audit cannot be written (${codeOf(error)})`);
    works = false;
    if (Date.now() - complainedAt > complainMs) {
      complainedAt = Date.now();
      const consequence = required ? 'all that is new is refused' : 'what passes is recorded later, if it can';
      log.error({ file, code: codeOf(error) }, `the audit cannot be written: ${consequence}`);
    }
    if (required) waiters?.reject(reason);
    else waiters?.resolve();
    const left = required ? batch.filter(({ durable }) => !durable) : batch;
    const kept = left.concat(waiting);
    lost += Math.max(0, kept.length - waitingAtMost);
    waiting = kept.slice(-waitingAtMost);
  }

  function addDurably(entry: AuditEntry | OwnEntry): Promise<void> {
    if (closed || waiting.length >= waitingAtMost) return Promise.reject(new Error('the audit takes no more records'));
    promised ??= Promise.withResolvers<void>();
    add(entry, true);
    return promised.promise;
  }

  return {
    record(entry) {
      if (closed) return;
      undated += 1;
      if (waiting.length < waitingAtMost) add(entry);
      else lost += 1;
    },
    recordDurably(entry) {
      undated += 1;
      return addDurably(entry);
    },
    works: () => works || !required,
    head: () => head,
    witness: (from, { file: of, sequence: seq, hash }) =>
      addDurably({ event: 'countersigned', node: from, file: of, of: seq, head: hash }),
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(checkpoints);
      if (waiting.length > 0) start();
      while (running !== undefined) await running;
      checkpoint();
      while (running !== undefined) await running;
      clearTimeout(retry);
      if (waiting.length > 0)
        log.error({ file, records: waiting.length }, 'the audit was closed before all was written');
      await handle.close();
    },
  };
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown trouble';
}
