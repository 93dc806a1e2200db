// How often content rules have refused something of each internal user lately. Bounded: beyond it the one of whom
// nothing was refused for longest is forgotten, and begins anew.
import type { Instant } from '@sallyport/shared/clock.ts';
import { charged, excessMs, type Pace } from '@sallyport/shared/rate.ts';
import type { Probing } from '../stages/situation.ts';

export type RememberedProbing = Probing & {
  /** Counts a refusal; true when it was the last one that is allowed. */
  readonly count: (user: string, now: Instant, pace: Pace) => boolean;
};

const usersAtMost = 10_000;

export function createProbing(): RememberedProbing {
  const dues = new Map<string, Instant>();
  const isFull: Probing['isFull'] = (user, now, pace) => {
    const due = dues.get(user) ?? 0;
    return due > now && excessMs(charged(due, now, 1, pace), now, pace) > 0;
  };
  return {
    isFull,
    count(user, now, pace) {
      const wasFull = isFull(user, now, pace);
      const due = charged(dues.get(user) ?? 0, now, 1, pace);
      dues.delete(user);
      dues.set(user, due);
      for (const oldest of dues.keys()) {
        if (dues.size <= usersAtMost) break;
        dues.delete(oldest);
      }
      return !wasFull && isFull(user, now, pace);
    },
  };
}
