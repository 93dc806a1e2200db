// How much white space may stand between first-level elements (RFC 6120 §11.7, xmpp-boundary P11): enough for
// keepalives and for a line break behind each element, too little to keep us busy.
import type { Instant } from '@sallyport/shared/clock.ts';

export type SpaceAllowance = {
  /** An element has ended: a little white space behind it is free. */
  readonly elementEnded: () => void;
  /** Takes so many bytes; false when it was too much. */
  readonly take: (bytes: number, now: Instant) => boolean;
};

const atMost = 1024;
const windowMs = 60_000;
const freeBehindElement = 16;

export function createSpaceAllowance(): SpaceAllowance {
  let since: Instant = Number.NEGATIVE_INFINITY;
  let taken = 0;
  let free = 0;

  return {
    elementEnded() {
      free = freeBehindElement;
    },
    take(bytes, now) {
      const given = Math.min(free, bytes);
      free -= given;
      if (now - since >= windowMs) {
        since = now;
        taken = 0;
      }
      taken += bytes - given;
      return taken <= atMost;
    },
  };
}
