// The embedded store: SQLite in a worker thread, one commit for all that arrives while the last one runs.
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { isRefusalCode } from '@sallyport/shared/refusals.ts';
import { keptFromLine, keptToLine } from './kept-as-line.ts';
import { readSealKey } from './read-seal-key.ts';
import type { Answer, BounceWrite, Field, Opening, Request, Row, Written } from './sqlite-messages.ts';
import type { End, Store } from './store.ts';

export type SqliteStoreOptions = {
  /** Made when it is not there. One process at a time. */
  readonly file: string;
  /** 32 random bytes. */
  readonly keyFile: string;
  readonly log: Log;
  /** The file never grows beyond; what would, is not kept (the keep rejects). 4 GiB unless said. */
  readonly atMostBytes?: number;
  readonly clock?: Clock;
  /** How often what is left of batches is looked after: their ended texts go within a minute. 10 s unless said. */
  readonly tidyEveryMs?: number;
};

const rememberEndsMs = 10 * 60_000;
const writesPerBatch = 512;

type Keeper = { readonly resolve: (was: 'kept' | 'known') => void; readonly reject: (error: Error) => void };
type Reading = { readonly resolve: (rows: readonly Row[]) => void; readonly reject: (error: Error) => void };
/** What shares a commit: `Writes`, as it grows, and who waits for it. */
type Batch = {
  readonly ids: string[];
  readonly keptAts: number[];
  readonly lines: string[];
  readonly keepers: Keeper[];
  readonly ends: Field[];
  readonly bounces: BounceWrite[];
  /** How many ends there are: all who wait for them wait for one promise. */
  settled: number;
  ended: PromiseWithResolvers<void> | undefined;
};

