// A Map by two texts, such as the addresses of two people: asked for each message, without a key that is put together.

export type PairMap<V> = {
  readonly get: (first: string, second: string) => V | undefined;
  readonly set: (first: string, second: string, value: V) => void;
  readonly delete: (first: string, second: string) => void;
  /** In no order that means anything. */
  readonly values: () => IterableIterator<V>;
  readonly size: () => number;
};

/**
 * An empty one. A key of both texts would be made, copied and hashed at each look-up; the texts themselves are mostly
 * the same objects each time (jid.ts), whose hash is known.
 */
export function createPairMap<V>(): PairMap<V> {
  const byFirst = new Map<string, Map<string, V>>();
  let size = 0;

  function* values(): IterableIterator<V> {
    for (const bySecond of byFirst.values()) yield* bySecond.values();
  }

  return {
    get: (first, second) => byFirst.get(first)?.get(second),
    set(first, second, value) {
      let bySecond = byFirst.get(first);
      if (bySecond === undefined) {
        bySecond = new Map();
        byFirst.set(first, bySecond);
      }
      size -= bySecond.size;
      bySecond.set(second, value);
      size += bySecond.size;
    },
    delete(first, second) {
      const bySecond = byFirst.get(first);
      if (bySecond?.delete(second) !== true) return;
      size -= 1;
      if (bySecond.size === 0) byFirst.delete(first);
    },
    values,
    size: () => size,
  };
}
