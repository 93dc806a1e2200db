// What became of the connections that came in, remembered for the doctor: who, whence, and why not; never content (I6, I10).
import type { Instant } from '@sallyport/shared/clock.ts';

export type Attempt = {
  readonly at: Instant;
  readonly address: string;
  /** Which of our domains it asked for; empty where it asked for none of them. */
  readonly localDomain: string;
  /** It was let in. */
  readonly joined: boolean;
  /** How it ended, in words for an operator. */
  readonly note: string;
  /** How often the same happened in a row. */
  readonly times: number;
};

export type Attempts = {
  /** `remoteDomain` is what the connection claimed to be; nobody proved it where it was not let in. */
  readonly add: (remoteDomain: string, attempt: Omit<Attempt, 'times'>) => void;
  /** Oldest first. */
  readonly of: (remoteDomain: string) => readonly Attempt[];
};

const perDomain = 8;
const strangersAtMost = 200;

/**
 * The last 8 attempts of each partner, and of the last 200 strangers; an attempt that is like the one before counts
 * up. `isPartner` decides who is which, so that no flood of invented names drives out what partners did.
 */
export function createAttempts(isPartner: (domain: string) => boolean): Attempts {
  const partners = new Map<string, Attempt[]>();
  const strangers = new Map<string, Attempt[]>();

  return {
    add(remoteDomain, attempt) {
      const known = isPartner(remoteDomain);
      const map = known ? partners : strangers;
      const list = map.get(remoteDomain) ?? [];
      const last = list.at(-1);
      if (last !== undefined && isAlike(last, attempt)) list[list.length - 1] = { ...attempt, times: last.times + 1 };
      else list.push({ ...attempt, times: 1 });
      if (list.length > perDomain) list.shift();
      map.delete(remoteDomain);
      map.set(remoteDomain, list);
      if (known) dropWhere(partners, (domain) => !isPartner(domain));
      else dropOldest(strangers, strangersAtMost);
    },
    of: (remoteDomain) => partners.get(remoteDomain) ?? strangers.get(remoteDomain) ?? [],
  };
}

function isAlike(a: Omit<Attempt, 'times'>, b: Omit<Attempt, 'times'>): boolean {
  return a.address === b.address && a.localDomain === b.localDomain && a.joined === b.joined && a.note === b.note;
}

function dropOldest(map: Map<string, unknown>, atMost: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= atMost) return;
    map.delete(oldest);
  }
}

// Who is no partner any more stands at the front sooner or later: what is added goes to the end.
function dropWhere(map: Map<string, unknown>, isGone: (domain: string) => boolean): void {
  for (const domain of map.keys()) {
    if (!isGone(domain)) return;
    map.delete(domain);
  }
}
