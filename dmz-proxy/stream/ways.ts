// The streams that may carry our stanzas of one pair of domains, and which of them does: one at a time, so that their order
// is kept (architecture §4.1 point 5; XEP-0288).
import type { Channel } from './channel.ts';
import type { Mutable, StreamFacts } from './facts.ts';
import type { OutboundWriter } from './outbound-writer.ts';
import type { StreamLimits } from './stream-limits.ts';

/** A live stream, whoever dialled it. */
export type Way = {
  readonly writer: OutboundWriter;
  /** The largest stanza that the partner takes on it, where it says so (XEP-0478). */
  readonly maxBytes: number | undefined;
};

/** A live stream of the partner that carries our stanzas as well (XEP-0288). */
export type PartnersStream = {
  readonly channel: Channel;
  readonly facts: Mutable<StreamFacts>;
  readonly limits: Partial<StreamLimits>;
};

/** Our stanzas on it, for the one who reads and ends it. */
export type Carried = Pick<OutboundWriter, 'hear' | 'manage' | 'check' | 'unsettled'> & {
  /** Nothing more is written; `confirming` resolves when what was written is confirmed, or need not be. */
  readonly retire: (confirming: Promise<void>) => void;
  /** It has ended; what is not settled is lost behind its write. */
  readonly over: () => void;
};

export type Ways = {
  /** The one that carries now. */
  readonly live: () => Way | undefined;
  /** Whether there is one that carries, or will as soon as what the last one wrote is confirmed. */
  readonly any: () => boolean;
  readonly all: () => Iterable<Way>;
  readonly join: (way: Way) => void;
  /** It carries nothing more. The next one takes over when `confirming` resolves. */
  readonly retire: (way: Way, confirming: Promise<void>) => void;
  /** It has ended: what is not settled is lost behind its write. */
  readonly part: (way: Way) => void;
};

/** `changed` is called when another one carries, or none does any more. Bounded by the streams that a pair may have. */
export function createWays(changed: () => void): Ways {
  // In the order of their coming; false: retired.
  const ways = new Map<Way, boolean>();
  let live: Way | undefined;
  // INVARIANT: no stanza overtakes another: the next way is taken when all that the last one wrote is confirmed, or lost.
  let confirming = 0;

  function choose(): void {
    if (live !== undefined || confirming > 0) return;
    for (const [way, usable] of ways) {
      if (!usable) continue;
      live = way;
      break;
    }
    changed();
  }

  return {
    live: () => live,
    any: () => [...ways.values()].includes(true),
    all: () => ways.keys(),
    join(way) {
      ways.set(way, true);
      choose();
    },
    retire(way, confirmed) {
      if (ways.get(way) !== true) return;
      ways.set(way, false);
      if (live !== way) return;
      live = undefined;
      confirming += 1;
      void confirmed.finally(() => {
        confirming -= 1;
        choose();
      });
    },
    part(way) {
      if (!ways.delete(way)) return;
      if (live === way) live = undefined;
      way.writer.lost();
      choose();
    },
  };
}
