// Time as the product counts it: milliseconds of Unix time, from a clock that tests may replace.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export type Clock = { readonly now: () => Instant };

export const systemClock: Clock = { now: () => Date.now() };
