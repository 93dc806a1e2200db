// The chain of an audit file: where it ends, and whether it holds from its first record to its last.
import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, writeFile } from 'node:fs/promises';
import { z } from 'zod';

export type ChainEnd = {
  readonly sequence: number;
  readonly hash: string;
  /** Bytes of the file up to the end of its last good record. */
  readonly length: number;
  /** What stood behind it, now in a file of its own. */
  readonly torn?: { readonly file: string; readonly bytes: number };
};

export type AuditVerdict =
  | { readonly ok: true; readonly records: number }
  | { readonly ok: false; readonly line: number; readonly why: string };

/** The `prev` of the first record of a file. */
const beginning = '0'.repeat(64);
const tailBytes = 1_048_576;
const linePattern = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/s;
const recordSchema = z.object({ seq: z.int().min(1), prev: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * Checks a whole audit file: every record as it was written, none missing, none added in between, none moved. What was
 * cut off at the end can only be found by comparing with a head that was kept elsewhere.
 */
export async function verifyAudit(file: string): Promise<AuditVerdict> {
  let previous = beginning;
  let records = 0;
  for await (const text of lines(file)) {
    const line = records + 1;
    const record = readRecord(text);
    if (record === undefined) return { ok: false, line, why: 'this is not a record as it was written' };
    if (record.seq !== line) return { ok: false, line, why: `the record says that it is number ${record.seq}` };
    if (record.prev !== previous) return { ok: false, line, why: 'the record does not follow the one before it' };
    previous = record.hash;
    records = line;
  }
  return { ok: true, records };
}

/**
 * Finds the last good record of the open file among its last 1 MiB, and cuts off what stands behind it, after a copy.
 * Throws with a sentence where no good record is found there.
 */
export async function chainEnd(file: string, handle: FileHandle): Promise<ChainEnd> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - tailBytes);
  const tail = await readFrom(handle, from, size - from);
  // What stands before the first line feed of a tail that starts somewhere inside the file is a part of a line.
  let at = from === 0 ? 0 : tail.indexOf(10) + 1;
  let last: { readonly seq: number; readonly hash: string } | undefined =
    from === 0 ? { seq: 0, hash: beginning } : undefined;
  for (let end = tail.indexOf(10, at); end >= 0; end = tail.indexOf(10, at)) {
    const record = readRecord(tail.toString('utf8', at, end));
    if (record === undefined || (last !== undefined && (record.prev !== last.hash || record.seq !== last.seq + 1)))
      break;
    last = record;
    at = end + 1;
  }
  if (last === undefined || (last.seq === 0 && size > tailBytes)) throw noAudit(file);
  // A file whose very first line is broken and not its last one is some other file.
  if (last.seq === 0 && tail.indexOf(10) >= 0) throw noAudit(file);
  const length = from + at;
  const chain = { sequence: last.seq, hash: last.hash, length };
  if (length === size) return chain;
  const aside = `${file}.torn-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  await writeFile(aside, tail.subarray(at), { flag: 'wx', mode: 0o600 });
  await handle.truncate(length);
  await handle.datasync();
  return { ...chain, torn: { file: aside, bytes: size - length } };
}

function noAudit(file: string): Error {
  return new Error(`${file}: its end is not an audit as it was written; move the file away, keep it, and find out why`);
}

function readRecord(text: string): { readonly seq: number; readonly prev: string; readonly hash: string } | undefined {
  const parts = linePattern.exec(text);
  const content = parts?.[1];
  const claimed = parts?.[2];
  if (content === undefined || claimed === undefined) return undefined;
  try {
    const record = recordSchema.safeParse(JSON.parse(`${content}}`));
    if (!record.success || hash('sha256', `${record.data.prev}${content}}`) !== claimed) return undefined;
    return { ...record.data, hash: claimed };
  } catch {
    return undefined;
  }
}

// Lines end with a line feed and with nothing else: a text may hold U+2028, which some readers take for an end of line.
async function* lines(file: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: tailBytes })) {
    if (!Buffer.isBuffer(chunk)) continue;
    const data = Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, at)) {
      yield data.toString('utf8', at, end);
      at = end + 1;
    }
    rest = data.subarray(at);
    if (rest.length > tailBytes) break;
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

async function readFrom(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) return buffer.subarray(0, at);
    at += bytesRead;
  }
  return buffer;
}
