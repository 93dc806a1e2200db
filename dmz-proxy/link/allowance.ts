// How much may be under way towards the inside: beyond that a stream is not read on, so that the back-pressure
// reaches the partner's socket (architecture §4.1 point 5, invariant I10).

export type AllowanceLimits = {
  /** Packets and bytes of all partners together. One partner may have a quarter of each. */
  readonly packets: number;
  readonly bytes: number;
  /** Packets of one (from, to). */
  readonly perPair: number;
};

export type Allowance = {
  /** Counts a packet in. Resolves at once, or, when there is too much, when its stream may be read on. */
  readonly enter: (partner: string, pair: string, bytes: number) => Promise<void> | undefined;
  /** Counts it out; exactly once for each `enter`. */
  readonly leave: (partner: string, pair: string, bytes: number) => void;
};

type Account = { packets: number; bytes: number; waiting: { readonly pair: string; readonly go: () => void }[] };

/** An allowance in which nothing is under way. What waits is bounded by the streams: each waits for one packet. */
export function createAllowance(limits: AllowanceLimits): Allowance {
  const accounts = new Map<string, Account>();
  const pairs = new Map<string, number>();
  let packets = 0;
  let bytes = 0;

  function tooMuch(account: Account, pair: string): boolean {
    return (
      packets > limits.packets ||
      bytes > limits.bytes ||
      account.packets > limits.packets / 4 ||
      account.bytes > limits.bytes / 4 ||
      (pairs.get(pair) ?? 0) >= limits.perPair
    );
  }

  function release(account: Account): void {
    if (account.waiting.length === 0) return;
    const still = account.waiting.filter((each) => {
      if (tooMuch(account, each.pair)) return true;
      each.go();
      return false;
    });
    account.waiting = still;
  }

  return {
    enter(partner, pair, size) {
      let account = accounts.get(partner);
      if (account === undefined) {
        account = { packets: 0, bytes: 0, waiting: [] };
        accounts.set(partner, account);
      }
      account.packets++;
      account.bytes += size;
      packets++;
      bytes += size;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      if (!tooMuch(account, pair)) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      account.waiting.push({ pair, go: resolve });
      return promise;
    },
    leave(partner, pair, size) {
      const account = accounts.get(partner);
      if (account === undefined) return;
      const wasFull = packets > limits.packets || bytes > limits.bytes;
      account.packets--;
      account.bytes -= size;
      packets--;
      bytes -= size;
      const left = (pairs.get(pair) ?? 1) - 1;
      if (left <= 0) pairs.delete(pair);
      else pairs.set(pair, left);
      if (wasFull) for (const each of accounts.values()) release(each);
      else release(account);
      if (account.packets === 0 && account.waiting.length === 0) accounts.delete(partner);
    },
  };
}
