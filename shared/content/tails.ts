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
  const conversations = new Map<string, readonly Said[]>();
  const inTime = (all: readonly Said[]): readonly Said[] => {
    const since = clock.now() - limits.forMs;
    // A clock that was set back makes nothing older than it is.
    return all.filter(({ at }) => at > since);
  };
  return {
    before(conversation) {
      const all = conversations.get(conversation);
      return all === undefined ? [] : inTime(all).map(({ text }) => text);
    },
    remember(conversation, text) {
      if (text === '') return;
      const all = inTime(conversations.get(conversation) ?? []);
      // Of a long text its end is what the next one may go on with.
      const kept = shortened([...all, { text: text.slice(-limits.characters), at: clock.now() }], limits);
      conversations.delete(conversation);
      conversations.set(conversation, kept);
      for (const oldest of conversations.keys()) {
        if (conversations.size <= limits.conversations) break;
        conversations.delete(oldest);
      }
    },
    size: () => conversations.size,
  };
}

type Said = { readonly text: string; readonly at: Instant };

function shortened(all: readonly Said[], { messages, characters }: TailLimits): readonly Said[] {
  let first = Math.max(0, all.length - messages);
  let sum = all.slice(first).reduce((length, { text }) => length + text.length, 0);
  while (sum > characters && first < all.length - 1) sum -= all[first++]?.text.length ?? 0;
  return all.slice(first);
}
