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
  readonly enter: (partner: string, from: string, to: string, bytes: number) => Promise<void> | undefined;
  /** Counts it out; exactly once for each `enter`. */
  readonly leave: (partner: string, from: string, to: string, bytes: number) => void;
};

// A pair that has nothing under way keeps its place for its next packet; beyond so many, those places are cleared.
const pairsRemembered = 2_048;

type Pair = { packets: number };
type Account = { packets: number; bytes: number; waiting: { readonly pair: Pair; readonly go: () => void }[] };

/** An allowance in which nothing is under way. What waits is bounded by the streams: each waits for one packet. */
export function createAllowance(limits: AllowanceLimits): Allowance {
  const accounts = new Map<string, Account>();
  // By sender, then by recipient: both are texts that were looked up before, and are not put together for this.
  const pairs = new Map<string, Map<string, Pair>>();
  let pairsKnown = 0;
  let clearedAt = pairsRemembered;
  let packets = 0;
  let bytes = 0;

  function isFull(account: Account): boolean {
    return (
      packets > limits.packets ||
      bytes > limits.bytes ||
      account.packets > limits.packets / 4 ||
      account.bytes > limits.bytes / 4
    );
  }

  function tooMuch(account: Account, pair: Pair): boolean {
    return pair.packets >= limits.perPair || isFull(account);
  }

  function meet(from: string, to: string): Pair {
    if (pairsKnown >= clearedAt) clear();
    const fresh = { packets: 0 };
    const ofSender = pairs.get(from);
    if (ofSender === undefined) pairs.set(from, new Map([[to, fresh]]));
    else ofSender.set(to, fresh);
    pairsKnown++;
    return fresh;
  }

  function clear(): void {
    for (const [from, ofSender] of pairs) {
      for (const [to, { packets }] of ofSender) if (packets === 0 && ofSender.delete(to)) pairsKnown--;
      if (ofSender.size === 0) pairs.delete(from);
    }
    clearedAt = Math.max(pairsRemembered, 2 * pairsKnown);
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
    enter(partner, from, to, size) {
      let account = accounts.get(partner);
      if (account === undefined) {
        account = { packets: 0, bytes: 0, waiting: [] };
        accounts.set(partner, account);
      }
      account.packets++;
      account.bytes += size;
      packets++;
      bytes += size;
      const pair = pairs.get(from)?.get(to) ?? meet(from, to);
      pair.packets++;
      if (!tooMuch(account, pair)) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      account.waiting.push({ pair, go: resolve });
      return promise;
    },
    leave(partner, from, to, size) {
      const account = accounts.get(partner);
      if (account === undefined) return;
      const wasFull = packets > limits.packets || bytes > limits.bytes;
      account.packets--;
      account.bytes -= size;
      packets--;
      bytes -= size;
      const pair = pairs.get(from)?.get(to);
      if (pair !== undefined) pair.packets--;
      if (wasFull) for (const each of accounts.values()) release(each);
      else release(account);
      if (account.packets === 0 && account.waiting.length === 0) accounts.delete(partner);
    },
  };
}
