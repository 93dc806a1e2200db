// Opens a conversation: INVITE with an SDP offer and the first text, until somebody picks it up (sip-dialect §5.3).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import { refusalOf, retryAfter } from './answers.ts';
import { printOffer } from './bodies/sdp.ts';
import { printTextFormat } from './bodies/text-format.ts';
import type { Connection } from './connections/connection.ts';
import type { Peers } from './connections/peers.ts';
import { type Conversation, type Conversations, type Dialog, dialogsAtMost } from './conversations.ts';
import type { Requests } from './requests.ts';
import type { Established, InviteCore } from './sip-js/invite-core.ts';
import { newToken, type Site } from './site.ts';
import { hasOption, type SipResponse } from './wire/message.ts';
import type { Field } from './wire/printer.ts';

export type Opened =
  /** `taken`: the first text was in the INVITE, and the far side says that it has it. */
  | { readonly state: 'open'; readonly dialog: Dialog; readonly taken: boolean; readonly callId: string }
  | {
      readonly state: 'refused';
      readonly code: RefusalCode;
      readonly status: number;
      /** Seconds after which the far side wants to be asked again. */
      readonly retryAfter: number | undefined;
    }
  /** The connection went away while the INVITE was out. */
  | { readonly state: 'gone' };

export type Invites = {
  /** Opens a dialog in a conversation; `written` is called when an INVITE that carries the text has been written. */
  readonly open: (
    conversation: Conversation,
    addresses: { readonly from: string; readonly to: string },
    text: string,
    written: () => void,
  ) => Promise<Opened>;
  /** The connection is gone: what was asked on it is asked no more. */
  readonly lost: (connection: Connection) => void;
  /** Once a second: takes back what nobody picked up in time. */
  readonly sweep: () => void;
  /** Takes back everything. */
  readonly stop: () => void;
};

type Pending = {
  readonly deadline: Instant;
  readonly connection: Connection;
  readonly startedAt: Instant;
  readonly finish: (opened: Opened) => void;
  readonly cancel: () => void;
};

const reachMs = 10_000;
const pendingAtMost = 10_000;
/** A header much longer than this may not pass a front end; the text then follows as a MESSAGE. */
const textFormatBytes = 4_000;

/** INVITEs of this node. */
export function createInvites(
  site: Site,
  peers: Peers,
  core: InviteCore,
  conversations: Conversations,
  requests: Requests,
): Invites {
  const pending = new Set<Pending>();

  async function open(
    conversation: Conversation,
    addresses: { readonly from: string; readonly to: string },
    text: string,
    written: () => void,
  ): Promise<Opened> {
    const { group } = conversation;
    if (conversations.dialogCount() >= dialogsAtMost || pending.size >= pendingAtMost) {
      return { state: 'refused', code: 'queue-full', status: 503, retryAfter: undefined };
    }
    const connection = await peers.reach(group, reachMs);
    if (connection === undefined) {
      return { state: 'refused', code: 'network-away', status: 503, retryAfter: undefined };
    }
    const carried = Buffer.byteLength(text) <= textFormatBytes;
    const fields: Field[] = [['Ms-Conversation-ID', newToken()]];
    if (carried) fields.push(['Ms-Text-Format', printTextFormat(text)]);
    const fromTag = newToken();
    const startedAt = site.clock.now();
    return new Promise((resolve) => {
      let settled = false;
      let out = false;
      const finish = (opened: Opened) => {
        if (settled) return;
        settled = true;
        pending.delete(entry);
        resolve(opened);
      };
      const invite = core.invite(
        {
          ...addresses,
          callId: newToken(),
          fromTag,
          fields,
          body: { type: 'application/sdp', text: printOffer({ address: '127.0.0.1', port: 5060 }) },
        },
        (message) => {
          out = (connection.live() ? connection : peers.best(group))?.send(message) ?? false;
          return out;
        },
        {
          accepted(established, response) {
            const dialog = add(conversation, addresses.from, established, response);
            // A second endpoint has picked up, or it is too late: acknowledged by now, and ended.
            if (settled) {
              requests.end(dialog);
              return;
            }
            endThoseSince(conversation, dialog, startedAt);
            const taken = carried && hasOption(response, 'supported', 'ms-text-format');
            finish({ state: 'open', dialog, taken, callId: established.callId });
          },
          refused(status, response) {
            if (response === undefined && status !== 408) finish({ state: 'gone' });
            else if (response === undefined) {
              finish({ state: 'refused', code: 'partner-unreachable', status, retryAfter: undefined });
            } else finish({ state: 'refused', code: refusalOf(response), status, retryAfter: retryAfter(response) });
          },
        },
      );
      const deadline = startedAt + site.sip.inviteSeconds * 1000;
      const entry: Pending = { deadline, connection, startedAt, finish, cancel: invite.cancel };
      if (settled) return;
      pending.add(entry);
      if (carried && out) written();
    });
  }

  function add(conversation: Conversation, from: string, established: Established, response: SipResponse): Dialog {
    return conversations.add(conversation, established, {
      local: `<${from}>;tag=${established.localTag}`,
      remote: response.to,
      remoteSequence: -1,
      ours: true,
    });
  }

  // Glare (errors.md): both had called at the same time and both were accepted; the newer dialog stays.
  function endThoseSince(conversation: Conversation, newest: Dialog, since: Instant): void {
    for (const dialog of [...conversation.dialogs]) {
      if (dialog !== newest && dialog.startedAt >= since) requests.end(dialog);
    }
  }

  function end(entry: Pending, opened: Opened): void {
    entry.cancel();
    entry.finish(opened);
  }

  return {
    open,
    lost(connection) {
      for (const entry of pending) if (entry.connection === connection) entry.finish({ state: 'gone' });
    },
    sweep() {
      const now = site.clock.now();
      for (const entry of pending) {
        if (entry.deadline > now) break;
        end(entry, { state: 'refused', code: 'partner-unreachable', status: 408, retryAfter: undefined });
      }
    },
    stop() {
      for (const entry of pending) {
        end(entry, { state: 'refused', code: 'shutting-down', status: 503, retryAfter: undefined });
      }
    },
  };
}
