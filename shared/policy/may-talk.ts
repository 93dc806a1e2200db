// Compiles who may talk with whom: a list of pairs becomes two look-ups.
import type { Jid } from '../address/jid.ts';
import type { Partner } from './policy.ts';
import type { Pair } from './policy-schema.ts';

/** Whether these two may talk, by the pairs of one partner. An empty list refuses everyone. */
export function compileMayTalk(domain: string, rule: 'everyone' | readonly Pair[]): Partner['mayTalk'] {
  if (rule === 'everyone') return (external) => external.domain === domain;
  const byExternal = new Map<string, Set<string>>();
  for (const { external, internal } of rule) {
    const known = byExternal.get(external);
    if (known === undefined) byExternal.set(external, new Set([internal]));
    else known.add(internal);
  }
  const allows = (external: string, internal: Jid) => {
    const whom = byExternal.get(external);
    return whom !== undefined && (whom.has(internal.bare) || whom.has(`*@${internal.domain}`) || whom.has('*'));
  };
  return (external, internal) =>
    external.domain === domain &&
    (allows(external.bare, internal) || allows(`*@${domain}`, internal) || allows('*', internal));
}
