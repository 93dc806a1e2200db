// What the SQLite store and its worker thread say to each other.

/** What the worker is started with. */
export type Opening = {
  readonly file: string;
  readonly key: Uint8Array;
  readonly atMostBytes: number;
  readonly rememberEndsMs: number;
};

export type Field = string | number;

/**
 * All that shares a commit. It travels in few and flat values, because each one costs: the keeps in three rows that go
 * together, their lines (`kept-as-line.ts`) in one text with a line break between them; the ends with
 * `fieldsPerEnd` fields each: id, state, code or '', and how many of the keeps were asked before it.
 */
export type Writes = {
  readonly ids: readonly string[];
  readonly keptAts: readonly number[];
  readonly lines: string;
  readonly ends: readonly Field[];
  readonly bounces: readonly BounceWrite[];
};
export const fieldsPerEnd = 4;

/** Kept only if the end with the number `ofEnd` takes effect. */
export type BounceWrite = {
  readonly ofEnd: number;
  readonly id: string;
  readonly keptAt: number;
  readonly line: string;
};

export type Request =
  | { readonly kind: 'write'; readonly number: number; readonly now: number; readonly writes: Writes }
  | { readonly kind: 'unsettled' | 'counts' | 'close'; readonly number: number }
  | { readonly kind: 'tidy'; readonly number: number; readonly now: number }
  | { readonly kind: 'look-up'; readonly number: number; readonly now: number; readonly id: string };

export type Answer =
  /** `untidy`: why texts of ended packets could not be erased. */
  | { readonly kind: 'opened'; readonly untidy: string | undefined }
  | { readonly kind: 'not-opened'; readonly line: string }
  | { readonly kind: 'written'; readonly number: number; readonly result: Written }
  | { readonly kind: 'read'; readonly number: number; readonly rows: readonly Row[] }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string };

/** `known`: the places, among the keeps, of those that were known already. */
export type Written = {
  readonly known: readonly number[];
  readonly keepsFailed: string | undefined;
  readonly endsFailed: string | undefined;
};

export type Row = Readonly<Record<string, string | number | null>>;
