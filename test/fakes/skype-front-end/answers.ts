// How the front end and its users answer what the gateway sends: as Skype clients do, or as a test has ordered.
import { randomBytes } from 'node:crypto';
import { readTyping, writeSdp } from './bodies.ts';
import type { Connection } from './connection.ts';
import { complaintsInDialog, complaintsOfRequest, type Expected } from './dialect.ts';
import { type Answer, type Dialog, newRecordRoutes, type Place, printAnswer } from './dialog.ts';
import type { Inbox } from './inbox.ts';
import { type Canned, cannedAnswer, type Orders, plain, take } from './orders.ts';
import { addressOf, branchOf, cseqOf, header, type SipMessage, tagOf, uriOf } from './wire.ts';

export type Person = {
  readonly address: string;
  /** Its GRUU, used as Contact. */
  readonly contact: string;
  readonly inbox: Inbox;
  /** The live dialog with each peer; the newest where there are two. */
  readonly dialogs: Map<string, Dialog>;
};

export type Answers = ReturnType<typeof newAnswers>;

export function newAnswers(options: {
  readonly place: () => Place;
  readonly expected: Expected;
  readonly people: ReadonlyMap<string, Person>;
  /** By Call-ID and our tag. */
  readonly dialogs: Map<string, Dialog>;
  readonly orders: Orders;
  readonly violation: (what: string) => void;
}) {
  const { expected, people, dialogs, orders } = options;
  const timers = new Set<NodeJS.Timeout>();
  /** INVITEs that are not answered yet, by Call-ID: how to end each. */
  const ringing = new Map<string, (status: number) => void>();
  /** Our refusals of INVITEs, by branch, until their ACK comes. */
  const unacknowledged = new Map<string, number>();

  const after = (delay: number, call: () => void) => {
    if (delay === 0) return call();
    const timer = setTimeout(() => {
      timers.delete(timer);
      call();
    }, delay);
    timers.add(timer);
  };

  const received = (request: SipMessage, connection: Connection) => {
    const toTag = tagOf(header(request, 'to'));
    const dialog = dialogs.get(dialogKey(header(request, 'call-id'), toTag));
    const complaints = complaintsOfRequest(request, expected);
    if (dialog !== undefined) {
      complaints.push(...complaintsInDialog(request, dialog));
    }
    for (const what of complaints) options.violation(`${request.method} ${header(request, 'call-id')}: ${what}`);
    const answer = (one: Answer, then?: () => void) => connection.send(printAnswer(request, one), then);
    switch (request.method) {
      case 'ACK':
        if (dialog !== undefined) dialog.acknowledged = true;
        unacknowledged.delete(branchOf(header(request, 'via')));
        return;
      case 'CANCEL': {
        const end = ringing.get(header(request, 'call-id'));
        answer(plain(end === undefined ? 481 : 200));
        return end?.(487);
      }
      case 'OPTIONS':
        return answer({ ...plain(200), tag: newTag() });
      default:
    }
    if (toTag !== '') {
      if (dialog === undefined) return answer(plain(481));
      return inDialog(request, dialog, answer);
    }
    outOfDialog(request, answer);
  };

  const inDialog = (request: SipMessage, dialog: Dialog, answer: Send) => {
    dialog.busy = true;
    dialog.lastCseq = Math.max(dialog.lastCseq, cseqOf(request).number);
    const answered = () => {
      dialog.busy = false;
    };
    const person = people.get(dialog.localAddress);
    const from = dialog.remoteAddress;
    switch (request.method) {
      case 'MESSAGE': {
        const canned = take(orders.messages, dialog.localAddress);
        if (canned !== undefined) {
          if (canned.status === 481) forget(dialog);
          return after(orders.delay, () => answer(cannedAnswer(canned), answered));
        }
        return after(orders.delay, () => {
          answer(plain(200), answered);
          person?.inbox.put(messageOf(request, from, true));
        });
      }
      case 'INFO':
        return after(orders.delay, () => {
          answer(plain(200), answered);
          const state = readTyping(request.body.toString());
          if (state !== undefined) person?.inbox.put({ kind: 'typing', from, state, headers: request.headers });
        });
      case 'BYE':
        forget(dialog);
        answer(plain(200), answered);
        person?.inbox.put({ kind: 'bye', from, headers: request.headers });
        return;
      case 'INVITE':
        dialog.acknowledged = false;
        return answer({ ...plain(200), ...session(dialog.contact, []) }, answered);
      case 'UPDATE':
        return answer({ ...plain(200), more: [`Contact: <${dialog.contact}>`] }, answered);
      default:
        return answer(plain(405), answered);
    }
  };

  const outOfDialog = (request: SipMessage, answer: Send) => {
    const address = addressOf(request.uri);
    const person = people.get(address);
    const from = addressOf(uriOf(header(request, 'from')));
    const tag = newTag();
    if (person === undefined) {
      const code = address.endsWith(`@${expected.domain}`)
        ? '1003;reason="User does not exist"'
        : '1005;reason="Cannot route to destination domain"';
      return refuse(
        request,
        answer,
        { status: 404, headers: { 'ms-diagnostics': `${code};source="${options.place().fqdn}"` }, times: 1 },
        tag,
      );
    }
    switch (request.method) {
      case 'INVITE':
        return invited(request, person, from, answer, tag);
      case 'MESSAGE': {
        const canned = take(orders.messages, address);
        return after(orders.delay, () => {
          answer({ ...(canned === undefined ? plain(200) : cannedAnswer(canned)), tag });
          if (canned === undefined) person.inbox.put(messageOf(request, from, false));
        });
      }
      case 'SUBSCRIBE':
        return answer({ ...plain(489), tag });
      case 'INFO':
      case 'BYE':
      case 'NOTIFY':
      case 'UPDATE':
        return answer({ ...plain(481), tag });
      default:
        return answer({ ...plain(405), tag });
    }
  };

  const invited = (request: SipMessage, person: Person, from: string, answer: Send, tag: string) => {
    const conversationId = header(request, 'ms-conversation-id');
    const callId = header(request, 'call-id');
    answer({ status: 100, reason: 'Trying' });
    const before = person.dialogs.get(from);
    if (before !== undefined && before.conversationId === conversationId) {
      options.violation(`INVITE ${callId}: the Ms-Conversation-ID of a live conversation is used again`);
    }
    const canned = take(orders.invites, person.address);
    person.inbox.put({ kind: 'invite', from, preview: previewOf(request), headers: request.headers });
    const recordRoutes = newRecordRoutes(options.place());
    if (canned === undefined || orders.delay > 0) answer({ status: 180, reason: 'Ringing', tag, recordRoutes });
    const end = (status: number) => {
      if (!ringing.delete(callId)) return;
      if (status !== 200) return refuse(request, answer, canned ?? { status, headers: {}, times: 1 }, tag);
      const dialog: Dialog = {
        callId,
        localTag: tag,
        localAddress: person.address,
        remoteAddress: from,
        contact: person.contact,
        routes: recordRoutes.toReversed(),
        conversationId,
        local: `${header(request, 'to')};tag=${tag};epid=a4ac5a5f0f`,
        remote: header(request, 'from'),
        remoteTag: tagOf(header(request, 'from')),
        target: uriOf(header(request, 'contact')),
        localCseq: 0,
        lastCseq: cseqOf(request).number,
        busy: true,
        acknowledged: false,
      };
      dialogs.set(dialogKey(callId, tag), dialog);
      person.dialogs.set(from, dialog);
      const taken = orders.textFormatTaken ? ['Supported: ms-text-format'] : [];
      answer({ ...plain(200), tag, recordRoutes, ...session(person.contact, taken) }, () => {
        dialog.busy = false;
      });
    };
    ringing.set(callId, end);
    after(orders.delay, () => end(canned?.status ?? 200));
  };

  const refuse = (request: SipMessage, answer: Send, canned: Canned, tag: string) => {
    if (request.method === 'INVITE') unacknowledged.set(branchOf(header(request, 'via')), Date.now());
    answer({ ...cannedAnswer(canned), tag });
  };

  const forget = (dialog: Dialog) => {
    dialogs.delete(dialogKey(dialog.callId, dialog.localTag));
    const mine = people.get(dialog.localAddress)?.dialogs;
    if (mine?.get(dialog.remoteAddress) === dialog) mine.delete(dialog.remoteAddress);
  };

  return {
    received,
    forget,
    /** Refusals of INVITEs whose ACK has not come for five seconds. */
    missingAcks: (): number => [...unacknowledged.values()].filter((at) => at < Date.now() - 5000).length,
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

type Send = (answer: Answer, then?: () => void) => void;

export function dialogKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}

export function newTag(): string {
  return randomBytes(5).toString('hex');
}

function session(contact: string, more: readonly string[]): Partial<Answer> {
  return {
    more: [
      `Contact: <${contact}>`,
      'Supported: ms-sender',
      'Supported: timer',
      ...more,
      'User-Agent: UCCAPI/16.0.0 OC/16.0.0',
    ],
    type: 'application/sdp',
    body: writeSdp('172.24.1.9'),
  };
}

function messageOf(request: SipMessage, from: string, inDialog: boolean) {
  const text = request.body.toString('utf8').replaceAll('\r\n', '\n');
  return {
    kind: 'message',
    from,
    text,
    contentType: header(request, 'content-type'),
    headers: request.headers,
    inDialog,
  } as const;
}

function previewOf(request: SipMessage): string {
  const encoded = /;\s*ms-body\s*=\s*([A-Za-z0-9+/=]+)/.exec(header(request, 'ms-text-format'))?.[1] ?? '';
  return Buffer.from(encoded, 'base64').toString('utf8').replaceAll('\r\n', '\n');
}
