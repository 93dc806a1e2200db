// A Skype user at the fake front end: what a person can do with a client, and what then goes over the wire.
import { randomBytes } from 'node:crypto';
import { dialogKey, newTag, type Person } from './answers.ts';
import { type Form, writeSdp, writeText, writeTextFormat, writeTyping } from './bodies.ts';
import { type Dialog, newRecordRoutes, type Place, type Request } from './dialog.ts';
import type { Received, ReceivedOf, Wanted } from './inbox.ts';
import type { Requests, SipAnswer } from './requests.ts';
import { entriesOf, header, tagOf, uriOf } from './wire.ts';

export type SkypeUser = {
  readonly address: string;
  /** Writes to somebody: opens a conversation (INVITE, ACK) where there is none, then MESSAGE in it. In order per peer. */
  readonly say: (to: string, text: string) => Promise<SipAnswer>;
  /** Tells that this user types, or stopped; 481 of its own where there is no conversation. */
  readonly type: (to: string, state: 'type' | 'idle') => Promise<SipAnswer>;
  /** Ends the conversation with BYE. */
  readonly hangUp: (to: string) => Promise<void>;
  /** One MESSAGE outside of any dialog (RFC 3428). */
  readonly page: (to: string, text: string) => Promise<SipAnswer>;
  readonly nextMessage: (wanted?: Wanted) => Promise<ReceivedOf<'message'>>;
  readonly nextTyping: (wanted?: Wanted) => Promise<ReceivedOf<'typing'>>;
  readonly nextInvite: (wanted?: Wanted) => Promise<ReceivedOf<'invite'>>;
  readonly nextBye: (wanted?: Wanted) => Promise<ReceivedOf<'bye'>>;
  /** Everything received, oldest first, the last 10,000. */
  readonly received: () => readonly Received[];
  /** Takes everything from now on instead of keeping it; undefined ends that. For a bench. */
  readonly listen: (listener: ((item: Received) => void) | undefined) => void;
  /** How many conversations are open. */
  readonly conversations: () => number;
};

