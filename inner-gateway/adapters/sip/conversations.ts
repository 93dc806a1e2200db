// Conversations, by (external address, internal address), and the dialogs that carry them, by Call-ID and tags
// (RFC 3261 §12). Both tables are global: a dialog does not belong to a connection (sip-dialect §1).
import type { Jid } from '@sallyport/shared/address/jid.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { createPairMap } from '@sallyport/shared/pair-map.ts';
import type { PeerGroup } from './connections/peer-group.ts';
import type { Established } from './sip-js/invite-core.ts';
import { threadOf } from './site.ts';
import { detached } from './wire/message.ts';
import { printLines } from './wire/printer.ts';

export type Dialog = {
  readonly key: string;
  readonly conversation: Conversation;
  /** The header lines that every request of ours in this dialog has. */
  readonly lines: string;
  readonly thread: string;
  readonly startedAt: Instant;
  readonly established: Established;
  /** The URI that requests of ours go to. */
  target: string;
  localSequence: number;
  remoteSequence: number;
  usedAt: Instant;
  /** We may send BYE: always where we called, after the ACK where we were called (RFC 3261 §15). */
  acknowledged: boolean;
  /** It is to end as soon as it may. */
  ending: boolean;
  ended: boolean;
  /** Requests of ours that have no final response yet: how many, and how those that wait are woken, in their order. */
  asking: number;
  readonly turns: (() => void)[];
  /** The last thing said in it that is not yet accepted; the next one waits for it. */
  accepting: Promise<void> | undefined;
};

export type Conversation = {
  readonly external: Jid;
  readonly internal: Jid;
  readonly group: PeerGroup;
  /** Oldest first; the last one is spoken in. */
  readonly dialogs: Dialog[];
  /** What we deliver, one after the other: how many, and how those that wait are woken, in their order. */
  queued: number;
  readonly turns: (() => void)[];
  typing: boolean;
  typingSaidAt: Instant;
};

export type Conversations = {
  /** The conversation of two people; made where there is none. */
  readonly of: (external: Jid, internal: Jid, group: PeerGroup) => Conversation;
  readonly find: (external: Jid, internal: Jid) => Conversation | undefined;
  /** The dialog of a request that came in: its To tag is ours. */
  readonly dialog: (callId: string, localTag: string, remoteTag: string) => Dialog | undefined;
  readonly add: (
    conversation: Conversation,
    established: Established,
    spoken: {
      readonly local: string;
      readonly remote: string;
      readonly remoteSequence: number;
      readonly ours: boolean;
    },
  ) => Dialog;
  /** The dialog is over; the conversation stays as long as it has another one or something to deliver. */
  readonly remove: (dialog: Dialog) => void;
  readonly forgetIfIdle: (conversation: Conversation) => void;
  readonly dialogs: () => IterableIterator<Dialog>;
  readonly dialogCount: () => number;
  readonly size: () => number;
};

/** With so many dialogs, no new one is opened or taken. */
export const dialogsAtMost = 50_000;

/** Empty tables. */
export function createConversations(clock: Clock): Conversations {
  const conversations = createPairMap<Conversation>();
  const dialogs = new Map<string, Dialog>();

  function forgetIfIdle(conversation: Conversation): void {
    if (conversation.dialogs.length === 0 && conversation.queued === 0)
      conversations.delete(conversation.external.bare, conversation.internal.bare);
  }

  return {
    of(external, internal, group) {
      const known = conversations.get(external.bare, internal.bare);
      if (known !== undefined) return known;
      const made: Conversation = {
        external,
        internal,
        group,
        dialogs: [],
        queued: 0,
        turns: [],
        typing: false,
        typingSaidAt: 0,
      };
      conversations.set(external.bare, internal.bare, made);
      return made;
    },
    find: (external, internal) => conversations.get(external.bare, internal.bare),
    dialog: (callId, localTag, remoteTag) => dialogs.get(dialogKey(callId, localTag, remoteTag)),
    add(conversation, established, spoken) {
      const { callId, localTag, remoteTag, routes } = established;
      const now = clock.now();
      const dialog: Dialog = {
        key: detached(dialogKey(callId, localTag, remoteTag)),
        conversation,
        lines: detached(
          printLines([
            ...routes.map((route): [string, string] => ['Route', route]),
            ['Max-Forwards', '70'],
            ['From', spoken.local],
            ['To', spoken.remote],
            ['Call-ID', callId],
          ]),
        ),
        thread: threadOf(callId),
        startedAt: now,
        established,
        target: detached(established.remoteTarget),
        localSequence: established.localSequence,
        remoteSequence: spoken.remoteSequence,
        usedAt: now,
        acknowledged: spoken.ours,
        ending: false,
        ended: false,
        asking: 0,
        turns: [],
        accepting: undefined,
      };
      dialogs.set(dialog.key, dialog);
      conversations.set(conversation.external.bare, conversation.internal.bare, conversation);
      conversation.dialogs.push(dialog);
      return dialog;
    },
    remove(dialog) {
      if (dialog.ended) return;
      dialog.ended = true;
      dialogs.delete(dialog.key);
      const { conversation } = dialog;
      const at = conversation.dialogs.indexOf(dialog);
      if (at >= 0) conversation.dialogs.splice(at, 1);
      dialog.established.forget();
      forgetIfIdle(conversation);
    },
    forgetIfIdle,
    dialogs: () => dialogs.values(),
    dialogCount: () => dialogs.size,
    size: conversations.size,
  };
}

/** The dialog that the next thing is said in. */
export function newestDialog(conversation: Conversation): Dialog | undefined {
  return conversation.dialogs.findLast((dialog) => !dialog.ending);
}

function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}
