// Numbers that look random and are the same in each run, so that the corpus is one and the same everywhere.

export type Random = {
  readonly below: (limit: number) => number;
  readonly of: <T>(all: readonly T[]) => T;
};

/** Mulberry32 of a seed. */
export function random(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, of: (all) => all[below(all.length)]! };
}
