// What the SQLite store and its worker thread say to each other.

/** What the worker is started with. */
export type Opening = {
  readonly file: string;
  readonly key: Uint8Array;
  readonly atMostBytes: number;
  readonly rememberEndsMs: number;
};

/**
 * Writes travel flat, five fields each, since an array of strings costs a fifth of an array of objects to hand over:
 *   keep   id origin keptAt text       bounce id origin keptAt text  (kept only if the settle before it took effect)
 *   settle id state  at     code
 */
export type Field = string | number;
export const fieldsPerWrite = 5;

export type Request =
  | { readonly kind: 'write'; readonly number: number; readonly now: number; readonly writes: readonly Field[] }
  | { readonly kind: 'unsettled' | 'counts' | 'close'; readonly number: number }
  | { readonly kind: 'look-up'; readonly number: number; readonly now: number; readonly id: string };

export type Answer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly line: string }
  | { readonly kind: 'written'; readonly number: number; readonly result: Written }
  | { readonly kind: 'read'; readonly number: number; readonly rows: readonly Row[] }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string };

/** `known`: the places, among the writes, of the keeps that were known already. */
export type Written = {
  readonly known: readonly number[];
  readonly keepsFailed: string | undefined;
  readonly settlesFailed: string | undefined;
};

export type Row = Readonly<Record<string, string | number | null>>;
