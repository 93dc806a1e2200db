// How long to wait before the next attempt: exponential, capped, with full jitter, so that many do not come at once.

/**
 * Milliseconds to wait after the failed attempt number `attempt`, which counts from 0: evenly chosen between 0 and
 * `firstMs` doubled `attempt` times, `capMs` at most. `random` takes the place of Math.random in tests.
 */
export function backoff(
  attempt: number,
  options: { readonly firstMs: number; readonly capMs: number; readonly random?: () => number },
): number {
  const ceiling = Math.min(options.capMs, options.firstMs * 2 ** Math.min(Math.max(attempt, 0), 40));
  return Math.round((options.random ?? Math.random)() * ceiling);
}
