// Writes the audit: JSON lines, each chained to the one before by SHA-256, forced to disk batch by batch.

import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Audit, AuditEntry } from './audit.ts';
import { type ChainEnd, chainEnd } from './audit-chain.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Log } from './log.ts';

type Waiting = {
  readonly entry: AuditEntry | OwnEntry;
  readonly settle?: { readonly resolve: () => void; readonly reject: (error: Error) => void };
};

/** What the writer says about the audit itself. */
type OwnEntry = { readonly event: 'audit-opened' | 'audit-repaired' | 'audit-lost'; readonly note?: string };

// A write that has returned is on disk (open(2), O_DSYNC): one trip to the thread pool, where write and sync are two.
const { O_RDWR, O_APPEND, O_CREAT, O_DSYNC } = constants;
const waitingAtMost = 100_000;
const retryMs = 1_000;
const gatherMs = 10;
const paceMs = 2;
const busyBatch = 8;
const fullBatch = 256;
const complainMs = 10_000;

/**
 * Opens the audit file and goes on with its chain, after checking its end. A torn end (a crash, a full disk) is set
 * aside in `FILE.torn-…`, reported, and the chain goes on with a record that says so. Throws with a sentence where the
 * file cannot be opened or is no audit.
 *
 * Each record is `{"seq":…,"ts":…, the entry, "prev":…,"hash":…}`; `hash` is the SHA-256, in hex, of `prev` followed by
 * the text of the record without `,"hash":…`. Batches are written and synced back to back, off the main thread; 2 ms
 * lie between them while much is recorded, and records that nobody waits for gather for 10 ms, since each trip to the
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
        await new Promise((resolve) => setTimeout(resolve, paceMs));
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
    let text = '';
    if (lost > 0) text += line({ event: 'audit-lost', note: `${lost} records were lost before this one` });
    for (const { entry } of batch) text += line(entry);
    const bytes = Buffer.from(text, 'utf8');
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

  function line(entry: AuditEntry | OwnEntry): string {
    sequence += 1;
    const record = plain(JSON.stringify({ seq: sequence, ts: timestamp(clock.now()), ...entry, prev: previous }));
    previous = hash('sha256', previous + record);
    return `${record.slice(0, -1)},"hash":"${previous}"}\n`;
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

// JSON leaves some characters as they are that a terminal obeys or that reorder what is read: they are written as escapes.
function plain(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}

let lastMs = 0;
let lastText = '';
function timestamp(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown trouble';
}
