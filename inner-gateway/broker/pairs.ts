// The pairs of people who talk, each with the order of its packets.
import type { Packet } from '@sallyport/shared/packet.ts';
import { createPairMap } from '@sallyport/shared/pair-map.ts';
import type { Pair } from './place.ts';

export type Pairs = {
  /** The pair of a packet; one that is not there yet is made, and stays only once it was added. */
  readonly of: (packet: Packet) => Pair;
  readonly add: (pair: Pair) => void;
  /** Nothing of this pair is without an end any more. */
  readonly idle: () => void;
  readonly all: () => IterableIterator<Pair>;
};

const idleAtFirst = 4_096;

/** Those who talk are going to talk on: a pair without packets stays until there are many of them. */
export function createPairs(): Pairs {
  const pairs = createPairMap<Pair>();
  let atMost = idleAtFirst;

  return {
    of({ from: { bare: from }, to: { bare: to } }) {
      return pairs.get(from, to) ?? { from, to, waiting: [], offered: undefined, unsettled: 0, found: false };
    },
    add(pair) {
      if (pair.found) return;
      pairs.set(pair.from, pair.to, pair);
      pair.found = true;
    },
    idle() {
      if (pairs.size() <= atMost) return;
      for (const pair of pairs.values()) {
        if (pair.unsettled > 0) continue;
        pairs.delete(pair.from, pair.to);
        pair.found = false;
      }
      atMost = 2 * pairs.size() + idleAtFirst;
    },
    all: pairs.values,
  };
}
