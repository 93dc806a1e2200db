// Does this person write no more, and to no more new or unknown people, than agreed? (xmpp-boundary L7: spim, harvest)
import type { Instant } from '@sallyport/shared/clock.ts';
import type { PacketKind } from '@sallyport/shared/packet.ts';
import type { PartnerRates } from '@sallyport/shared/policy/rate-schema.ts';
import { charged, excessMs, type Pace } from '@sallyport/shared/rate.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { People, Person, Situation } from '../situation.ts';
import type { Envelope, UserStanza } from '../stanza/stanza.ts';

/**
 * Refuses with `rate-exceeded`, the note names the limit: the sender's messages, the recipient's, new contacts, unknown
 * recipients; with `typing-exceeded` what is typing alone. Nothing is counted of what is refused. Whoever has asked for
 * too many unknown people still reaches those that he has talked with, and all others are refused alike, so that it does
 * not show who exists (I5).
 */
export function checkPersonRate<S extends UserStanza>(subject: S, situation: Situation): Verdict<S> {
  const { rates, partner, now } = situation;
  const counted = countedAs(subject.content.kind);
  switch (counted) {
    case 'message':
    case 'query': {
      const broken = counted === 'query' ? countContact(subject, situation) : countMessage(subject, situation);
      return broken === undefined ? pass(subject) : refuse('rate-exceeded', { note: broken });
    }
    case 'chat-state': {
      const person = rates.people.sender(subject.from.bare);
      const due = within(person.chatStates, now, partner.rates.chatStates);
      if (due === undefined) return refuse('typing-exceeded');
      person.chatStates = due;
      return pass(subject);
    }
    case 'nothing':
      return pass(subject);
    default:
      return counted satisfies never;
  }
}

/**
 * For a message that `checkPartner` refuses: it counts as one to an unknown recipient, whose refusal reads alike, and is
 * refused with `rate-exceeded` where that would be.
 */
export function checkStrangerRate<S extends Envelope>(subject: S, situation: Situation): Verdict<S> {
  const broken = countMessage(subject, situation);
  if (broken !== undefined) return refuse('rate-exceeded', { note: broken });
  countUnknown(situation.rates.people, situation.partner.rates, subject.from.bare, subject.to.bare, situation.now);
  return pass(subject);
}

/** Whether such a refusal by the inside says, or reads as if it said, that the recipient does not exist. */
export function readsAsUnknown(code: RefusalCode): boolean {
  return code === 'user-unknown' || code === 'not-permitted' || code === 'far-refuses';
}

/** Counts that a message was refused because nobody is reached there: against its sender and the whole partner. */
export function countUnknown(people: People, rates: PartnerRates, from: string, to: string, now: Instant): void {
  const person = people.sender(from);
  people.forget(person, to);
  person.unknownRecipients = charged(person.unknownRecipients, now, 1, rates.unknownRecipients);
  people.all.unknownRecipients = charged(people.all.unknownRecipients, now, 1, rates.allUnknownRecipients);
}

type Limit = 'sender' | 'recipient' | 'new-contacts' | 'unknown-recipients';

function countMessage(subject: Envelope, situation: Situation): Limit | undefined {
  const { from, to } = subject;
  const { rates, partner, now } = situation;
  const { people } = rates;
  const paces = partner.rates;
  const person = people.sender(from.bare);
  const sent = within(person.messages, now, paces.sender);
  if (sent === undefined) return 'sender';
  // Names that were guessed take no place among the recipients.
  const full = people.knows(person, to.bare) ? undefined : noNewContact(person, people, paces, now);
  if (full !== undefined) return full;
  const recipient = people.recipient(to.bare);
  const got = within(recipient.messages, now, paces.recipient);
  if (got === undefined) return 'recipient';
  person.messages = sent;
  recipient.messages = got;
  return countContactOf(person, subject, situation);
}

// A client may ask for the cards of all its contacts at once: of strangers it may not.
function countContact(subject: Envelope, situation: Situation): Limit | undefined {
  return countContactOf(situation.rates.people.sender(subject.from.bare), subject, situation);
}

function countContactOf(person: Person, { to }: Envelope, { rates, partner, now }: Situation): Limit | undefined {
  const { people } = rates;
  const paces = partner.rates;
  if (!people.knows(person, to.bare)) {
    const full = noNewContact(person, people, paces, now);
    if (full !== undefined) return full;
    person.newContacts = charged(person.newContacts, now, 1, paces.newContacts);
    people.all.newContacts = charged(people.all.newContacts, now, 1, paces.allNewContacts);
    people.meet(person, to.bare);
  }
  return undefined;
}

// The limit for which nobody new may be written to, if there is one.
function noNewContact(person: Person, { all }: People, paces: PartnerRates, now: Instant): Limit | undefined {
  const isFull = (due: Instant, pace: Pace) => within(due, now, pace) === undefined;
  if (isFull(person.unknownRecipients, paces.unknownRecipients)) return 'unknown-recipients';
  if (isFull(all.unknownRecipients, paces.allUnknownRecipients)) return 'unknown-recipients';
  if (isFull(person.newContacts, paces.newContacts)) return 'new-contacts';
  return isFull(all.newContacts, paces.allNewContacts) ? 'new-contacts' : undefined;
}

function within(due: Instant, now: Instant, pace: Pace): Instant | undefined {
  const next = charged(due, now, 1, pace);
  return excessMs(next, now, pace) > 0 ? undefined : next;
}

// A receipt is no more than typing: the next one says it again. Errors answer something of ours; presence and its kin
// have the rate of the stream alone.
function countedAs(kind: PacketKind): 'message' | 'query' | 'chat-state' | 'nothing' {
  switch (kind) {
    case 'message':
    case 'reactions':
    case 'retraction':
    case 'subscription':
    case 'invitation':
      return 'message';
    case 'card-query':
    case 'avatar-query':
      return 'query';
    case 'chat-state':
    case 'receipt':
      return 'chat-state';
    case 'bounce':
    case 'presence':
    case 'probe':
    case 'card':
    case 'avatar':
      return 'nothing';
    default:
      return kind satisfies never;
  }
}
