// Writes the audit: JSON lines, each batch sealed by a SHA-256 that follows from the one before, and forced to disk.

import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Audit, AuditEntry } from './audit.ts';
import { type ChainEnd, chainEnd, sealedAtMost } from './audit-chain.ts';
import { type OwnEntry, printRecord } from './audit-line.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Log } from './log.ts';

type Waiting = {
  readonly entry: AuditEntry | OwnEntry;
  readonly settle?: { readonly resolve: () => void; readonly reject: (error: Error) => void };
};

// A write that has returned is on disk (open(2), O_DSYNC): one trip to the thread pool, where write and sync are two.
const { O_RDWR, O_APPEND, O_CREAT, O_DSYNC } = constants;
const waitingAtMost = 100_000;
const retryMs = 1_000;
const gatherMs = 10;
const paceMs = 2;
const busyBatch = 8;
const largePaceMs = 4;
const largeBatch = 24;
const fullBatch = 256;
const complainMs = 10_000;

/**
 * Opens the audit file and goes on with its chain, after checking its end. A torn end (a crash, a full disk) is set
 * aside in `FILE.torn-…`, reported, and the chain goes on with a record that says so. Throws with a sentence where the
 * file cannot be opened or is no audit.
 *
 * A record is `{"seq":…,"ts":…, the entry}`; the last one of each batch seals all of it with `,"prev":…,"hash":…`, where
 * `hash` is the SHA-256, in hex, of `prev` followed by the text of the batch without `,"hash":…` (audit-chain.ts checks
 * it): one hash for many records, and a third less to write. Batches are written and synced back to back, off the main thread; 2 ms
 * (4 ms) lie between them while much (very much) is recorded, and records that nobody waits for gather for 10 ms, since each trip to the
 * disk costs more than many records.
 * When a write fails: durable waiters are rejected and their records are dropped (what they tell did not happen), the
 * others wait for the next attempt, 100,000 at most; how many were lost is a record of its own.
 */
export async function openAudit(file: string, options: { readonly log: Log; readonly clock?: Clock }): Promise<Audit> {
  const { log, clock = systemClock } = options;
  const handle = await open(file, O_RDWR | O_APPEND | O_CREAT | O_DSYNC, 0o600).catch((error: unknown) => {
    throw new Error(`${file}: the audit cannot be opened (${codeOf(error)}); check the folder and its rights`);
  });
  let end: ChainEnd;
  try {
    end = await chainEnd(file, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  let sequence = end.sequence;
  let previous = end.hash;
  let length = end.length;
  let head = { file, sequence, hash: previous };
  let waiting: Waiting[] = [];
  let lost = 0;
  let lastBatch = 0;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let complainedAt = 0;
  let closed = false;

  if (end.torn !== undefined) {
    log.error(
      { file, setAside: end.torn.file, bytes: end.torn.bytes },
      'the end of the audit was torn; it is set aside',
    );
    add({ entry: { event: 'audit-repaired', note: `${end.torn.bytes} bytes set aside in ${end.torn.file}` } });
  } else add({ entry: { event: 'audit-opened' } });

  function add(item: Waiting): void {
    waiting.push(item);
    if (item.settle !== undefined || closed) start();
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
    while (waiting.length > 0) {
      // Under load the next batch waits a moment for company: half the trips to the disk for 2 ms of latency.
      if (lastBatch >= busyBatch && waiting.length < fullBatch && !closed)
        await new Promise((resolve) => setTimeout(resolve, lastBatch >= largeBatch ? largePaceMs : paceMs));
      const batch = waiting;
      lastBatch = batch.length;
      waiting = [];
      if (!(await writeBatch(handle, batch))) {
        retry = setTimeout(() => {
          running ??= run();
        }, retryMs).unref();
        break;
      }
    }
    running = undefined;
  }

  async function writeBatch(to: FileHandle, batch: readonly Waiting[]): Promise<boolean> {
    const before = { sequence, previous };
    const bytes = Buffer.from(sealed(batch), 'utf8');
    try {
      await writeAll(to, bytes);
    } catch (error) {
      ({ sequence, previous } = before);
      await to.truncate(length).catch(() => undefined);
      failed(batch, error);
      return false;
    }
    length += bytes.length;
    lost = 0;
    head = { file, sequence, hash: previous };
    for (const { settle } of batch) settle?.resolve();
    return true;
  }

  // Several seals where there is much, so that the end of the file always shows a whole one.
  function sealed(batch: readonly Waiting[]): string {
    let text = '';
    let open = '';
    if (lost > 0) open = `${print({ event: 'audit-lost', note: `${lost} records were lost before this one` })}}\n`;
    const last = batch.at(-1);
    for (const each of batch) {
      open += print(each.entry);
      if (each !== last && open.length < sealedAtMost) open += '}\n';
      else {
        open += `,"prev":"${previous}"`;
        previous = hash('sha256', `${previous}${open}}`);
        text += `${open},"hash":"${previous}"}\n`;
        open = '';
      }
    }
    return text;
  }

  function print(entry: AuditEntry | OwnEntry): string {
    sequence += 1;
    return printRecord(sequence, clock.now(), entry);
  }

  function failed(batch: readonly Waiting[], error: unknown): void {
    const reason = new Error(`the audit cannot be written (${codeOf(error)})`);
    if (Date.now() - complainedAt > complainMs) {
      complainedAt = Date.now();
      log.error({ file, code: codeOf(error) }, 'the audit cannot be written: nothing that needs a record can leave');
    }
    for (const { settle } of batch) settle?.reject(reason);
    const kept = batch.filter(({ settle }) => settle === undefined).concat(waiting);
    lost += Math.max(0, kept.length - waitingAtMost);
    waiting = kept.slice(-waitingAtMost);
  }

  return {
    record(entry) {
      if (closed) return;
      if (waiting.length < waitingAtMost) add({ entry });
      else lost += 1;
    },
    recordDurably(entry) {
      if (closed || waiting.length >= waitingAtMost)
        return Promise.reject(new Error('the audit takes no more records'));
      return new Promise((resolve, reject) => add({ entry, settle: { resolve, reject } }));
    },
    head: () => head,
    async close() {
      if (closed) return;
      closed = true;
      if (waiting.length > 0) start();
      while (running !== undefined) await running;
      clearTimeout(retry);
      if (waiting.length > 0)
        log.error({ file, records: waiting.length }, 'the audit was closed before all was written');
      await handle.close();
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown trouble';
}
