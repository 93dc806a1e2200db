// The interval in which a rate lies with 95 % confidence, from a count (Wilson, 1927).

export type Rate = { readonly hits: number; readonly of: number; readonly low: number; readonly high: number };

const z = 1.959964;

export function rateOf(hits: number, of: number): Rate {
  const share = hits / of;
  const middle = share + (z * z) / (2 * of);
  const reach = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return { hits, of, low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}

/** `2500 of 2500, 99.85 % to 100.00 %`. */
export function printed({ hits, of, low, high }: Rate): string {
  return `${hits} of ${of}, ${(low * 100).toFixed(2)} % to ${(high * 100).toFixed(2)} %`;
}
