// The last refusals, for `sallyport status`: who and why, never what was said.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';

export type RecentRefusal = {
  readonly at: Instant;
  readonly code: string;
  readonly stage: string;
  readonly from: string;
  readonly to: string;
};

const kept = 50;

export function createRecentRefusals(): {
  readonly add: (at: Instant, refusal: Refusal, from: string, to: string) => void;
  readonly all: () => readonly RecentRefusal[];
} {
  const refusals: RecentRefusal[] = [];
  return {
    add(at, refusal, from, to) {
      refusals.push({ at, code: refusal.code, stage: refusal.stage ?? '', from, to });
      if (refusals.length > kept) refusals.shift();
    },
    all: () => refusals,
  };
}
