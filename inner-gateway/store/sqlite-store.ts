// The embedded store: SQLite in a worker thread, one commit for all that arrives while the last one runs.
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { isRefusalCode } from '@sallyport/shared/refusals.ts';
import { packetFromText, packetToText } from './packet-as-text.ts';
import { readSealKey } from './read-seal-key.ts';
import type { Answer, Field, Opening, Request, Row, Written } from './sqlite-messages.ts';
import { fieldsPerWrite } from './sqlite-messages.ts';
import type { End, Kept, Store } from './store.ts';

export type SqliteStoreOptions = {
  /** Made when it is not there. One process at a time. */
  readonly file: string;
  /** 32 random bytes. */
  readonly keyFile: string;
  readonly log: Log;
  /** The file never grows beyond; what would, is not kept (the keep rejects). 4 GiB unless said. */
  readonly atMostBytes?: number;
  readonly clock?: Clock;
};

const rememberEndsMs = 10 * 60_000;
const writesPerBatch = 512;

type Waiting = { readonly resolve: (known: boolean) => void; readonly reject: (error: Error) => void };
type Batch = { readonly writes: readonly Field[]; readonly waiting: readonly (Waiting | undefined)[] };
type Reading = { readonly resolve: (rows: readonly Row[]) => void; readonly reject: (error: Error) => void };

/**
 * Opens the store. Rejects with one plain line (what is wrong, where, what to do) when the key file is missing or
 * not 32 bytes, when the key is another than the file's, when the file is newer, broken, or open elsewhere.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, keyFile, log, atMostBytes = 4 * 2 ** 30, clock = systemClock } = options;
  const workerData: Opening = { file, key: readSealKey('store', keyFile, log), atMostBytes, rememberEndsMs };
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData });
  await opened(worker);
  return serve(worker, log, clock);
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: Answer) => {
      worker.off('error', reject);
      if (answer.kind === 'opened') return resolve();
      void worker.terminate();
      return reject(new Error(answer.kind === 'not-opened' ? answer.line : 'the store did not open'));
    });
  });
}

// A group commit takes at most 5 ms to gather (architecture §4.1 point 6), and nothing at all while little happens.
const gatherMs = 4;
const busyBatch = 8;
const fullBatch = 256;

function serve(worker: Worker, log: Log, clock: Clock): Store {
  let writes: Field[] = [];
  let waiting: (Waiting | undefined)[] = [];
  let running: Batch | undefined;
  let scheduled = false;
  let lastBatch = 0;
  let gone: Error | undefined;
  let number = 0;
  const readings = new Map<number, Reading>();
  let whenIdle: (() => void)[] = [];

  // All that was asked in one turn of the event loop, and all that is asked while a commit runs, shares the next one.
  // When much is asked, the next one waits a little for more: half the commits, half the messages to the worker.
  function flushSoon(): void {
    if (scheduled || running !== undefined || writes.length === 0) return;
    scheduled = true;
    if (lastBatch < busyBatch || waiting.length >= fullBatch) setImmediate(flush);
    else setTimeout(flush, gatherMs);
  }

  function flush(): void {
    scheduled = false;
    if (running !== undefined || writes.length === 0) return;
    let end = Math.min(waiting.length, writesPerBatch);
    // A bounce stays with its settle.
    while (end < waiting.length && waiting[end] === undefined) end += 1;
    running = { writes: writes.slice(0, end * fieldsPerWrite), waiting: waiting.slice(0, end) };
    writes = writes.slice(end * fieldsPerWrite);
    waiting = waiting.slice(end);
    lastBatch = running.waiting.length;
    tell({ kind: 'write', number: ++number, now: clock.now(), writes: running.writes });
  }

  function tell(request: Request): void {
    worker.postMessage(request);
  }

  function add(fields: readonly Field[], who: Waiting | undefined): void {
    writes.push(...fields);
    waiting.push(who);
    flushSoon();
  }

  function written({ known, keepsFailed, settlesFailed }: Written): void {
    const batch = running;
    running = undefined;
    flushSoon();
    const knownAt = new Set(known);
    batch?.waiting.forEach((who, at) => {
      const failed = batch.writes[at * fieldsPerWrite] === 'keep' ? keepsFailed : settlesFailed;
      if (failed === undefined) who?.resolve(knownAt.has(at));
      else who?.reject(new Error(`the store could not write: ${failed}`));
    });
    if (running === undefined && writes.length === 0) becomeIdle();
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
    for (const who of [...(running?.waiting ?? []), ...waiting, ...readings.values()]) who?.reject(gone);
    running = undefined;
    writes = [];
    waiting = [];
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

  function write(fields: readonly Field[], bounce?: readonly Field[]): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (gone !== undefined) return reject(gone);
      add(fields, { resolve, reject });
      if (bounce !== undefined) add(bounce, undefined);
    });
  }

  return {
    async keep(kept) {
      return (await write(['keep', ...fieldsOf(kept)])) ? 'known' : 'kept';
    },
    async settle(end, bounce) {
      const fields = ['settle', end.id, end.state, clock.now(), end.code ?? ''];
      await write(fields, bounce === undefined ? undefined : ['bounce', ...fieldsOf(bounce)]);
    },
    async unsettled() {
      const rows = await read((number) => ({ kind: 'unsettled', number }));
      return rows.flatMap((row) => {
        const kept = keptOf(row);
        if (kept === undefined) log.error({ packet: row.id }, 'a kept packet cannot be read: its seal is broken');
        return kept ?? [];
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
      if (running !== undefined || writes.length > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      await read((number) => ({ kind: 'close', number }));
      await ended;
    },
  };
}

function fieldsOf({ packet, origin, keptAt }: Kept): readonly Field[] {
  return [packet.id, origin, keptAt, packetToText(packet)];
}

function keptOf(row: Row): Kept | undefined {
  const { text, origin } = row;
  if (typeof text !== 'string' || (origin !== 'xmpp' && origin !== 'sip')) return undefined;
  return { packet: packetFromText(text), origin, keptAt: Number(row.kept_at) };
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
