// Step 1 of dialback: our key to a partner that we have dialled, and its answer (XEP-0220 §2.1.1; xmpp-boundary D5, D9).
import { printResult, readDialback } from '../dialback/words.ts';
import type { Channel } from './channel.ts';
import { ended, type Step, streamError, went } from './ending.ts';
import { readDomain } from './header.ts';
import { readStreamError } from './stream-error.ts';

/** Stands for a condition where the partner has found our key invalid. */
export const keyInvalid = 'dialback-invalid';

/** A partner may say so many other things before its answer. */
const othersAtMost = 10;

/**
 * Says `key` and waits for the answer; the deadline is the caller's. An answer of yes is `went`. All others end the
 * stream, as it is for this pair alone: the ending's condition is `keyInvalid`, or that of the error.
 */
export async function askDialback(
  channel: Channel,
  { localDomain, remoteDomain }: { readonly localDomain: string; readonly remoteDomain: string },
  key: string,
): Promise<Step<undefined>> {
  channel.write(printResult({ from: localDomain, to: remoteDomain }, key));
  for (let others = 0; others < othersAtMost; ) {
    const event = await channel.next();
    if (event.kind === 'ends') return ended(event.ending);
    if (event.kind !== 'element') return ended({ kind: 'closed', by: 'peer', note: 'the partner left in dialback' });
    const said = readStreamError(event.element);
    if (said !== undefined) return ended(said);
    const words = readDialback(event.element);
    // INVARIANT: only an answer to this very question counts, and only on this stream (D5).
    const isOurs = words?.name === 'result' && words.type !== undefined;
    if (!isOurs || !speaksFor(words.from, remoteDomain) || !speaksFor(words.to, localDomain)) {
      others += 1;
      continue;
    }
    if (words.type === 'valid') return went(undefined);
    if (words.type === 'invalid') {
      const note = 'the partner finds our dialback key invalid: it has asked somebody else than us, or another node';
      return ended({ kind: 'closed', by: 'us', condition: keyInvalid, note });
    }
    const note = `the partner does not take our dialback: ${words.condition}`;
    return ended({ kind: 'closed', by: 'us', condition: words.condition, note });
  }
  return ended(streamError('policy-violation', 'much said, and no answer to dialback'));
}

function speaksFor(address: string | undefined, domain: string): boolean {
  const read = address === undefined ? undefined : readDomain(address);
  return typeof read === 'object' && read.domain === domain;
}
