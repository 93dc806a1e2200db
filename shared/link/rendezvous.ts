// Which of several live peers a pair of addresses belongs to: the highest rendezvous hash, so that all nodes choose
// alike without talking, and a peer that comes or goes moves only its own pairs (architecture §9).
import { createHash } from 'node:crypto';

/** The chosen one of `names` for `key`; undefined where there is none. */
export function rendezvous(names: readonly string[], key: string): string | undefined {
  if (names.length <= 1) return names[0];
  let best: string | undefined;
  let bestScore = -1;
  for (const name of names) {
    const score = createHash('sha256').update(name).update('\0').update(key).digest().readUInt32BE(0);
    if (score > bestScore || (score === bestScore && best !== undefined && name < best)) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}
