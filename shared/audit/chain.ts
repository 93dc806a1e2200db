// The chain of the audit's records: lines that a seal closes, and seals that follow from each other.
import { createHash, hash } from 'node:crypto';
import { z } from 'zod';

/** A seal that holds: the number of its record, and its hash in hex. */
export type Sealed = { readonly seq: number; readonly hash: string };

export type Fault = { readonly seq: number; readonly why: string };

export type Chain = {
  /** Takes the next line. Says whether it was a seal that holds, or from which record on what is wrong. */
  readonly next: (text: string) => boolean | Fault;
  readonly sealed: () => Sealed;
  /** Records behind the last seal. */
  readonly open: () => number;
};

/** The `prev` of the first seal of all. */
export const beginning: Sealed = { seq: 0, hash: '0'.repeat(64) };

/** The writer seals at the latest when so many characters lie open; a record has less than that again. */
export const sealedAtMost = 131_072;
const openAtMost = 4 * sealedAtMost;

const sealPattern = /^(\{.*,"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/s;
const recordSchema = z.object({ seq: z.int().min(1) });

/** The hash of a seal: over the seal before and all text since, the sealing record without its hash. */
export function sealOf(prev: string, text: string): string {
  return hash('sha256', prev + text);
}

/** The same over bytes that are written already. */
export function sealOfBytes(prev: string, bytes: Uint8Array): string {
  return createHash('sha256').update(prev).update(bytes).digest('hex');
}

/**
 * Follows a chain line by line, from a seal that is known. Without one it begins at whatever record comes first, and
 * takes that one's number and the `prev` of its seal for good: what stood before is not here to compare with.
 */
export function followChain(start?: Sealed): Chain {
  let sealed = start;
  let previous = start?.hash;
  let open = '';
  let count = 0;
  return {
    sealed: () => sealed ?? beginning,
    open: () => count,
    next(text) {
      const found = seqOf(text);
      sealed ??= { seq: (found ?? 1) - 1, hash: '' };
      const seq = sealed.seq + count + 1;
      if (found === undefined) return { seq, why: 'this is not a record as it was written' };
      if (found !== seq) return { seq, why: `after record ${seq - 1} stands one with number ${found}` };
      count += 1;
      const first = sealed.seq + 1;
      const [, content, prev, claimed] = sealPattern.exec(text) ?? [];
      if (content === undefined || claimed === undefined || prev === undefined) {
        open += `${text}\n`;
        return open.length > openAtMost ? { seq: first, why: 'the records from here on have no seal' } : false;
      }
      if (prev !== (previous ?? prev)) return { seq: first, why: 'the records do not follow the ones before them' };
      const records = count === 1 ? `record ${seq}` : `one of the records ${first} to ${seq}`;
      if (sealOf(prev, `${open}${content}}`) !== claimed)
        return { seq: first, why: `${records} is not as it was written` };
      sealed = { seq, hash: claimed };
      previous = claimed;
      open = '';
      count = 0;
      return true;
    },
  };
}

/** What a line says as a seal, without a check; undefined where it is none. */
export function readSeal(text: string): Sealed | undefined {
  const seq = seqOf(text);
  const claimed = sealPattern.exec(text)?.[3];
  return seq === undefined || claimed === undefined ? undefined : { seq, hash: claimed };
}

/** The number of the record that a line holds; undefined where it is no record. */
export function seqOf(text: string): number | undefined {
  try {
    const record = recordSchema.safeParse(JSON.parse(text));
    return record.success ? record.data.seq : undefined;
  } catch {
    return undefined;
  }
}
