// The place of a kept packet in the order of its pair, from its acceptance to its end.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import type { Acceptance, Network } from '../adapters/adapter.ts';
import type { Account } from './bounds.ts';
import type { Story } from './news.ts';

export type Place = {
  packet: Packet;
  readonly origin: Network;
  readonly since: Instant;
  readonly again: boolean;
  readonly story: Story;
  readonly pair: Pair;
  readonly account: Account;
  readonly bytes: number;
  /** It is kept and may be delivered when its turn comes. */
  ready: boolean;
  /** It counts at the bounds no more: its end is on disk, or it was turned away. */
  gone: boolean;
  whenGone: (() => void)[] | undefined;
  /** What its sender is answered; a second packet with the same id gets the same answer. */
  acceptance: Promise<Acceptance> | undefined;
};

export type Pair = {
  readonly from: string;
  readonly to: string;
  readonly waiting: Place[];
  offered: Place | undefined;
  unsettled: number;
  /** It stands among the pairs, and is found again. */
  found: boolean;
};

/** Resolves when the place is gone. */
export function untilGone(place: Place): Promise<void> {
  if (place.gone) return Promise.resolve();
  return new Promise((resolve) => {
    place.whenGone ??= [];
    place.whenGone.push(resolve);
  });
}

/** From now on the place is gone. */
export function goes(place: Place): void {
  place.gone = true;
  if (place.whenGone !== undefined) for (const resolve of place.whenGone) resolve();
}
