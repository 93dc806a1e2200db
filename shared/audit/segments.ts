// The files of one audit: the one that is written, and those that it has filled and left beside it. Each line ends
// with a line feed and with nothing else.
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beginning, followChain, readSeal, type Sealed } from './chain.ts';

export type ChainEnd = Sealed & {
  /** Bytes of the file up to the end of its last good record. */
  readonly length: number;
  /** What stood behind it, now in a file of its own. */
  readonly torn?: { readonly file: string; readonly bytes: number };
};

const tailBytes = 1_048_576;

/** Where a full file goes: beside the audit, with the number of its last record, so that names sort as they follow. */
export function segmentName(file: string, lastSeq: number): string {
  return `${file}.${String(lastSeq).padStart(12, '0')}`;
}

/** All files of an audit in their order, the one that is written last; empty where there are none. */
export async function segmentsOf(file: string): Promise<readonly string[]> {
  const name = path.basename(file);
  const all = await readdir(path.dirname(path.resolve(file)));
  const full = all.filter((each) => each.startsWith(`${name}.`) && /^\d{12}$/.test(each.slice(name.length + 1)));
  const found = full.toSorted().map((each) => path.join(path.dirname(file), each));
  return all.includes(name) ? [...found, file] : found;
}

/** The lines of a file. What is longer than 1 MiB is no line of ours; it ends the reading as one last line. */
export async function* linesOf(file: string): AsyncGenerator<string> {
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

/**
 * Finds the last seal that holds among the last 1 MiB of the open file, and cuts off what stands behind it, after a
 * copy; an empty file goes on with the last full one beside it. Throws with a sentence where no seal that holds is
 * found, unless there never was one.
 */
export async function chainEnd(file: string, handle: FileHandle): Promise<ChainEnd> {
  const { size } = await handle.stat();
  if (size === 0) return { ...(await endOfLastFull(file)), length: 0 };
  const from = Math.max(0, size - tailBytes);
  const tail = await readFrom(handle, from, size - from);
  const { sealed, length } = lastSeal(file, tail, from === 0);
  const end = { ...sealed, length: from + length };
  if (end.length === size) return end;
  const aside = `${file}.torn-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  await writeFile(aside, tail.subarray(length), { flag: 'wx', mode: 0o600 });
  await handle.truncate(end.length);
  await handle.datasync();
  // Nothing of it was whole: the chain goes on where the last full file ended.
  const before = end.length === 0 ? await endOfLastFull(file) : sealed;
  return { ...end, ...before, torn: { file: aside, bytes: size - end.length } };
}

async function endOfLastFull(file: string): Promise<Sealed> {
  const full = (await segmentsOf(file)).filter((each) => each !== file).at(-1);
  if (full === undefined) return beginning;
  const handle = await open(full, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const tail = await readFrom(handle, from, size - from);
    const { sealed, length } = lastSeal(full, tail, from === 0);
    if (from + length !== size || sealed.seq === 0) throw noAudit(full);
    return sealed;
  } finally {
    await handle.close();
  }
}

// `whole`: the text starts where the file does.
function lastSeal(file: string, text: Buffer, whole: boolean): { sealed: Sealed; length: number } {
  // What stands before the first line feed of a text that starts somewhere inside the file is a part of a line.
  let at = whole ? 0 : text.indexOf(10) + 1;
  let chain = whole ? followChain() : undefined;
  let length = at;
  let seals = 0;
  for (let end = text.indexOf(10, at); end >= 0; end = text.indexOf(10, at)) {
    const line = text.toString('utf8', at, end);
    at = end + 1;
    // Records of which the beginning is not here: the seal at their end is where the chain can be followed from.
    if (chain === undefined) {
      const seal = readSeal(line);
      if (seal === undefined) continue;
      chain = followChain(seal);
    } else {
      const followed = chain.next(line);
      if (typeof followed === 'object') break;
      if (!followed) continue;
    }
    seals += 1;
    length = at;
  }
  if (chain === undefined) throw noAudit(file);
  // A file whose very first records are broken, and not its last ones, is some other file.
  if (seals === 0 && text.indexOf(10) >= 0 && !text.toString('latin1', 0, 7).startsWith('{"seq":')) throw noAudit(file);
  return { sealed: seals === 0 ? beginning : chain.sealed(), length };
}

function noAudit(file: string): Error {
  return new Error(`${file}: its end is not an audit as it was written; move the file away, keep it, and find out why`);
}

/** Writes all of it, however many writes the system makes of that. */
export async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
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
