// A second look at the certificate that a live SIP connection was opened with: when whom we believe has changed, when it
// runs out, and once a day (invariant I9).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { faultNow, type Recognised } from './peer-group.ts';

export type SecondLook = {
  /** Once a second. `end` hears why the connection must end. */
  readonly check: (now: Instant, end: (why: string) => void) => void;
};

const dailyMs = 86_400_000;

/** `who` is what the connection has proved when it was opened. */
export function createSecondLook(who: Extract<Recognised, { known: true }>, clock: Clock): SecondLook {
  let { trust } = who;
  let nextAt = Math.min(clock.now() + dailyMs, who.notAfter);
  return {
    check(now, end) {
      const current = who.group.trust();
      if (current === trust && now < nextAt) return;
      trust = current;
      nextAt = now + dailyMs;
      void faultNow(who, now).then((fault) => {
        if (fault !== undefined) end(`its certificate is ${fault}`);
        else nextAt = Math.min(nextAt, Math.max(who.notAfter, now + 1));
      });
    },
  };
}
