// A form: one kind of line that a journey may hold, and what is done when it is met.
// Words in capitals stand for something: ANN for anybody outside, BOB for anybody inside, and so on.
import type { Run } from './run.ts';

export type Slot =
  | 'ANN'
  | 'BOB'
  | 'XML'
  | 'TEXT'
  | 'N'
  | 'DOMAIN'
  | 'CODE'
  | 'TYPE'
  | 'STAGE'
  | 'ADDRESS'
  | 'EVENTS'
  | 'HALF';

/** What stood in the place of a word in capitals; people as their bare addresses. */
export type Words = (slot: Slot, nth?: number) => string;

export type Form = {
  readonly form: string;
  /** It makes something happen; the audit is read from the last such line on. */
  readonly acts?: true;
  /** It does harm that outlives the journey, which therefore needs a pair of its own. */
  readonly harms?: true;
  /** Does it, or throws an Error that says what was seen instead. */
  readonly play: (run: Run, words: Words) => Promise<void> | void;
};
