// A stanza on its way out, and who is told what becomes of it (architecture §4.1 point 2).
import type { Refusal } from '@sallyport/shared/refusals.ts';

/** One stanza on its way to a partner. `written` is called at most once, `settled` exactly once, in this order. */
export type Shipment = {
  readonly xml: string;
  readonly localDomain: string;
  readonly remoteDomain: string;
  /** A live, authenticated stream has it. */
  readonly written: () => void;
  /** Undefined: it was delivered. */
  readonly settled: (refusal: Refusal | undefined) => void;
  /** False: refused at once where there is no live stream. True unless told. */
  readonly mayWait?: boolean;
};