/**
 * Opens the store. Rejects with one plain line (what is wrong, where, what to do) when the key file is missing or
 * not 32 bytes, when the key is another than the file's, when the file is newer, broken, or open elsewhere.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, keyFile, log, atMostBytes = 4 * 2 ** 30, clock = systemClock, tidyEveryMs = 10_000 } = options;
  const workerData: Opening = { file, key: readSealKey('store', keyFile, log), atMostBytes, rememberEndsMs };
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData });
  const untidy = await opened(worker);
  if (untidy !== undefined) log.warn({ why: untidy }, notErased);
  return serve(worker, log, clock, tidyEveryMs);
}

const notErased = 'texts of ended packets could not be erased from the store; trying on';

// Resolves to why what had ended could not be erased, where it could not.
function opened(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: Answer) => {
      worker.off('error', reject);
      if (answer.kind === 'opened') return resolve(answer.untidy);
      void worker.terminate();
      return reject(new Error(answer.kind === 'not-opened' ? answer.line : 'the store did not open'));
    });
  });
}

// A group commit takes at most 5 ms to gather (architecture §4.1 point 6), and nothing at all while little happens.
const gatherMs = 4;
const busyBatch = 8;
const fullBatch = 256;

function serve(worker: Worker, log: Log, clock: Clock, tidyEveryMs: number): Store {
  // The last one grows, as long as it has room.
  let batches: Batch[] = [];
  let running: Batch | undefined;
  let scheduled = false;
  let lastBatch = 0;
  let gone: Error | undefined;
  let number = 0;
  const readings = new Map<number, Reading>();
  let whenIdle: (() => void)[] = [];
  const tidying = setInterval(() => void tidy(), tidyEveryMs).unref();

  // All that was asked in one turn of the event loop, and all that is asked while a commit runs, shares the next one.
  // When much is asked, the next one waits a little for more: half the commits, half the messages to the worker.
  function flushSoon(): void {
    const next = batches[0];
    if (scheduled || running !== undefined || next === undefined) return;
    scheduled = true;
    if (lastBatch < busyBatch || sizeOf(next) >= fullBatch) setImmediate(flush);
    else setTimeout(flush, gatherMs);
  }

  function flush(): void {
    scheduled = false;
    if (running !== undefined) return;
    running = batches.shift();
    if (running === undefined) return;
    lastBatch = sizeOf(running);
    const { ids, keptAts, lines, ends, bounces } = running;
    const writes = { ids, keptAts, lines: lines.join('\n'), ends, bounces };
    tell({ kind: 'write', number: ++number, now: clock.now(), writes });
  }

  function tell(request: Request): void {
    worker.postMessage(request);
  }

  function growing(): Batch {
    const last = batches.at(-1);
    if (last !== undefined && sizeOf(last) < writesPerBatch) return last;
    const next: Batch = {
      ...{ ids: [], keptAts: [], lines: [], keepers: [], ends: [], bounces: [] },
      ...{ settled: 0, ended: undefined },
    };
    batches.push(next);
    return next;
  }

  function written({ known, keepsFailed, endsFailed }: Written): void {
    const batch = running;
    running = undefined;
    flushSoon();
    if (batch === undefined) return;
    const knownAt = new Set(known);
    batch.keepers.forEach((who, at) => {
      if (keepsFailed === undefined) who.resolve(knownAt.has(at) ? 'known' : 'kept');
      else who.reject(notWritten(keepsFailed));
    });
    if (endsFailed === undefined) batch.ended?.resolve();
    else batch.ended?.reject(notWritten(endsFailed));
    if (running === undefined && batches.length === 0) becomeIdle();
  }

  function becomeIdle(): void {
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  }

  function read(request: (number: number) => Request): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      if (gone !== undefined) return reject(gone);
      number += 1;
      readings.set(number, { resolve, reject });
      tell(request(number));
    });
  }

  // Nothing can be promised any more. The broker refuses what is new; only a new process opens the file again.
  function lose(why: string): void {
    if (gone !== undefined) return;
    gone = new Error(why);
    clearInterval(tidying);
    for (const { keepers, ended } of running === undefined ? batches : [running, ...batches]) {
      for (const who of keepers) who.reject(gone);
      ended?.reject(gone);
    }
    for (const who of readings.values()) who.reject(gone);
    running = undefined;
    batches = [];
    readings.clear();
    becomeIdle();
  }

  worker.on('message', (answer: Answer) => {
    switch (answer.kind) {
      case 'written':
        return written(answer.result);
      case 'read':
        readings.get(answer.number)?.resolve(answer.rows);
        readings.delete(answer.number);
        return;
      case 'failed':
        readings.get(answer.number)?.reject(new Error(`the store could not read: ${answer.why}`));
        readings.delete(answer.number);
        return;
      case 'opened':
      case 'not-opened':
        return;
      default:
        return answer satisfies never;
    }
  });
  worker.on('error', (error) => {
    log.error({ why: error.message }, 'the thread of the store broke');
    lose(`the thread of the store broke: ${error.message}`);
  });
  worker.on('exit', () => lose('the store is closed'));

  async function tidy(): Promise<void> {
    try {
      while ((await read((number) => ({ kind: 'tidy', number, now: clock.now() }))).length > 0);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (gone === undefined) log.warn({ why }, notErased);
    }
  }

  return {
    keep(kept) {
      return new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone);
        const batch = growing();
        batch.ids.push(kept.packet.id);
        batch.keptAts.push(kept.keptAt);
        batch.lines.push(keptToLine(kept));
        batch.keepers.push({ resolve, reject });
        flushSoon();
      });
    },
    settle(end, bounce) {
      if (gone !== undefined) return Promise.reject(gone);
      const batch = growing();
      batch.ends.push(end.id, end.state, end.code ?? '', batch.ids.length);
      if (bounce !== undefined) {
        const { packet, keptAt } = bounce;
        batch.bounces.push({ ofEnd: batch.settled, id: packet.id, keptAt, line: keptToLine(bounce) });
      }
      batch.settled += 1;
      batch.ended ??= Promise.withResolvers();
      flushSoon();
      return batch.ended.promise;
    },
    async unsettled() {
      const rows = await read((number) => ({ kind: 'unsettled', number }));
      return rows.flatMap((row) => {
        if (typeof row.line === 'string') return keptFromLine(row.line);
        log.error({ packet: row.id }, 'a kept packet cannot be read: its seal is broken');
        return [];
      });
    },
    async lookUp(id) {
      const row = (await read((number) => ({ kind: 'look-up', number, id, now: clock.now() })))[0];
      return row === undefined ? undefined : endOf(id, row);
    },
    async counts() {
      const row = (await read((number) => ({ kind: 'counts', number })))[0];
      return { kept: Number(row?.kept ?? 0), oldest: row?.oldest == null ? undefined : Number(row.oldest) };
    },
    async close() {
      if (gone !== undefined) return;
      if (running !== undefined || batches.length > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
      clearInterval(tidying);
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      const [untidy] = await read((number) => ({ kind: 'close', number }));
      if (untidy !== undefined)
        log.warn({ why: untidy.why }, 'texts of ended packets stay in the store until it is opened again');
      await ended;
    },
  };
}

function sizeOf({ ids, settled }: Batch): number {
  return ids.length + settled;
}

function notWritten(why: string): Error {
  return new Error(`the store could not write: ${why}`);
}

function endOf(id: string, row: Row): 'kept' | End {
  const { state, code } = row;
  if (state !== 'delivered' && state !== 'refused' && state !== 'held') return 'kept';
  return {
    id,
    state,
    ...(typeof code === 'string' && isRefusalCode(code) ? { code } : {}),
    ...(row.bounced === 1 ? { bounced: true } : {}),
  };
}
