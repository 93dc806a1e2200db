// What is remembered of the people of one partner for the sake of rates: how much each has written lately, and to whom.
// Bounded: beyond the bound those who were quiet longest are forgotten, and begin anew (xmpp-boundary L7, I10).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { People, Person } from './situation.ts';

/** Of each of the two kinds, outside and inside. */
export const namesAtMost = 8_192;
/** Contacts of one person, and of all of one partner. */
export const contactsOfOne = 1_000;
export const contactsAtMost = 65_536;

export type RememberedPeople = People & {
  /** How many names are remembered. */
  readonly size: () => number;
  /** Forgets those who have been quiet longest. */
  readonly forgetQuiet: () => void;
};

type Counted = { messages: Instant };

/** The memory for one partner; `grown` hears of each new name. */
export function createPeople(grown: () => void = () => {}): RememberedPeople {
  const senders = createRecent<Person>(namesAtMost / 2, stranger, grown);
  const recipients = createRecent<Counted>(namesAtMost / 2, () => ({ messages: 0 }), grown);
  let met = 0;

  return {
    sender: senders.of,
    recipient: recipients.of,
    all: { newContacts: 0, unknownRecipients: 0 },
    knows: (person, to) => person.contacts?.has(to) === true,
    meet(person, to) {
      person.contacts ??= new Set();
      if (person.contacts.has(to)) return;
      person.contacts.add(ownCopy(to));
      if (person.contacts.size > contactsOfOne) forgetFirst(person.contacts);
      // Contacts of those who were forgotten are still counted here, so that this comes too early and never too late.
      met += 1;
      if (met <= contactsAtMost / 2) return;
      met = 0;
      senders.turn();
    },
    forget(person, to) {
      person.contacts?.delete(to);
    },
    size: () => senders.size() + recipients.size(),
    forgetQuiet() {
      senders.turn();
      recipients.turn();
    },
  };
}

function stranger(): Person {
  return { messages: 0, chatStates: 0, newContacts: 0, unknownRecipients: 0, contentRefusals: 0, contacts: undefined };
}

// A text may be a slice of all that was read with it, and would keep that in memory.
function ownCopy(text: string): string {
  return Buffer.from(text).toString();
}

function forgetFirst(contacts: Set<string>): void {
  for (const first of contacts) {
    contacts.delete(first);
    return;
  }
}

/**
 * A map that makes what it has not got, and keeps at least the `half` and at most twice that of what was asked for last:
 * two halves, of which the older one is dropped when the younger one is full. A hit in the younger one is one look-up.
 */
function createRecent<V>(half: number, make: () => V, grown: () => void) {
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function turn(): void {
    old = young;
    young = new Map();
  }

  return {
    of(key: string): V {
      const known = young.get(key);
      if (known !== undefined) return known;
      const older = old.get(key);
      if (older !== undefined) old.delete(key);
      else grown();
      const value = older ?? make();
      if (young.size >= half) turn();
      young.set(ownCopy(key), value);
      return value;
    },
    size: () => young.size + old.size,
    turn,
  };
}