export function newUser(
  person: Person,
  options: {
    readonly place: () => Place;
    readonly requests: Requests;
    readonly dialogs: Map<string, Dialog>;
    readonly forget: (dialog: Dialog) => void;
    readonly form: () => Form;
  },
): SkypeUser {
  const { address, inbox } = person;
  const { requests } = options;
  const epid = randomBytes(5).toString('hex');
  const shownName = address.charAt(0).toUpperCase() + address.slice(1, address.indexOf('@'));
  const identity = `"${shownName}"<sip:${address}>`;
  /** The end of the last thing that this user does with each peer. */
  const turns = new Map<string, Promise<unknown>>();

  const inTurn = <T>(peer: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(peer) ?? Promise.resolve()).then(act);
    turns.set(peer, turn);
    return turn;
  };

  const started = (tag: string): Pick<Request, 'from' | 'callId' | 'cseq'> => ({
    from: `${identity};tag=${tag};epid=${epid}`,
    callId: randomBytes(12).toString('hex'),
    cseq: 1,
  });

  const invite = async (peer: string, text: string): Promise<{ answer: SipAnswer; dialog?: Dialog }> => {
    const tag = newTag();
    const to = `<sip:${peer}>`;
    const recordRoutes = newRecordRoutes(options.place());
    const conversationId = `Ad${randomBytes(14).toString('base64')}`;
    const start = started(tag);
    const answer = await requests.ask({
      ...start,
      method: 'INVITE',
      uri: `sip:${peer}`,
      to,
      recordRoutes,
      more: [
        `Contact: <${person.contact}>`,
        `P-Asserted-Identity: ${identity},<tel:+43155501>`,
        'User-Agent: UCCAPI/16.0.0 OC/16.0.0 (Skype for Business)',
        'Supported: ms-dialog-route-set-update',
        'Supported: timer',
        'supported: ms-sender',
        'Supported: ms-conf-invite',
        `Ms-Conversation-ID: ${conversationId}`,
        `ms-text-format: ${writeTextFormat(text)}`,
        'ms-keep-alive: UAC;hop-hop=yes',
        `EndPoints: "${shownName}" <sip:${address}>, <sip:${peer}>`,
        `Roster-Manager: sip:${address}`,
      ],
      type: 'application/sdp',
      body: writeSdp('172.24.1.9'),
    });
    if (answer.message === undefined || answer.status >= 300) return { answer };
    const remote = header(answer.message, 'to');
    const dialog: Dialog = {
      callId: start.callId,
      localTag: tag,
      localAddress: address,
      remoteAddress: peer,
      contact: person.contact,
      routes: recordRoutes,
      conversationId,
      local: start.from,
      remote,
      remoteTag: tagOf(remote),
      target: uriOf(header(answer.message, 'contact')),
      localCseq: 1,
      lastCseq: 0,
      busy: false,
      acknowledged: true,
    };
    options.dialogs.set(dialogKey(dialog.callId, tag), dialog);
    person.dialogs.set(peer, dialog);
    requests.tell({
      method: 'ACK',
      uri: dialog.target,
      from: dialog.local,
      to: remote,
      callId: dialog.callId,
      cseq: 1,
      recordRoutes: [],
    });
    return { answer, dialog };
  };

  const askIn = (dialog: Dialog, method: string, more: Partial<Request>): Promise<SipAnswer> => {
    dialog.localCseq += 1;
    return requests.ask({
      method,
      uri: dialog.target,
      from: dialog.local,
      to: dialog.remote,
      callId: dialog.callId,
      cseq: dialog.localCseq,
      recordRoutes: [],
      ...more,
    });
  };

  const sayIn = async (dialog: Dialog, text: string): Promise<SipAnswer> => {
    const { type, body } = writeText(text, options.form());
    const answer = await askIn(dialog, 'MESSAGE', {
      type,
      body,
      more: [`Contact: <${person.contact}>`, 'Supported: timer'],
    });
    if (answer.status === 481) options.forget(dialog);
    return answer;
  };

  const sayNow = async (peer: string, text: string): Promise<SipAnswer> => {
    const dialog = person.dialogs.get(peer);
    if (dialog !== undefined) {
      const answer = await sayIn(dialog, text);
      // A dialog that the gateway no longer knows is opened anew, once, as clients do.
      if (answer.status !== 481) return answer;
    }
    const opened = await invite(peer, text);
    if (opened.dialog === undefined) return opened.answer;
    if (entriesOf(opened.answer.headers.get('supported') ?? '').includes('ms-text-format')) return opened.answer;
    return sayIn(opened.dialog, text);
  };

  return {
    address,
    say: (to, text) => inTurn(bare(to), () => sayNow(bare(to), text)),
    type: (to, state) =>
      inTurn(bare(to), async () => {
        const dialog = person.dialogs.get(bare(to));
        if (dialog === undefined) return { status: 481, reason: 'There is no conversation', headers: new Map() };
        return askIn(dialog, 'INFO', { type: 'application/xml', body: writeTyping(state) });
      }),
    hangUp: (to) =>
      inTurn(bare(to), async () => {
        const dialog = person.dialogs.get(bare(to));
        if (dialog === undefined) return;
        options.forget(dialog);
        await askIn(dialog, 'BYE', {
          more: ['ms-client-diagnostics: 52094; reason="Instant Messaging conversation terminated on user inactivity"'],
        });
      }),
    page: (to, text) => {
      const { type, body } = writeText(text, options.form());
      const request = { ...started(newTag()), method: 'MESSAGE', uri: `sip:${bare(to)}`, to: `<sip:${bare(to)}>` };
      return requests.ask({ ...request, recordRoutes: [], type, body });
    },
    nextMessage: (wanted) => inbox.next('message', wanted),
    nextTyping: (wanted) => inbox.next('typing', wanted),
    nextInvite: (wanted) => inbox.next('invite', wanted),
    nextBye: (wanted) => inbox.next('bye', wanted),
    received: inbox.all,
    listen: inbox.listen,
    conversations: () => person.dialogs.size,
  };
}

function bare(to: string): string {
  return to.replace(/^sips?:/i, '').toLowerCase();
}
