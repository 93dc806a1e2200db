// What was said last in each conversation, so that a term split over messages is seen: bounded in number, size and time.
import type { Clock, Instant } from '../clock.ts';

export type TailLimits = {
  /** Conversations that are remembered; the one that was silent for longest is forgotten first. */
  readonly conversations: number;
  /** Of each: messages, UTF-16 units of them together, and how long. */
  readonly messages: number;
  readonly characters: number;
  readonly forMs: number;
};

export const usualTails: TailLimits = { conversations: 20_000, messages: 32, characters: 512, forMs: 120_000 };

export type Tails = {
  /** What was said before in this conversation, the oldest first: `before` of a `Subject`. */
  readonly before: (conversation: string) => readonly string[];
  /**
   * Remembers a text that was said. To be called for what was delivered, and for nothing else: a refused message that
   * stayed here would let the next harmless one be refused.
   */
  readonly remember: (conversation: string, text: string) => void;
  readonly size: () => number;
};

/**
 * A conversation is a key of the caller's, such as direction, from and to. No timer: what is out of date goes when its
 * conversation is asked for, or when room is needed. At most about 2 KB a conversation, 40 MB with the usual limits.
 */
export function createTails(clock: Clock, limits: TailLimits = usualTails): Tails {
  const conversations = new Map<string, Conversation>();
  return {
    before(conversation) {
      const all = conversations.get(conversation);
      if (all === undefined) return [];
      forgetLate(all, clock.now() - limits.forMs);
      return all.texts;
    },
    remember(conversation, text) {
      if (text === '') return;
      const now = clock.now();
      const known = conversations.get(conversation);
      const all = known ?? { texts: [], at: [], characters: 0 };
      forgetLate(all, now - limits.forMs);
      // Of a long text its end is what the next one may go on with.
      const kept = text.length > limits.characters ? text.slice(-limits.characters) : text;
      all.texts = [...all.texts, kept];
      all.at.push(now);
      all.characters += kept.length;
      while (all.texts.length > limits.messages || all.characters > limits.characters) forgetFirst(all);
      if (known !== undefined) conversations.delete(conversation);
      conversations.set(conversation, all);
      if (conversations.size <= limits.conversations) return;
      for (const oldest of conversations.keys()) {
        conversations.delete(oldest);
        return;
      }
    },
    size: () => conversations.size,
  };
}

/** `texts` is given away, and so replaced, never changed. */
type Conversation = { texts: readonly string[]; at: Instant[]; characters: number };

// A clock that was set back makes nothing older than it is.
function forgetLate(all: Conversation, since: Instant): void {
  while ((all.at[0] ?? since + 1) <= since) forgetFirst(all);
}

function forgetFirst(all: Conversation): void {
  all.characters -= all.texts[0]?.length ?? 0;
  all.texts = all.texts.slice(1);
  all.at.shift();
}
