// The metrics of one process (Prometheus). Labels are closed words, never an address and never content (I6).
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'sallyport_process_' });

/** A counter; `labels` are the names of its labels. */
export function counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
  return new Counter({ name: `sallyport_${name}`, help, labelNames: [...labels], registers: [registry] });
}

/**
 * A counter with one label, whose `words` are known beforehand, for what every message makes more of: it counts in a
 * number of its own, and hands that over when the metrics are read.
 */
export function tally<W extends string>(
  name: string,
  help: string,
  label: string,
  words: readonly W[],
): (word: W) => void {
  const counted = new Map<string, number>(words.map((word) => [word, 0]));
  new Counter({
    ...{ name: `sallyport_${name}`, help, labelNames: [label], registers: [registry] },
    collect(this: Counter<string>) {
      for (const [word, count] of counted) {
        if (count > 0) this.inc({ [label]: word }, count);
        counted.set(word, 0);
      }
    },
  });
  return (word) => {
    counted.set(word, (counted.get(word) ?? 0) + 1);
  };
}

/** A gauge, set by hand or read at each scrape by `collect`. */
export function gauge<L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  collect?: (gauge: Gauge<L>) => void,
): Gauge<L> {
  return new Gauge({
    name: `sallyport_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
    ...(collect === undefined
      ? {}
      : {
          collect(this: Gauge<L>) {
            collect(this);
          },
        }),
  });
}

/** A histogram of seconds. */
export function histogram(name: string, help: string, buckets: readonly number[]): Histogram {
  return new Histogram({ name: `sallyport_${name}`, help, buckets: [...buckets], registers: [registry] });
}

/** All of it, in the text format that Prometheus scrapes. */
export function metricsText(): Promise<string> {
  return registry.metrics();
}

export const metricsContentType = registry.contentType;
