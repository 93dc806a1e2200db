// Rates as instants (the virtual scheduling of ITU-T I.371, GCRA): one number is all the state of a limit, so that a
// table of many thousand limits costs no more than that many numbers, and nothing has a timer.
import type { Instant } from './clock.ts';

/** `burst` at once, and then one each `everyMs`. */
export type Pace = {
  readonly everyMs: number;
  /** What a whole burst takes to be paid back. */
  readonly burstMs: number;
};

/** So many a second, and a burst of so many at once; both above 0. */
export function paceOf(perSecond: number, burst: number): Pace {
  return { everyMs: 1000 / perSecond, burstMs: (burst * 1000) / perSecond };
}

/**
 * When all that was taken is paid back, once `amount` more is taken now; `due` is what this said the last time, or 0.
 * Whoever keeps the answer has taken it; whoever forgets it has only asked. More than a burst counts as a burst, so that
 * nothing large waits for ever. A debt is never more than three bursts, whatever a clock that goes back makes of it.
 */
export function charged(due: Instant, now: Instant, amount: number, { everyMs, burstMs }: Pace): Instant {
  const cost = Math.min(amount * everyMs, burstMs);
  return due <= now ? now + cost : Math.min(due, now + 2 * burstMs) + cost;
}

/** By how many milliseconds what is `due` is beyond the agreed burst; 0: within. Waiting so long makes it good. */
export function excessMs(due: Instant, now: Instant, { burstMs }: Pace): number {
  const excess = due - now - burstMs;
  // What a double loses at the size of an instant is forgiven.
  return excess > 0.001 ? excess : 0;
}
