// How much of the quarantine is used, and by whom: counted in memory, so that a flood costs no look at the file.
import type { FullOf, HeldItem } from './quarantine.ts';
import type { Bounds } from './quarantine-messages.ts';

type Owner = Pick<HeldItem, 'direction' | 'from'> & { readonly senderDomain: string };
type Used = { items: number; bytes: number };

export type Usage = {
  /** The bound that one more of this size would break; undefined where there is room. */
  readonly fullOf: (owner: Owner, bytes: number) => FullOf | undefined;
  readonly add: (owner: Owner, bytes: number) => void;
  readonly remove: (owner: Owner, bytes: number) => void;
  readonly all: () => Readonly<Used>;
};

/** Neither direction takes the other's half, no partner more than the half of what may come in; so much for a sender. */
export function createUsage(bounds: Bounds): Usage {
  const accounts = new Map<string, Used>();
  const none: Used = { items: 0, bytes: 0 };
  const total = 'all';

  const used = (key: string) => accounts.get(key) ?? none;

  function change(key: string, items: number, bytes: number): void {
    const before = used(key);
    const after = { items: before.items + items, bytes: before.bytes + bytes };
    if (after.items <= 0) accounts.delete(key);
    else accounts.set(key, after);
  }

  function isOver(key: string, bytes: number, parts: number): boolean {
    const { items, bytes: taken } = used(key);
    return items + 1 > Math.max(1, Math.floor(bounds.items / parts)) || taken + bytes > bounds.bytes / parts;
  }

  return {
    fullOf(owner, bytes) {
      const [direction, partner, sender] = keysOf(owner);
      if (used(sender).items + 1 > bounds.itemsOfSender) return 'sender';
      if (owner.direction === 'inward' && isOver(partner, bytes, 4)) return 'partner';
      if (isOver(direction, bytes, 2)) return 'direction';
      if (used(total).items + 1 > bounds.items) return 'items';
      return used(total).bytes + bytes > bounds.bytes ? 'bytes' : undefined;
    },
    add(owner, bytes) {
      for (const key of [total, ...keysOf(owner)]) change(key, 1, bytes);
    },
    remove(owner, bytes) {
      for (const key of [total, ...keysOf(owner)]) change(key, -1, -bytes);
    },
    all: () => used(total),
  };
}

// A space stands in no address.
function keysOf({ direction, from, senderDomain }: Owner): readonly [string, string, string] {
  return [direction, `${direction} ${senderDomain}`, `${direction} ${senderDomain} ${from}`];
}
