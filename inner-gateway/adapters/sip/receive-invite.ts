// An INVITE that came in: an offer of instant messages is taken at once, anything else is refused (sip-dialect §5.1,
// §5.2, §5.8). Whether the two may talk is judged with the first MESSAGE.
import { answerOf } from './answers.ts';
import { printOffer, readOffer } from './bodies/sdp.ts';
import type { Connection } from './connections/connection.ts';
import { type Conversations, type Dialog, dialogsAtMost } from './conversations.ts';
import { readPeople } from './identity.ts';
import type { Requests } from './requests.ts';
import { type Respond, sessionTimer } from './respond.ts';
import type { InviteCore } from './sip-js/invite-core.ts';
import type { Site } from './site.ts';
import { hasOption, header, headers, type SipRequest, splitList } from './wire/message.ts';
import { readNameAddress } from './wire/name-address.ts';

export type ReceiveInvite = (request: SipRequest, connection: Connection) => void;

/** So many clients of one user may each have a dialog with the same contact. */
const dialogsPerConversation = 8;

/** Gives the function that answers an INVITE which starts a dialog. */
export function createReceiveInvite(
  site: Site,
  conversations: Conversations,
  core: InviteCore,
  requests: Requests,
  respond: Respond,
): ReceiveInvite {
  return (request, connection) => {
    const { group } = connection;
    const people = readPeople(request, group, site);
    if (!people.passed) {
      const answer = answerOf(people.refusal, 'INVITE', group.settings, site.fqdn);
      return respond(request, connection, answer.status, answer.fields);
    }
    if (forSeveral(request)) return respond(request, connection, 488);
    const contact = readNameAddress(header(request, 'contact') ?? '');
    if (contact === undefined) return respond(request, connection, 400);
    const offer = readOffer(header(request, 'content-type') ?? '', request.body);
    if (!offer.ok) return respond(request, connection, offer.status);
    if (conversations.dialogCount() >= dialogsAtMost) {
      const answer = answerOf({ code: 'queue-full' }, 'INVITE', group.settings, site.fqdn);
      return respond(request, connection, answer.status, answer.fields);
    }
    const { internal, external } = people.subject;
    let dialog: Dialog | undefined;
    const established = core.accept(
      request,
      connection.send,
      {
        fields: sessionTimer(request),
        body: {
          type: 'application/sdp',
          text: printOffer({ peerUri: request.uri, address: '127.0.0.1', port: 5060 }),
        },
      },
      {
        acknowledged: () => {
          if (dialog === undefined) return;
          dialog.acknowledged = true;
          if (dialog.ending) requests.end(dialog);
        },
        retargeted: (target) => {
          if (dialog !== undefined) dialog.target = target;
        },
      },
    );
    if (established === undefined) return;
    const conversation = conversations.of(external, internal, group);
    dialog = conversations.add(conversation, established, {
      local: `${request.to};tag=${established.localTag}`,
      remote: request.from,
      remoteSequence: request.cseq,
      ours: false,
    });
    for (const old of conversation.dialogs.slice(0, -dialogsPerConversation)) requests.end(old);
  };
}

/** A hand-over to a meeting or to more than two people (sip-dialect §5.8). */
function forSeveral(request: SipRequest): boolean {
  if (hasOption(request, 'require', 'com.microsoft.rtc-multiparty')) return true;
  if (header(request, 'triggeredinvite')?.toLowerCase() === 'true') return true;
  return headers(request, 'endpoints').flatMap(splitList).length > 2;
}
