// The extensions of a message, each from its element to the field of a packet, or to nothing where it does not hold
// what it promises (XEP-0045, 0066, 0172, 0249, 0428, 0444, 0461; xmpp-boundary §2.1). Lengths are those that the wall carries.
import { bareJid, parseJid } from '@sallyport/shared/address/jid.ts';
import type { Message, PacketOf } from '@sallyport/shared/packet.ts';
import type { XmlElement } from '../xml/element.ts';
import { directInvitationNs, replyNs } from './namespaces.ts';
import type { Envelope } from './stanza.ts';
import { oneEmoji } from './vocabulary.ts';

type Links = NonNullable<Message['links']>;
type Reply = NonNullable<Message['reply']>;

const nickUnits = 64;
const reasonUnits = 1024;
const urlUnits = 2048;
const descriptionUnits = 1024;

/** The name that a sender gives himself (XEP-0172); undefined for an empty or a long one. */
export function readNick(nick: XmlElement | undefined): string | undefined {
  const text = nick === undefined ? '' : oneLine(nick.text).trim();
  return text === '' || text.length > nickUnits ? undefined : text;
}

/** The links beside a text (XEP-0066): http and https alone, in canonical form; none that only says the body again. */
export function readLinks(elements: readonly XmlElement[], body: string): Links {
  const links: { url: string; description: string }[] = [];
  for (const element of elements) {
    const text = childText(element, 'url').trim();
    const url = canonicalUrl(text);
    const description = oneLine(childText(element, 'desc')).trim();
    if (url === undefined || description.length > descriptionUnits) continue;
    const said = body.trim();
    if (description === '' && (said === text || said === url)) continue;
    if (links.some((link) => link.url === url && link.description === description)) continue;
    links.push({ url, description });
  }
  return links;
}

/** What a message answers (XEP-0461), with the place of its quotation in the body where that is told and exists. */
export function readReply(
  reply: XmlElement | undefined,
  fallbacks: readonly XmlElement[],
  body: string,
): Reply | undefined {
  const id = reply?.attributes.id;
  if (reply === undefined || id === undefined) return undefined;
  const to = reply.attributes.to ?? '';
  const [quotedStart, quotedEnd] = quotation(fallbacks, body);
  return { to: parseJid(to) === undefined ? '' : to, id, quotedStart, quotedEnd };
}

/** The emoji of a reaction, each once; undefined where one is something else (XEP-0444). */
export function readReactions(reactions: XmlElement): readonly string[] | undefined {
  const emojis = reactions.children.map(({ text }) => text.trim());
  return emojis.every((emoji) => oneEmoji.test(emoji)) ? [...new Set(emojis)] : undefined;
}

/**
 * An invitation to one of `rooms`: from who invites (XEP-0249), or passed on by the room, which is then its sender
 * (XEP-0045 §7.8.2). Undefined for any other room. Passwords are never looked at.
 */
export function readInvitation(
  element: XmlElement,
  { from }: Envelope,
  rooms: ReadonlySet<string> | undefined,
): PacketOf<'invitation'>['content'] | undefined {
  if (rooms === undefined) return undefined;
  const direct = element.ns === directInvitationNs;
  const room = direct ? parseJid(element.attributes.jid ?? '') : from;
  if (room === undefined || !rooms.has(room.bare)) return undefined;
  const invite = element.children.find(({ ns, name }) => ns === element.ns && name === 'invite');
  const said = direct ? (element.attributes.reason ?? '') : invite === undefined ? '' : childText(invite, 'reason');
  const reason = oneLine(said).trim();
  return { kind: 'invitation', room: bareJid(room), reason: reason.length > reasonUnits ? '' : reason };
}

/** Whether all of the body is there only for those who do not know the extension of this namespace (XEP-0428). */
export function isAllFallback(fallbacks: readonly XmlElement[], ns: string, body: string): boolean {
  return fallbacks
    .filter((fallback) => fallback.attributes.for === ns)
    .some(({ children }) => {
      if (children.length === 0) return true;
      return children.some(({ name, attributes }) => {
        if (name !== 'body') return false;
        return (
          Number(attributes.start ?? 0) === 0 &&
          (attributes.end === undefined || Number(attributes.end) >= codePoints(body))
        );
      });
    });
}

/** The text on one line, since what it becomes is one line. */
export function oneLine(text: string): string {
  return /[\r\n\t]/.test(text) ? text.replace(/[\r\n\t]+/g, ' ').trim() : text;
}

// A user name in an address is there to be taken for the host; without it every link is what it looks like.
function canonicalUrl(text: string): string | undefined {
  if (!/^https?:\/\/[^\s\x00-\x1f\x7f-\x9f]+$/i.test(text) || text.length > urlUnits) return undefined;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.href.length > urlUnits) return undefined;
  return url.href;
}

function quotation(fallbacks: readonly XmlElement[], body: string): readonly [start: number, end: number] {
  const quoted = fallbacks
    .find((fallback) => fallback.attributes.for === replyNs)
    ?.children.find(({ name }) => name === 'body')?.attributes;
  if (quoted?.start === undefined || quoted.end === undefined) return [0, 0];
  const start = Number(quoted.start);
  const end = Number(quoted.end);
  return start < end && end <= codePoints(body) ? [start, end] : [0, 0];
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function childText(element: XmlElement, name: string): string {
  return element.children.find((child) => child.ns === element.ns && child.name === name)?.text ?? '';
}
