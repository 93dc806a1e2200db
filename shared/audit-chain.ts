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

/** The `prev` of the first seal of a file. */
const beginning = '0'.repeat(64);
const tailBytes = 1_048_576;
/** The writer seals at the latest when so many characters lie open; a record has less than that again. */
export const sealedAtMost = 131_072;
const openAtMost = tailBytes / 2;
const sealPattern = /^(\{.*,"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/s;
const recordSchema = z.object({ seq: z.int().min(1) });

/**
 * Checks a whole audit file: every record as it was written, none missing, none added in between, none moved. What was
 * cut off at the end can only be found by comparing with a head that was kept elsewhere.
 */
export async function verifyAudit(file: string): Promise<AuditVerdict> {
  const chain = followChain({ seq: 0, hash: beginning });
  for await (const text of lines(file)) {
    const followed = chain.next(text);
    if (typeof followed === 'object') return { ok: false, ...followed };
  }
  if (chain.open() > 0)
    return { ok: false, line: chain.sealed().seq + 1, why: 'the records from here on have no seal' };
  return { ok: true, records: chain.sealed().seq };
}

/**
 * Finds the last seal that holds among the last 1 MiB of the open file, and cuts off what stands behind it, after a
 * copy. Throws with a sentence where no seal that holds is found there.
 */
export async function chainEnd(file: string, handle: FileHandle): Promise<ChainEnd> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - tailBytes);
  const tail = await readFrom(handle, from, size - from);
  // What stands before the first line feed of a tail that starts somewhere inside the file is a part of a line.
  let at = from === 0 ? 0 : tail.indexOf(10) + 1;
  let chain = from === 0 ? followChain({ seq: 0, hash: beginning }) : undefined;
  let good = at;
  for (let end = tail.indexOf(10, at); end >= 0; end = tail.indexOf(10, at)) {
    const text = tail.toString('utf8', at, end);
    at = end + 1;
    // Records of which the beginning is not in the tail: the seal at their end is where the chain can be followed from.
    if (chain === undefined) {
      const seal = readSeal(text);
      if (seal !== undefined) chain = followChain(seal);
      if (seal !== undefined) good = at;
      continue;
    }
    const followed = chain.next(text);
    if (typeof followed === 'object') break;
    if (followed) good = at;
  }
  if (chain === undefined) throw noAudit(file);
  const last = chain.sealed();
  // A file whose very first records are broken and not its last ones is some other file.
  if (last.seq === 0 && tail.indexOf(10) >= 0 && !tail.toString('latin1').startsWith('{"seq":1,')) throw noAudit(file);
  const length = from + good;
  const found = { sequence: last.seq, hash: last.hash, length };
  if (length === size) return found;
  const aside = `${file}.torn-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  await writeFile(aside, tail.subarray(good), { flag: 'wx', mode: 0o600 });
  await handle.truncate(length);
  await handle.datasync();
  return { ...found, torn: { file: aside, bytes: size - length } };
}

type Sealed = { readonly seq: number; readonly hash: string };

// Follows a chain line by line. `next` says whether the line was a seal that holds, or what is wrong from which line on.
function followChain(start: Sealed) {
  let sealed = start;
  let open = '';
  let count = 0;
  return {
    sealed: () => sealed,
    open: () => count,
    next(text: string): boolean | { readonly line: number; readonly why: string } {
      const seq = seqOf(text);
      const line = sealed.seq + count + 1;
      if (seq === undefined) return { line, why: 'this is not a record as it was written' };
      if (seq !== line) return { line, why: `after record ${line - 1} stands one with number ${seq}` };
      count += 1;
      const first = sealed.seq + 1;
      const [, content, prev, claimed] = sealPattern.exec(text) ?? [];
      if (content === undefined || claimed === undefined) {
        open += `${text}\n`;
        return open.length > openAtMost ? { line: first, why: 'the records from here on have no seal' } : false;
      }
      if (prev !== sealed.hash) return { line: first, why: 'the records do not follow the ones before them' };
      const records = count === 1 ? `record ${seq}` : `one of the records ${first} to ${seq}`;
      if (hash('sha256', `${prev}${open}${content}}`) !== claimed) {
        return { line: first, why: `${records} is not as it was written` };
      }
      sealed = { seq, hash: claimed };
      open = '';
      count = 0;
      return true;
    },
  };
}

function readSeal(text: string): Sealed | undefined {
  const seq = seqOf(text);
  const claimed = sealPattern.exec(text)?.[3];
  return seq === undefined || claimed === undefined ? undefined : { seq, hash: claimed };
}

function seqOf(text: string): number | undefined {
  try {
    const record = recordSchema.safeParse(JSON.parse(text));
    return record.success ? record.data.seq : undefined;
  } catch {
    return undefined;
  }
}

function noAudit(file: string): Error {
  return new Error(`${file}: its end is not an audit as it was written; move the file away, keep it, and find out why`);
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
