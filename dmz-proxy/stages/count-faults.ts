// How often one stream may break the rules before it ends (xmpp-boundary S4, S5, L7; architecture §11).
import type { RefusalCode, StreamCondition } from '@sallyport/shared/refusals.ts';
import type { Faults } from '../situation.ts';

type Patience = { readonly times: number; readonly end: StreamCondition };

// A refusal that only says that two may not talk counts for nothing: an honest partner meets it every day.
const patience: Partial<Record<RefusalCode, Patience>> = {
  'sender-malformed': { times: 3, end: 'improper-addressing' },
  'jid-malformed': { times: 10, end: 'improper-addressing' },
  'stanza-malformed': { times: 10, end: 'policy-violation' },
  'domain-not-ours': { times: 10, end: 'policy-violation' },
  'rate-exceeded': { times: 1000, end: 'policy-violation' },
};

/** Makes the count of one stream; it holds one number a code. */
export function createFaults(): Faults {
  const counts = new Map<RefusalCode, number>();
  return {
    count(code) {
      const limit = patience[code];
      if (limit === undefined) return undefined;
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      return count > limit.times ? limit.end : undefined;
    },
  };
}
