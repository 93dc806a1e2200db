// What was said last in each conversation, so that a term split over messages is seen: bounded in number, size and time.
import type { Clock, Instant } from '../clock.ts';
import { type Carry, noCarry } from './rules.ts';

export type TailLimits = {
  /** Conversations that are remembered; the one that was silent for longest, to a second, is forgotten first. */
  readonly conversations: number;
  /** Of each: messages, UTF-16 units of them together, and how long. */
  readonly messages: number;
  readonly characters: number;
  readonly forMs: number;
};

export const usualTails: TailLimits = { conversations: 20_000, messages: 32, characters: 512, forMs: 120_000 };

/** What was said last in one conversation: `before` and `carry` of a `Subject`. Lent: it holds until more is remembered. */
export type Tail = {
  /** The oldest first. */
  readonly texts: readonly string[];
  readonly carry: Carry;
  /**
   * Remembers a text that was said, and where an engine stands behind it, if one has read it as it was said. To be called
   * for what was delivered, and for nothing else: a refused message that stayed here would let the next harmless one be
   * refused.
   */
  readonly remember: (text: string, carry?: Carry) => void;
};

export type Tails = {
  /** Asked for and not remembered in, a conversation takes no room. */
  readonly of: (conversation: string) => Tail;
  readonly size: () => number;
};

/**
 * A conversation is a key of the caller's, such as direction, from and to. No timer: what is out of date goes when its
 * conversation is asked for, or when room is needed. At most about 2 KB a conversation, 40 MB with the usual limits.
 */
export function createTails(clock: Clock, limits: TailLimits = usualTails): Tails {
  const conversations = new Map<string, Conversation>();

  function conversationOf(key: string): Conversation {
    const all: Conversation = { texts: [], at: [], characters: 0, carry: noCarry, placed: undefined, remember };

    function remember(text: string, carry = noCarry): void {
      if (text === '') return;
      const now = clock.now();
      forgetLate(all, now - limits.forMs);
      // Of a long text its end is what the next one may go on with.
      const kept = text.length > limits.characters ? text.slice(-limits.characters) : text;
      all.texts.push(kept);
      all.at.push(now);
      all.characters += kept.length;
      all.carry = carry;
      while (all.texts.length > limits.messages || all.characters > limits.characters) forgetFirst(all);
      if (all.placed !== undefined) {
        const since = now - all.placed;
        if (since >= 0 && since < placedForMs) return;
        conversations.delete(key);
      }
      all.placed = now;
      conversations.set(key, all);
      if (conversations.size > limits.conversations) forgetSilent();
    }

    return all;
  }

  function forgetSilent(): void {
    for (const [key, oldest] of conversations) {
      conversations.delete(key);
      oldest.placed = undefined;
      return;
    }
  }

  return {
    of(conversation) {
      const all = conversations.get(conversation);
      if (all === undefined) return conversationOf(conversation);
      forgetLate(all, clock.now() - limits.forMs);
      return all;
    },
    size: () => conversations.size,
  };
}

/** Which conversation was silent for longest is known to a second: a new place in the order for each message costs more. */
const placedForMs = 1_000;

type Conversation = Tail & {
  readonly texts: string[];
  readonly at: Instant[];
  characters: number;
  carry: Carry;
  /** When it got its place in the order of conversations; undefined: it has none. */
  placed: Instant | undefined;
};

// A clock that was set back makes nothing older than it is.
function forgetLate(all: Conversation, since: Instant): void {
  while ((all.at[0] ?? since + 1) <= since) forgetFirst(all);
}

function forgetFirst(all: Conversation): void {
  all.characters -= all.texts.shift()?.length ?? 0;
  all.at.shift();
}
