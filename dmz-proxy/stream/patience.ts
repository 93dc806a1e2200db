// How long we leave a partner alone that was not reached: full jitter, doubling, and less where there is new traffic
// (xmpp-boundary §0.2; RFC 6120 §3.3).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import type { Times } from './times.ts';

export type Patience = {
  /** It was not reached, or left at once. `refused`: one of the two ends said no. */
  readonly failed: (refusal: Refusal, refused: boolean, now: Instant) => void;
  /** It is reached. */
  readonly reached: () => void;
  /** Its stream has lived: the next failure is the first again. */
  readonly lived: () => void;
  /** Traffic that came after the last failure shortens the pause to `retry`; what was waiting already does not. */
  readonly mayDial: (now: Instant, freshTraffic: boolean) => boolean;
  /** What new traffic is told while nobody is dialled: one end has just refused the other. */
  readonly refusal: (now: Instant) => Refusal | undefined;
  readonly failures: () => number;
};

export function createPatience(times: Pick<Times, 'retry' | 'retryRefused' | 'backoffCap'>): Patience {
  let last: { readonly refusal: Refusal; readonly refused: boolean; readonly at: Instant } | undefined;
  let failures = 0;
  let retryAt: Instant = 0;
  return {
    failed(refusal, refused, at) {
      last = { refusal, refused, at };
      failures += 1;
      // Full jitter, so that many who lost the same partner do not come back as one.
      retryAt = at + Math.max(times.retry, Math.random() * Math.min(times.backoffCap, times.retry * 2 ** failures));
    },
    reached() {
      last = undefined;
    },
    lived() {
      failures = 0;
    },
    mayDial: (now, freshTraffic) => now >= (freshTraffic ? (last === undefined ? 0 : last.at + times.retry) : retryAt),
    refusal: (now) => (last?.refused === true && now - last.at < times.retryRefused ? last.refusal : undefined),
    failures: () => failures,
  };
}
