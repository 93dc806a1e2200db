// What arrived for one user, kept in order and bounded, with a way to wait for the next one.
import type { ReceivedStanza } from './stanza.ts';

export type Wanted = { readonly within?: number; readonly from?: string };

export type Inbox = {
  put(stanza: ReceivedStanza): void;
  /** Takes the oldest stanza not yet taken that fits; rejects after `within` milliseconds (5,000). */
  take(what: string, fits: (stanza: ReceivedStanza) => boolean, wanted: Wanted): Promise<ReceivedStanza>;
  /** All that arrived, taken or not; the newest 10,000. */
  received(): readonly ReceivedStanza[];
};

/** An empty inbox of the user with that address. */
export function openInbox(address: string): Inbox {
  const all: ReceivedStanza[] = [];
  const untaken: ReceivedStanza[] = [];
  const takers = new Set<(stanza: ReceivedStanza) => boolean>();

  return {
    put: (stanza) => {
      all.push(stanza);
      if (all.length > 20_000) all.splice(0, 10_000);
      for (const taker of takers) if (taker(stanza)) return;
      untaken.push(stanza);
      if (untaken.length > 20_000) untaken.splice(0, 10_000);
    },
    received: () => all,
    take: (what, fits, { within = 5_000, from }) => {
      const good = (stanza: ReceivedStanza) =>
        fits(stanza) && (!from || bare(stanza.from) === from || stanza.from === from);
      const index = untaken.findIndex(good);
      const found = untaken[index];
      if (found) {
        untaken.splice(index, 1);
        return Promise.resolve(found);
      }
      return new Promise((resolve, reject) => {
        const taker = (stanza: ReceivedStanza) => {
          if (!good(stanza)) return false;
          clearTimeout(timer);
          takers.delete(taker);
          resolve(stanza);
          return true;
        };
        const timer = setTimeout(() => {
          takers.delete(taker);
          const others = untaken.slice(-3).map(({ raw }) => raw);
          const rest = others.length > 0 ? `; not taken: ${others.join(' ')}` : '';
          reject(new Error(`${address}: no ${what}${from ? ` from ${from}` : ''} within ${within} ms${rest}`));
        }, within);
        takers.add(taker);
      });
    },
  };
}

function bare(address: string): string {
  const slash = address.indexOf('/');
  return slash === -1 ? address : address.slice(0, slash);
}
