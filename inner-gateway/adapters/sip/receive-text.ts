// A MESSAGE or an INFO that came in: what is said becomes a packet, its judgement the final response
// (architecture §4.1, 3; sip-dialect §5.4 to §5.6).
import type { Content, Packet } from '@sallyport/shared/packet.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import type { Accept, Acceptance } from '../adapter.ts';
import { answerOf } from './answers.ts';
import { readText } from './bodies/text.ts';
import { readTyping } from './bodies/typing.ts';
import type { Connection } from './connections/connection.ts';
import type { Dialog } from './conversations.ts';
import { type People, readPeople } from './identity.ts';
import type { Respond } from './respond.ts';
import { type Site, threadOf } from './site.ts';
import { header, type SipRequest } from './wire/message.ts';

/** Takes a MESSAGE or an INFO; `dialog` is absent for a MESSAGE outside of any (page mode, RFC 3428). */
export type ReceiveText = (request: SipRequest, connection: Connection, dialog: Dialog | undefined) => void;

/** So long the final response waits for news of the message; then being kept is good enough. */
const newsMs = 10_000;
/** So many final responses wait for news; above that a text that is kept is answered at once. */
const waitingAtMost = 10_000;

/** Gives the function that takes what is said. */
export function createReceiveText(site: Site, respond: Respond, accept: () => Accept | undefined): ReceiveText {
  let waitingForNews = 0;

  return (request, connection, dialog) => {
    const people = dialog === undefined ? peopleOf(request, connection) : dialog.conversation;
    if (people === undefined) return;
    const type = header(request, 'content-type') ?? '';
    const typing = readTyping(type, request.body);
    if (typing !== undefined) {
      const state = typing === 'type' ? 'composing' : 'paused';
      if (dialog !== undefined)
        void tell(packet(request, people, { kind: 'chat-state', state, thread: dialog.thread }), connection);
      return respond(request, connection, 200);
    }
    if (request.method === 'INFO') return respond(request, connection, refusesInfo(type) ? 415 : 200);
    const read = readText(type, request.body);
    if (!read.ok) return respond(request, connection, read.status);
    // Nothing was said: nothing is to be delivered.
    if (read.text === '') return respond(request, connection, 200);
    const said = packet(request, people, {
      kind: 'message',
      type: dialog === undefined ? 'normal' : 'chat',
      body: read.text,
      thread: dialog?.thread ?? threadOf(request.callId),
    });
    void answer(said, request, connection, dialog);
  };

  function peopleOf(request: SipRequest, connection: Connection): People | undefined {
    const people = readPeople(request, connection.group, site);
    if (people.passed) return people.subject;
    refuseWith(people.refusal, request, connection);
    return undefined;
  }

  function packet(request: SipRequest, people: People, content: Content): Packet {
    return {
      id: site.newPacketId(),
      from: people.internal,
      to: people.external,
      at: site.clock.now(),
      delayed: false,
      stanzaId: `${request.callId.slice(0, 200)} ${request.cseq}`,
      lang: languageOf(header(request, 'content-language')),
      content,
    };
  }

  // Never rejects: a fault refuses.
  async function judged(said: Packet, connection: Connection): Promise<Acceptance> {
    try {
      const take = accept();
      if (take === undefined) return { passed: false, refusal: { code: 'shutting-down' } };
      return await take(said, { network: 'sip', peer: connection.group.settings.fqdn });
    } catch (error) {
      fault(error);
      return { passed: false, refusal: { code: 'internal-fault' } };
    }
  }

  async function tell(said: Packet, connection: Connection): Promise<void> {
    connection.hold();
    await judged(said, connection);
    connection.release();
  }

  // What is said in one dialog is accepted in the order in which it was said; dialogs do not wait for each other.
  function judgedInTurn(said: Packet, connection: Connection, dialog: Dialog | undefined): Promise<Acceptance> {
    if (dialog === undefined) return judged(said, connection);
    const before = dialog.accepting;
    const accepted = before === undefined ? judged(said, connection) : before.then(() => judged(said, connection));
    const done = () => {
      if (dialog.accepting === settled) dialog.accepting = undefined;
    };
    const settled = accepted.then(done);
    dialog.accepting = settled;
    return accepted;
  }

  async function answer(
    said: Packet,
    request: SipRequest,
    connection: Connection,
    dialog: Dialog | undefined,
  ): Promise<void> {
    connection.hold();
    const acceptance = await judgedInTurn(said, connection, dialog);
    connection.release();
    if (!acceptance.passed) return refuseWith(acceptance.refusal, request, connection);
    // It is kept, so 200 is true; a refusal that nobody waits for reaches the writer as a bounce.
    if (waitingForNews >= waitingAtMost) return respond(request, connection, 200);
    waitingForNews++;
    try {
      const news = await acceptance.news(newsMs);
      if (news.state === 'refused') refuseWith(news.refusal, request, connection);
      else respond(request, connection, 200);
    } catch (error) {
      fault(error);
      refuseWith({ code: 'internal-fault' }, request, connection);
    } finally {
      waitingForNews--;
    }
  }

  function refuseWith(refusal: Refusal, request: SipRequest, connection: Connection): void {
    const answer = answerOf(refusal, request.method, connection.group.settings, site.fqdn);
    respond(request, connection, answer.status, answer.fields);
  }

  function fault(error: unknown): void {
    site.log.error(
      { error: error instanceof Error ? error.name : 'unknown' },
      'a message from SIP could not be judged',
    );
  }
}

/** Bodies of INFO that want an answer which we cannot give; all others are taken and mean nothing (sip-dialect §5.6). */
function refusesInfo(type: string): boolean {
  return /^application\/(csta\+xml|ms-filetransfer\+xml)/i.test(type);
}

function languageOf(value: string | undefined): string {
  return value !== undefined && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$/.test(value) ? value : '';
}
