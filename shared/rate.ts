// Rates as a token bucket (RFC 2697 without colours): so much a second, and a burst on top.
import type { Instant } from './clock.ts';

export type Bucket = {
  /** Takes `amount` now, or takes nothing and says false. */
  readonly take: (amount: number, now: Instant) => boolean;
  /** Milliseconds until `take(amount)` says true, if nobody else takes anything; 0: now. */
  readonly waitMs: (amount: number, now: Instant) => number;
};

/**
 * A bucket that holds `burst` at most, starts full and fills by `ratePerSecond`. Whoever asks for more than a full
 * bucket holds gets it when the bucket is full, and the next one waits longer, so that nothing waits for ever.
 * A clock that goes back adds nothing. It has no timer: it counts when it is asked.
 */
export function createBucket(ratePerSecond: number, burst: number): Bucket {
  let level = burst;
  let filledAt: Instant | undefined;

  function fill(now: Instant): void {
    if (filledAt !== undefined && now > filledAt) {
      level = Math.min(burst, level + ((now - filledAt) / 1000) * ratePerSecond);
    }
    filledAt = now;
  }

  return {
    take(amount, now) {
      fill(now);
      // A millionth is forgiven, so that rounding does not make anybody wait a millisecond more than was said.
      if (level + 1e-6 < Math.min(amount, burst)) return false;
      level -= amount;
      return true;
    },
    waitMs(amount, now) {
      fill(now);
      const missing = Math.min(amount, burst) - level;
      return missing <= 1e-6 ? 0 : Math.ceil((missing / ratePerSecond) * 1000);
    },
  };
}
