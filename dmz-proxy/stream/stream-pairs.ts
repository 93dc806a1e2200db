// The pairs of domains that one inbound stream carries: one, or more where its peer has piggybacked some by dialback
// (XEP-0220 §2.6; xmpp-boundary B8, S3, S4).
import type { XmlElement } from '../xml/element.ts';
import { readDomain } from './header.ts';

type Pair = { readonly localDomain: string; readonly remoteDomain: string };

export type StreamPairs<T extends Pair> = {
  readonly add: (pair: T) => void;
  readonly all: () => readonly T[];
  /**
   * The pair that judges a stanza: the one of its addresses, or one of its sender's domain, or the first. A stanza that is
   * of none of them is then refused by that one's terms, as any forged or misdirected one is. Undefined: there is no pair.
   */
  readonly of: (element: XmlElement) => T | undefined;
};

/** The number of pairs is bounded by whoever adds them. */
export function createStreamPairs<T extends Pair>(): StreamPairs<T> {
  const pairs: T[] = [];
  return {
    add: (pair) => pairs.push(pair),
    all: () => pairs,
    of(element) {
      const [first] = pairs;
      if (pairs.length < 2) return first;
      const remote = domainOf(element.attributes.from);
      const local = domainOf(element.attributes.to);
      const senders = pairs.filter((each) => each.remoteDomain === remote);
      return senders.find((each) => each.localDomain === local) ?? senders[0] ?? first;
    },
  };
}

// The part between the first `@` and the first `/` behind it, as RFC 7622 §3.1 cuts an address.
function domainOf(address = ''): string | undefined {
  const [bare = ''] = address.split('/', 1);
  const read = readDomain(bare.slice(bare.indexOf('@') + 1));
  return typeof read === 'object' ? read.domain : undefined;
}
