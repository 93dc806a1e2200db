// Final responses to requests that came in (RFC 3261 §8.2.6), remembered for retransmissions.
import { diagnostics } from './answers.ts';
import type { Connection } from './connections/connection.ts';
import { newToken, type Site } from './site.ts';
import type { Transactions } from './transactions.ts';
import { header, listed, type SipRequest } from './wire/message.ts';
import { type Field, printResponse, reasonOf } from './wire/printer.ts';

/** Sends the final response to a request, and remembers it for retransmissions. */
export type Respond = (request: SipRequest, connection: Connection, status: number, fields?: readonly Field[]) => void;

/** Gives the function that answers. */
export function createRespond(site: Site, transactions: Transactions): Respond {
  return (request, connection, status, fields = []) => {
    const told = status < 400 || fields.some(([name]) => name.startsWith('ms-diagnostics'));
    const all = told
      ? fields
      : [...fields, ...diagnostics(status, reasonOf(status), connection.group.settings, site.fqdn)];
    const response = printResponse(request, status, request.toTag === '' ? newToken() : '', all);
    // In a dialog and without fields, the request and the status say it all: most answers are so.
    const isPlain = all.length === 0 && request.toTag !== '';
    transactions.answered(request, isPlain ? status : response);
    connection.send(response);
  };
}

/** The session timer of RFC 4028 as we answer it: the caller refreshes. */
export function sessionTimer(request: SipRequest): Field[] {
  const seconds = /^\d{1,9}/.exec(header(request, 'session-expires') ?? '')?.[0];
  if (seconds === undefined) return [];
  const timer = listed(request, 'supported').some((tag) => tag.toLowerCase() === 'timer');
  const fields: Field[] = [['Session-Expires', `${seconds};refresher=uac`]];
  return timer ? [...fields, ['Require', 'timer']] : fields;
}
