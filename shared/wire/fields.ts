// The words of boundary.proto's enums beside ours, and the check that every text from the wire passes.
import type { Availability, BouncedKind, CardUse, ChatStateKind, SubscriptionStep } from '../packet.ts';

/** One enum in both languages. `read` gives undefined for a word that is not in it, UNSPECIFIED among them. */
type Words<Wire extends string, Ours extends string> = {
  readonly read: (wire: string | undefined) => Ours | undefined;
  readonly write: (ours: Ours) => Wire;
};

/** Makes the table of one enum. */
export function words<Ours extends string>() {
  return <const Wire extends string>(table: Readonly<Record<Wire, Ours>>): Words<Wire, Ours> => {
    const read = new Map<string, Ours>();
    const write = new Map<Ours, Wire>();
    for (const wire in table) {
      read.set(wire, table[wire]);
      write.set(table[wire], wire);
    }
    return {
      read: (wire) => (wire === undefined ? undefined : read.get(wire)),
      write: (ours) => {
        const wire = write.get(ours);
        if (wire === undefined) throw new Error('a word that boundary.proto does not have');
        return wire;
      },
    };
  };
}

export const chatStates = words<ChatStateKind>()({
  ACTIVE: 'active',
  COMPOSING: 'composing',
  PAUSED: 'paused',
  INACTIVE: 'inactive',
  GONE: 'gone',
});
export const receiptKinds = words<'received' | 'displayed'>()({
  RECEIVED: 'received',
  DISPLAYED: 'displayed',
});
export const messageTypes = words<'chat' | 'normal' | 'headline'>()({
  CHAT: 'chat',
  NORMAL: 'normal',
  HEADLINE: 'headline',
});
export const availabilities = words<Availability>()({
  AVAILABLE: 'available',
  FREE_TO_CHAT: 'free-to-chat',
  AWAY: 'away',
  EXTENDED_AWAY: 'extended-away',
  DO_NOT_DISTURB: 'do-not-disturb',
  UNAVAILABLE: 'unavailable',
});
export const steps = words<SubscriptionStep>()({
  SUBSCRIBE: 'subscribe',
  SUBSCRIBED: 'subscribed',
  UNSUBSCRIBE: 'unsubscribe',
  UNSUBSCRIBED: 'unsubscribed',
});
export const cardUses = words<CardUse>()({
  WORK: 'work',
  HOME: 'home',
  MOBILE: 'mobile',
  FAX: 'fax',
  OTHER: 'other',
});
export const bouncedKinds = words<BouncedKind>()({
  BOUNCED_MESSAGE: 'message',
  BOUNCED_SUBSCRIPTION: 'subscription',
  BOUNCED_QUERY: 'query',
  BOUNCED_PRESENCE: 'presence',
});

/** An identifier from the wire: `bounded`, and without any control character, line ends among them. */
export function identifier(text: string | undefined, limit = 256): string | undefined {
  if (text === '') return text;
  const read = bounded(text, limit);
  return read === undefined || /[\u0000-\u001f\u007f-\u009f]/.test(read) ? undefined : read;
}

/**
 * A text from the wire: at most `limit` UTF-16 units, well formed, without control characters other than
 * TAB, LF and CR. undefined otherwise. An absent one is empty.
 */
export function bounded(text: string | undefined, limit: number): string | undefined {
  // Most of the fields that a packet could have are empty.
  if (text === undefined || text === '') return '';
  if (
    text.length > limit ||
    !text.isWellFormed() ||
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/.test(text)
  )
    return undefined;
  return text;
}
