// Requests of ours in a dialog: MESSAGE, INFO, BYE (RFC 3261 §12.2.1), and OPTIONS to ask a peer whether it lives.
import type { Connection } from './connections/connection.ts';
import type { Peers } from './connections/peers.ts';
import type { Conversations, Dialog } from './conversations.ts';
import { newToken, type Site } from './site.ts';
import type { Final, Transactions } from './transactions.ts';
import { type Body, printRequest } from './wire/printer.ts';

export type Requests = {
  /**
   * Sends a request in a dialog, on whichever connection leads to its peers; waits for one at most 10 s. Resolves
   * with the final response; `unsent` where there was no connection. `written` is called once it is written.
   */
  readonly send: (
    dialog: Dialog,
    method: 'MESSAGE' | 'INFO' | 'BYE',
    body?: Body,
    written?: () => void,
  ) => Promise<Final | 'unsent'>;
  /** Ends a dialog with BYE, as soon as it may be ended; resolves when that is done with. */
  readonly end: (dialog: Dialog) => Promise<void>;
  /** Asks a peer whether it lives, and closes the connection where nothing comes back within 32 s. */
  readonly ping: (connection: Connection) => void;
};

const reachMs = 10_000;

/** Requests of this node. */
export function createRequests(
  site: Site,
  peers: Peers,
  transactions: Transactions,
  conversations: Conversations,
): Requests {
  const via = `SIP/2.0/TLS ${site.sentBy};branch=`;

  async function send(
    dialog: Dialog,
    method: 'MESSAGE' | 'INFO' | 'BYE',
    body?: Body,
    written?: () => void,
  ): Promise<Final | 'unsent'> {
    if (method === 'BYE') return sendNow(dialog, method, body, written);
    // One request at a time in a dialog: a MESSAGE does not overtake the INFO before it. BYE waits for nobody.
    dialog.asking++;
    try {
      if (dialog.asking > 1) await new Promise<void>((resolve) => dialog.turns.push(resolve));
      return await sendNow(dialog, method, body, written);
    } finally {
      dialog.asking--;
      dialog.turns.shift()?.();
    }
  }

  function sendNow(
    dialog: Dialog,
    method: string,
    body: Body | undefined,
    written: (() => void) | undefined,
  ): Promise<Final | 'unsent'> {
    const { group } = dialog.conversation;
    const connection = peers.best(group);
    if (connection !== undefined) return sendOn(connection, dialog, method, body, written);
    return peers
      .reach(group, reachMs)
      .then((reached) => (reached === undefined ? 'unsent' : sendOn(reached, dialog, method, body, written)));
  }

  function sendOn(
    connection: Connection,
    dialog: Dialog,
    method: string,
    body: Body | undefined,
    written: (() => void) | undefined,
  ): Promise<Final | 'unsent'> {
    const branch = transactions.newBranch();
    dialog.localSequence++;
    dialog.usedAt = site.clock.now();
    const lines = `Via: ${via}${branch}\r\nCSeq: ${dialog.localSequence} ${method}\r\nUser-Agent: Sallyport\r\n`;
    if (!connection.send(printRequest(method, dialog.target, [], body, lines + dialog.lines)))
      return Promise.resolve('unsent');
    const final = transactions.awaitFinal(branch, method, connection);
    written?.();
    return final;
  }

  return {
    send,
    async end(dialog) {
      if (dialog.ended) return;
      dialog.ending = true;
      if (!dialog.acknowledged) return;
      conversations.remove(dialog);
      await send(dialog, 'BYE');
    },
    ping(connection) {
      const { fqdn, port } = connection.group.settings;
      const branch = transactions.newBranch();
      const uri = `sip:${fqdn}:${port};transport=tls`;
      const sent = connection.send(
        printRequest('OPTIONS', uri, [
          ['Via', via + branch],
          ['Max-Forwards', '70'],
          ['From', `<sip:${site.fqdn}>;tag=${newToken()}`],
          ['To', `<${uri}>`],
          ['Call-ID', newToken()],
          ['CSeq', '1 OPTIONS'],
          ['Contact', `<${site.contact}>`],
        ]),
      );
      if (!sent) return;
      transactions.awaitFinal(branch, 'OPTIONS', connection).then((final) => {
        if (final === 'timeout') connection.close('no answer to OPTIONS');
      });
    },
  };
}
