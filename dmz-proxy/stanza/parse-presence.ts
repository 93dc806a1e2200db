// Presence of the partner: availability, the steps of a subscription, probes and errors (RFC 6121 §3, §4; XEP-0153,
// 0172, 0203, 0319; xmpp-boundary §2.2).
import { bareJid } from '@sallyport/shared/address/jid.ts';
import type { Availability, Presence, Subscription, Text } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { malformed } from './malformed.ts';
import { parseError } from './parse-error.ts';
import { presenceGrammar } from './presence-vocabulary.ts';
import { presenceTypes } from './read-envelope.ts';
import { oneLine, readNick } from './read-extensions.ts';
import { type Stripped, textOf } from './read-parts.ts';
import type { Envelope, Terms, UserStanza } from './stanza.ts';
import { idleSince, trustedDelay } from './trusted-time.ts';

type Parts = {
  show: string | undefined;
  statuses: Text[];
  priority: number;
  delay?: XmlElement;
  avatarUpdate?: XmlElement;
  idle?: XmlElement;
  nick?: XmlElement;
};

/** What is longer is cut: nobody reads more of it, and it is a channel for data. */
const statusCharacters = 256;

/**
 * Parses presence; `stripped` is told of each element that was taken out, in closed words. Refusals: `stanza-malformed`,
 * `not-permitted` where presence is not spoken with the partner, `not-carried` for rooms and address lists, and
 * `answer-not-asked` for an error that names nothing.
 */
export function parsePresence(
  element: XmlElement,
  envelope: Envelope,
  terms: Terms,
  stripped: (why: Stripped) => void,
): Verdict<UserStanza> {
  const { type } = envelope;
  if (!presenceTypes.has(type)) return malformed('an unknown type of presence');
  if (type === 'error') return parseError(element, envelope, 'presence');
  if (!terms.vocabulary.has('presence')) return refuse('not-permitted', { note: 'presence is not spoken with it' });
  const read = readPresenceParts(element, terms, stripped);
  if (!read.passed) return read;
  const parts = read.subject;
  switch (type) {
    case 'subscribe':
    case 'subscribed':
    case 'unsubscribe':
    case 'unsubscribed':
      return pass({ ...betweenUsers(envelope), content: subscription(type, parts) });
    case 'probe':
      return pass({ ...betweenUsers(envelope), content: { kind: 'probe' } });
    default:
      return availability(parts, envelope, terms);
  }
}

// Steps are between people, not between their devices (RFC 6121 §3.1.2).
function betweenUsers(envelope: Envelope): Envelope & { kind: 'user' } {
  return { ...envelope, kind: 'user', from: bareJid(envelope.from), to: bareJid(envelope.to) };
}

function subscription(step: Subscription['step'], { nick, statuses }: Parts): Subscription {
  if (step !== 'subscribe') return { kind: 'subscription', step };
  const name = readNick(nick);
  const note = oneLine(statuses[0]?.text ?? '');
  return {
    kind: 'subscription',
    step,
    ...(name === undefined ? {} : { nick: name }),
    ...(note === '' ? {} : { note }),
  };
}

function availability(parts: Parts, envelope: Envelope, { now }: Terms): Verdict<UserStanza> {
  const available = envelope.type === '' ? availabilities.get(parts.show ?? '') : 'unavailable';
  if (available === undefined) return malformed('show: none of its four words');
  const delayedSince = parts.delay === undefined ? undefined : trustedDelay(parts.delay, envelope, now);
  const idle = parts.idle === undefined ? undefined : idleSince(parts.idle, now);
  const avatarHash = readPhoto(parts.avatarUpdate);
  const content: Presence = {
    kind: 'presence',
    availability: available,
    statuses: parts.statuses,
    priority: parts.priority,
    ...(idle === undefined ? {} : { idleSince: idle }),
    ...(avatarHash === undefined ? {} : { avatarHash }),
  };
  return pass({ ...envelope, kind: 'user', content, ...(delayedSince === undefined ? {} : { delayedSince }) });
}

const availabilities: ReadonlyMap<string, Availability> = new Map([
  ['', 'available'],
  ['chat', 'free-to-chat'],
  ['away', 'away'],
  ['xa', 'extended-away'],
  ['dnd', 'do-not-disturb'],
]);

// XEP-0153: empty means no photo, forty hex digits are its SHA-1; anything else says nothing.
function readPhoto(update: XmlElement | undefined): Presence['avatarHash'] {
  const photo = update?.children[0];
  if (photo === undefined) return undefined;
  const text = photo.text.trim();
  if (text === '') return null;
  return /^[0-9a-f]{40}$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

function readPresenceParts(element: XmlElement, terms: Terms, stripped: (why: Stripped) => void): Verdict<Parts> {
  const parts: Parts = { show: undefined, statuses: [], priority: 0 };
  const counts = new Map<unknown, number>();
  if (/[^ \t\r\n]/.test(element.text)) return malformed('text beside the elements of presence');
  for (const child of element.children) {
    const row = presenceGrammar.find(child);
    if (row === undefined) {
      if (terms.unknown === 'refuse') return malformed('an unknown element');
      stripped('unknown');
      continue;
    }
    if (row.word !== undefined && !terms.vocabulary.has(row.word)) {
      stripped('known');
      continue;
    }
    const count = (counts.get(row) ?? 0) + 1;
    counts.set(row, count);
    if (row.max !== undefined && count > row.max) return malformed(`too many of ${row.name}`);
    const fault = row.check(child);
    if (fault !== undefined) return malformed(`${row.name}: ${fault}`);
    switch (row.becomes) {
      case 'show':
        parts.show = child.text.trim();
        if (parts.show === '' || !availabilities.has(parts.show)) return malformed('show: none of its four words');
        break;
      case 'status': {
        const status = textOf(child);
        if (parts.statuses.some(({ lang }) => lang.toLowerCase() === status.lang.toLowerCase())) {
          return malformed('two statuses of one language');
        }
        if (/\S/.test(status.text)) parts.statuses.push({ ...status, text: cut(status.text) });
        break;
      }
      case 'priority': {
        const text = child.text.trim();
        if (!/^[+-]?\d{1,3}$/.test(text) || Number(text) < -128 || Number(text) > 127) {
          return malformed('priority: no number from -128 to 127');
        }
        parts.priority = Number(text) || 0;
        break;
      }
      case 'delay':
        parts.delay = child;
        break;
      case 'avatar-update':
        parts.avatarUpdate = child;
        break;
      case 'idle':
        parts.idle = child;
        break;
      case 'nick':
        parts.nick = child;
        break;
      case 'room':
        return refuse('not-carried', { note: 'presence of a room' });
      case 'label':
        return refuse('label-unknown', { note: 'presence with a label' });
      case 'not-carried':
        return refuse('not-carried', { note: row.ns });
      case 'suspicious':
        stripped('suspicious');
        break;
      case 'stripped':
        stripped('known');
        break;
      default:
        return row.becomes satisfies never;
    }
  }
  return pass(parts);
}

function cut(text: string): string {
  return text.length <= statusCharacters ? text : Array.from(text).slice(0, statusCharacters).join('');
}
