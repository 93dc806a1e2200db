// Checks a whole audit, all its files in their order: seals, numbers, signed checkpoints, and what a witness saw.
import { z } from 'zod';
import { beginning, followChain, seqOf } from './chain.ts';
import { linesOf, segmentsOf } from './segments.ts';
import type { Checker } from './signing.ts';

export type AuditVerdict =
  | {
      readonly ok: true;
      /** The numbers of the first and the last record that are here; what stood before the first is not. */
      readonly first: number;
      readonly last: number;
      readonly files: number;
      /** Signed checkpoints; `signedUpTo` is the last record that one of them covers. */
      readonly checkpoints: number;
      readonly signedUpTo: number;
      /** How many heads the witness has seen. */
      readonly witnessed: number;
    }
  | { readonly ok: false; readonly file: string; readonly record: number; readonly why: string };

/** What another node has written down of this audit: numbers of records and the seals they held. */
export type Witnessed = ReadonlyMap<number, string>;

// A checkpoint names a seal that stands a few batches before it.
const sealsKept = 1_000;
const checkpointSchema = z.object({
  event: z.literal('checkpoint'),
  node: z.string(),
  of: z.int(),
  head: z.string(),
  key: z.string(),
  signature: z.string(),
});

/**
 * Checks every record as it was written, none missing, none added in between, none moved. That the end was cut off shows
 * only by a witness (`witnessed`), or by a checkpoint that was kept elsewhere; that the beginning is gone shows in `first`.
 */
export async function verifyAudit(
  file: string,
  { checker, witnessed }: { readonly checker?: Checker; readonly witnessed?: Witnessed } = {},
): Promise<AuditVerdict> {
  const files = await segmentsOf(file);
  let first = 0;
  let checkpoints = 0;
  let signedUpTo = 0;
  let seen = 0;
  let chain: ReturnType<typeof followChain> | undefined;
  const seals = new Map<number, string>();
  for (const segment of files) {
    const wrong = (record: number, why: string) => ({ ok: false, file: segment, record, why }) as const;
    for await (const text of linesOf(segment)) {
      if (chain === undefined) {
        first = seqOf(text) ?? 1;
        chain = followChain(first === 1 ? beginning : undefined);
      }
      const followed = chain.next(text);
      if (typeof followed === 'object') return wrong(followed.seq, followed.why);
      if (followed) {
        const { seq, hash } = chain.sealed();
        seals.set(seq, hash);
        if (seals.size > sealsKept) seals.delete(seals.keys().next().value ?? 0);
        const claimed = witnessed?.get(seq);
        if (claimed !== undefined && claimed !== hash) return wrong(seq, 'the witness saw another seal here');
        if (claimed !== undefined) seen += 1;
      }
      if (!text.includes('"event":"checkpoint"')) continue;
      const point = checkpointSchema.safeParse(JSON.parse(text));
      if (!point.success) continue;
      const { of, head, node, signature, key } = point.data;
      if (seals.get(of) !== head && of >= first) return wrong(of, 'a checkpoint names another seal here');
      if (checker === undefined || checker.key !== key) continue;
      if (!checker.holds(node, { seq: of, hash: head }, signature))
        return wrong(of, 'the signature of a checkpoint is wrong');
      checkpoints += 1;
      signedUpTo = of;
    }
  }
  const last = chain?.sealed().seq ?? 0;
  const end = files.at(-1) ?? file;
  if ((chain?.open() ?? 0) > 0)
    return { ok: false, file: end, record: last + 1, why: 'the records from here on have no seal' };
  const missing = [...(witnessed?.keys() ?? [])].find((seq) => seq > last);
  if (missing !== undefined)
    return { ok: false, file: end, record: last + 1, why: `the end was cut off: the witness saw record ${missing}` };
  return { ok: true, first, last, files: files.length, checkpoints, signedUpTo, witnessed: seen };
}
