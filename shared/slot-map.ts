// A Map for entries that come by the thousand and stay a moment: what it holds is no burden to the garbage collector.

export type SlotMap<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly has: (key: K) => boolean;
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => boolean;
  /** In the order in which their keys were first set. */
  readonly values: () => IterableIterator<V>;
  readonly clear: () => void;
  readonly size: () => number;
};

/**
 * An empty one. Where entries come and go, the engine copies the table of a Map each time as many have come as it has
 * room for, and the table that it leaves, old and dead, keeps all that stood in it alive until the next full collection:
 * with 500 messages under way nearly each of them was copied to the old generation with all that hangs on it. Here the
 * table holds numbers, and the values stand in an array that stays. It never shrinks: whoever fills it has a bound.
 */
export function createSlotMap<K, V>(): SlotMap<K, V> {
  const places = new Map<K, number>();
  const values: (V | undefined)[] = [];
  const free: number[] = [];

  function* all(): IterableIterator<V> {
    for (const place of places.values()) {
      const value = values[place];
      if (value !== undefined) yield value;
    }
  }

  return {
    get(key) {
      const place = places.get(key);
      return place === undefined ? undefined : values[place];
    },
    has: (key) => places.has(key),
    set(key, value) {
      const known = places.get(key);
      if (known !== undefined) {
        values[known] = value;
        return;
      }
      const place = free.pop() ?? values.length;
      values[place] = value;
      places.set(key, place);
    },
    delete(key) {
      const place = places.get(key);
      if (place === undefined) return false;
      places.delete(key);
      values[place] = undefined;
      free.push(place);
      return true;
    },
    values: all,
    clear() {
      places.clear();
      values.length = 0;
      free.length = 0;
    },
    size: () => places.size,
  };
}
