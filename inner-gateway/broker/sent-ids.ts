// Ids that leave with our packets and that only we can have made: by them an error from outside shows that it answers
// something that was really said (xmpp-boundary S8). Nothing is remembered for it, so it holds over restarts.
import { hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Jid } from '@sallyport/shared/address/jid.ts';

export type SentIds = {
  /**
   * The id under which what `from` says to `to` leaves; the same for the same `known`, which it does not show.
   * `asksReceipt`: it asks to be told when it has arrived, or was read.
   */
  readonly idFor: (from: Jid, to: Jid, known: string, asksReceipt?: boolean) => string;
  /**
   * Whether `id` left with something that `from` said to `to`, and, for a receipt, that asked for one. True once for
   * each id and kind of answer: a second one is a repetition. The last 10,000 answers are remembered.
   */
  readonly isAnswered: (id: string, from: Jid, to: Jid, by?: AnswerKind) => boolean;
};

/** An error or the answer to a query; that something arrived (XEP-0184); that it was read (XEP-0333). */
export type AnswerKind = 'answer' | 'received' | 'displayed';

const nonceBytes = 8;
const macBytes = 10;
const rememberedAtMost = 10_000;

/** `secret` is the node's own, alike after a restart: 32 bytes, of which a key is derived for this use alone. */
export function createSentIds(secret: Uint8Array): SentIds {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'sallyport sent ids', 32)).toString('latin1');
  const answered = new Set<string>();

  // A hash with the key before it, cut to 80 of its 256 bits: what is cut off is what an extension would need. HMAC
  // would cost four times as much, on every message that leaves.
  // Bytes stand in texts, one character each: a Buffer for each step would cost more than both hashes.
  function macOf(from: Jid, to: Jid, nonce: string): string {
    return hash('sha256', `${key}${nonce}${from.bare} ${to.bare}`, 'binary').slice(0, macBytes);
  }

  return {
    idFor(from, to, known, asksReceipt = false) {
      const digest = hash('sha256', known, 'binary');
      // The lowest bit is no chance: it says whether a receipt was asked for.
      const first = String.fromCharCode((digest.charCodeAt(0) & 0xfe) | (asksReceipt ? 1 : 0));
      const nonce = first + digest.slice(1, nonceBytes);
      return Buffer.from(nonce + macOf(from, to, nonce), 'latin1').toString('base64url');
    },
    isAnswered(id, from, to, by = 'answer') {
      const answer = `${by} ${id}`;
      if (!/^[A-Za-z0-9_-]{24}$/.test(id) || answered.has(answer)) return false;
      const bytes = Buffer.from(id, 'base64url');
      const nonce = bytes.subarray(0, nonceBytes);
      if (by !== 'answer' && (nonce.readUInt8(0) & 1) === 0) return false;
      const mac = Buffer.from(macOf(from, to, nonce.toString('latin1')), 'latin1');
      if (!timingSafeEqual(bytes.subarray(nonceBytes), mac)) return false;
      if (answered.size >= rememberedAtMost) answered.delete(answered.values().next().value ?? '');
      answered.add(answer);
      return true;
    },
  };
}
