// What comes in, by method (sip-dialect §4): one row of the matrix after the other.
import { allow } from './answers.ts';
import { printOffer } from './bodies/sdp.ts';
import type { Connection } from './connections/connection.ts';
import type { Conversations, Dialog } from './conversations.ts';
import type { ReceiveInvite } from './receive-invite.ts';
import type { ReceiveText } from './receive-text.ts';
import { type Respond, sessionTimer } from './respond.ts';
import type { InviteCore } from './sip-js/invite-core.ts';
import { newToken, type Site } from './site.ts';
import type { Transactions } from './transactions.ts';
import { detached, header, listed, type SipRequest } from './wire/message.ts';
import { readNameAddress, uriScheme } from './wire/name-address.ts';
import { type Field, printResponse } from './wire/printer.ts';

const accept = 'text/plain, text/html, multipart/alternative, application/im-iscomposing+xml, application/sdp';

/** Gives the function that takes each request that came in. */
export function createReceiving(
  site: Site,
  parts: {
    readonly transactions: Transactions;
    readonly conversations: Conversations;
    readonly core: InviteCore;
    readonly respond: Respond;
    readonly receiveInvite: ReceiveInvite;
    readonly receiveText: ReceiveText;
  },
): (request: SipRequest, connection: Connection) => void {
  const { transactions, conversations, core, respond } = parts;

  return (request, connection) => {
    const { method } = request;
    const dialog =
      request.toTag === '' ? undefined : conversations.dialog(request.callId, request.toTag, request.fromTag);
    // A peer cannot speak in a dialog of another one.
    const mine = dialog !== undefined && dialog.conversation.group === connection.group ? dialog : undefined;
    if (method === 'ACK') {
      if (mine !== undefined) core.receive(request, connection.send);
      return;
    }
    // It is never answered, not even with an error (MS-SIP); presence will read it.
    if (method === 'BENOTIFY') return;
    if (method === 'CANCEL') {
      core.receive(request, connection.send);
      return;
    }
    const known = transactions.received(request);
    if (known !== 'new') {
      const { repeated } = known;
      if (typeof repeated === 'number') connection.send(printResponse(request, repeated, ''));
      else if (repeated !== '') connection.send(repeated);
      return;
    }
    if (!isSip(request.uri)) {
      respond(request, connection, 416);
      return;
    }
    const unknown = header(request, 'require') === undefined ? [] : unknownOf(request);
    if (unknown.length > 0) {
      respond(request, connection, 420, [['Unsupported', unknown.join(', ')]]);
      return;
    }
    switch (method) {
      case 'INVITE':
        if (request.toTag === '') return parts.receiveInvite(request, connection);
        return inDialog(request, connection, mine, () => core.receive(request, connection.send));
      case 'MESSAGE':
        if (request.toTag === '') return parts.receiveText(request, connection, undefined);
        return inDialog(request, connection, mine, (found) => parts.receiveText(request, connection, found));
      case 'INFO':
        return inDialog(request, connection, mine, (found) => parts.receiveText(request, connection, found));
      case 'UPDATE':
        return inDialog(request, connection, mine, (found) => update(request, connection, found));
      case 'BYE':
        return inDialog(request, connection, mine, (found) => {
          conversations.remove(found);
          respond(request, connection, 200);
        });
      case 'OPTIONS':
        return options(request, connection);
      case 'REFER':
        return respond(request, connection, 603);
      case 'NOTIFY':
      case 'PRACK':
        return respond(request, connection, 481);
      case 'SUBSCRIBE':
        // Presence is not served yet: no event package of ours exists.
        if (request.toTag !== '') {
          respond(request, connection, 481);
          return;
        }
        return respond(request, connection, 489);
      default:
        return respond(request, connection, 405, [['Allow', allow]]);
    }
  };

  function inDialog(
    request: SipRequest,
    connection: Connection,
    dialog: Dialog | undefined,
    then: (dialog: Dialog) => void,
  ): void {
    if (dialog === undefined) {
      respond(request, connection, 481);
      return;
    }
    // RFC 3261 §12.2.2: out of order.
    if (request.cseq <= dialog.remoteSequence) {
      respond(request, connection, 500);
      return;
    }
    dialog.remoteSequence = request.cseq;
    dialog.usedAt = site.clock.now();
    then(dialog);
  }

  function update(request: SipRequest, connection: Connection, dialog: Dialog): void {
    const target = readNameAddress(header(request, 'contact') ?? '')?.uri;
    if (target !== undefined) dialog.target = detached(target);
    respond(request, connection, 200, [['Contact', `<${site.contact}>`], ['Allow', allow], ...sessionTimer(request)]);
  }

  function options(request: SipRequest, connection: Connection): void {
    const fields: Field[] = [
      ['Contact', `<${site.contact}>`],
      ['Allow', allow],
      ['Accept', accept],
      ['Supported', 'ms-sender'],
    ];
    // Asked about a user, it is a question for what that user takes (sip-dialect §2.5).
    if (!request.uri.includes('@')) {
      respond(request, connection, 200, fields);
      return;
    }
    const body = { type: 'application/sdp', text: printOffer({ address: '127.0.0.1', port: 5060 }) };
    const response = printResponse(request, 200, newToken(), fields, body);
    transactions.answered(request, response);
    connection.send(response);
  }
}

function isSip(uri: string): boolean {
  if (uri.startsWith('sip:')) return true;
  const scheme = uriScheme(uri);
  return scheme === 'sip' || scheme === 'sips';
}

function unknownOf(request: SipRequest): string[] {
  return listed(request, 'require').filter((tag) => !requirable(tag, request.method));
}

// The option tags that we can be required to understand. Those of an INVITE for several people are read by
// receive-invite, which refuses it as the table of sip-dialect §5.8 says.
function requirable(tag: string, method: string): boolean {
  switch (tag.toLowerCase()) {
    case 'timer':
    case 'ms-sender':
      return true;
    case 'com.microsoft.rtc-multiparty':
      return method === 'INVITE';
    case 'eventlist':
    case 'adhoclist':
    case 'categorylist':
      return method === 'SUBSCRIBE';
    default:
      return false;
  }
}
