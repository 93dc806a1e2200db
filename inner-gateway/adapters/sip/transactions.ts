// Transactions of the hot requests (in-dialog MESSAGE, INFO, BYE; OPTIONS) over a reliable transport (RFC 3261 §17),
// with one sweep instead of a timer each. INVITE transactions are those of sip.js.
import { randomBytes } from 'node:crypto';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { createSlotMap } from '@sallyport/shared/slot-map.ts';
import type { Connection } from './connections/connection.ts';
import { detached, type SipRequest, type SipResponse } from './wire/message.ts';

/** How a request of ours ended. `gone`: the connection went away, and with it the knowledge what became of it. */
export type Final = SipResponse | 'timeout' | 'gone';

/**
 * A final response as it is remembered: its text, or its status alone where the request and the status say all of it,
 * so that it can be printed again. Empty: there is none yet.
 */
export type Answer = string | number;

export type Transactions = {
  /** A branch for a new request; nobody can guess it (RFC 3261 §8.1.1.7). */
  readonly newBranch: () => string;
  /** Waits for the final response to a request that was just written; resolves `timeout` after 32 s (Timer F). */
  readonly awaitFinal: (branch: string, method: string, connection: Connection) => Promise<Final>;
  /** Takes a response; false where it answers nothing of ours that still waits. */
  readonly take: (response: SipResponse) => boolean;
  /**
   * Notes a request that came in. `repeated` is a retransmission: it gets the same response again, or is absorbed
   * while the first one is still being worked on (RFC 3261 §17.2.2).
   */
  readonly received: (request: SipRequest) => 'new' | { readonly repeated: Answer };
  /** The final response that was sent, kept for retransmissions: 32 s (Timer J), the newest 5,000. */
  readonly answered: (request: SipRequest, answer: Answer) => void;
  /** The connection is gone: what waited on it ends. */
  readonly lost: (connection: Connection) => void;
  /** Once a second: ends what has waited too long. */
  readonly sweep: () => void;
  readonly waiting: () => number;
};

type Waiting = {
  readonly branch: string;
  readonly method: string;
  readonly deadline: Instant;
  readonly connection: Connection;
  readonly done: (final: Final) => void;
};
type Answered = { readonly deadline: Instant; answer: Answer };

const finalMs = 32_000;
const answersKept = 5_000;

/** An empty table. */
export function createTransactions(clock: Clock): Transactions {
  // All wait equally long, so the order of a Map is the order of deadlines and a sweep stops at the first that is due later.
  const clients = createSlotMap<string, Waiting>();
  const servers = new Map<string, Answered>();
  let oldest = servers.keys();
  const prefix = `z9hG4bK${randomBytes(9).toString('base64url')}`;
  let random = randomBytes(4096);
  let used = 0;

  // One walk that goes on: a new one would step over all that was deleted before it, 2 µs each time.
  function forgetOldest(): void {
    const next = oldest.next();
    if (next.done === true) oldest = servers.keys();
    else servers.delete(next.value);
  }

  return {
    newBranch() {
      if (used + 9 > random.length) {
        random = randomBytes(4096);
        used = 0;
      }
      used += 9;
      return prefix + random.toString('base64url', used - 9, used);
    },
    awaitFinal(branch, method, connection) {
      return new Promise((done) => {
        clients.set(branch, { branch, method, deadline: clock.now() + finalMs, connection, done });
      });
    },
    take(response) {
      const client = clients.get(response.branch);
      if (client === undefined || client.method !== response.cseqMethod) return false;
      if (response.status < 200) return true;
      clients.delete(client.branch);
      client.done(response);
      return true;
    },
    received(request) {
      const { transaction } = request;
      const known = servers.get(transaction);
      if (known !== undefined) return { repeated: known.answer };
      servers.set(transaction, { deadline: clock.now() + finalMs, answer: '' });
      if (servers.size > answersKept) forgetOldest();
      return 'new';
    },
    answered(request, answer) {
      const known = servers.get(request.transaction);
      // A copy, since the parts of a printed text keep all that was read with the request.
      if (known !== undefined) known.answer = typeof answer === 'string' ? detached(answer) : answer;
    },
    lost(connection) {
      for (const client of clients.values()) {
        if (client.connection !== connection) continue;
        clients.delete(client.branch);
        client.done('gone');
      }
    },
    sweep() {
      const now = clock.now();
      for (const client of clients.values()) {
        if (client.deadline > now) break;
        clients.delete(client.branch);
        client.done('timeout');
        // Nothing at all came back in that time: the connection is dead, though TCP does not know it yet.
        if (now - client.connection.heardAt() >= finalMs) client.connection.close('silent');
      }
      for (const [key, server] of servers) {
        if (server.deadline > now) break;
        servers.delete(key);
      }
    },
    waiting: clients.size,
  };
}
