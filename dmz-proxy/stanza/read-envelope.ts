// Who says it to whom: the attributes of a stanza, before anybody looks inside (RFC 6120 §8.1, S2, S5, P15).
import { type Jid, parseJid } from '@sallyport/shared/address/jid.ts';
import type { Verdict } from '@sallyport/shared/verdict.ts';
import { pass, refuse } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { serverNs } from './namespaces.ts';
import type { Envelope, StanzaName } from './stanza.ts';
import { languageTag } from './vocabulary.ts';

/** Which stanza an element is, or undefined when it is none of ours (P13). */
export function stanzaName(element: XmlElement): StanzaName | undefined {
  if (element.ns !== serverNs) return undefined;
  const { name } = element;
  return name === 'message' || name === 'presence' || name === 'iq' ? name : undefined;
}

/**
 * The envelope of a stanza. Refusals: `addressing-missing` without from or to; `jid-malformed` where one of the two
 * is no address. An unreadable `to` leaves the sender readable: `senderOf` has it.
 */
export function readEnvelope(
  element: XmlElement,
  name: StanzaName,
  bytes: number,
  streamLang: string,
): Verdict<Envelope> {
  const { attributes } = element;
  if (attributes.from === undefined || attributes.to === undefined) {
    return refuse('addressing-missing', { note: attributes.to === undefined ? 'no to' : 'no from' });
  }
  const from = parseJid(attributes.from);
  if (from === undefined) return refuse('sender-malformed');
  const to = parseJid(attributes.to);
  if (to === undefined) return refuse('jid-malformed', { note: 'to' });
  return pass(envelope(element, name, bytes, streamLang, from, to));
}

/** The envelope with `to` in the place of a recipient that is no address, so that its sender can be judged. */
export function envelopeTo(element: XmlElement, name: StanzaName, bytes: number, to: string): Envelope | undefined {
  const from = parseJid(element.attributes.from ?? '');
  const ours = parseJid(to);
  return from === undefined || ours === undefined ? undefined : envelope(element, name, bytes, '', from, ours);
}

function envelope(
  element: XmlElement,
  name: StanzaName,
  bytes: number,
  streamLang: string,
  from: Jid,
  to: Jid,
): Envelope {
  const { attributes } = element;
  const lang = attributes['xml:lang'] ?? '';
  return {
    name,
    from,
    to,
    id: attributes.id ?? '',
    type: attributes.type ?? '',
    lang: languageTag.test(lang) ? lang : streamLang,
    bytes,
  };
}

/** Whether such a stanza may be answered with an error: S10, and nothing that is an error or an answer itself (I7). */
export function mayBeAnswered({ name, type }: Pick<Envelope, 'name' | 'type'>): boolean {
  switch (name) {
    case 'message':
      return type !== 'error' && type !== 'headline' && type !== 'groupchat';
    case 'iq':
      return type !== 'result' && type !== 'error';
    case 'presence':
      return type === 'subscribe' || !presenceTypes.has(type);
    default:
      return name satisfies never;
  }
}

/** RFC 6121 §4.7.1; the empty one is availability. */
export const presenceTypes: ReadonlySet<string> = new Set([
  '',
  'error',
  'probe',
  'subscribe',
  'subscribed',
  'unavailable',
  'unsubscribe',
  'unsubscribed',
]);
