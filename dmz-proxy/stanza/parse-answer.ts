// The partner's answers to what was asked: of our domain, a ping; of somebody inside, a contact card or the bytes of a
// picture (RFC 6120 §8.2.3, XEP-0054, XEP-0084; S8, xmpp-boundary §2.3, §2.4).
import { hash } from 'node:crypto';
import type { Avatar } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { avatarDataNs, cardNs, pubsubNs } from './namespaces.ts';
import { parseError } from './parse-error.ts';
import { readCard } from './read-card.ts';
import type { Answer, Envelope, Terms, UserStanza } from './stanza.ts';

/** Ids that leave with a question of somebody inside look so; which of them were really asked is known there. */
const ourId = /^[A-Za-z0-9_-]{24}$/;
const largestAvatar = 65_536;

/** An answer whose envelope is sound. Refuses with `answer-not-asked` what nobody here can have asked for. */
export function parseAnswer(element: XmlElement, envelope: Envelope, terms: Terms): Verdict<Answer | UserStanza> {
  // Whether our domain asked is known to who pings.
  if (envelope.to.local === '' || !ourId.test(envelope.id)) return pass({ ...envelope, kind: 'answer' });
  const words = terms.vocabulary;
  if (!words.has('cards') && !words.has('avatars')) return refuse('answer-not-asked');
  if (envelope.type === 'error') return parseError(element, envelope, 'query');
  const [answer] = element.children;
  if (answer?.ns === cardNs && answer.name === 'vCard' && words.has('cards')) {
    return pass({ ...envelope, kind: 'user', content: readCard(answer) });
  }
  const avatar = answer?.ns === pubsubNs && words.has('avatars') ? readAvatar(answer) : undefined;
  return avatar === undefined ? refuse('answer-not-asked') : pass({ ...envelope, kind: 'user', content: avatar });
}

// Its kind is read from its bytes, its name from their hash: what the partner says of it is not asked.
function readAvatar(pubsub: XmlElement): Avatar | undefined {
  const items = child(pubsub, pubsubNs, 'items');
  if (items?.attributes.node !== avatarDataNs) return undefined;
  const text = child(child(items, pubsubNs, 'item'), avatarDataNs, 'data')?.text.replace(/[ \t\r\n]/g, '') ?? '';
  if (text === '' || text.length > (largestAvatar * 4) / 3 + 4 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return undefined;
  const data = Buffer.from(text, 'base64');
  const mediaType = kindOf(data);
  if (mediaType === undefined || data.length > largestAvatar) return undefined;
  return { kind: 'avatar', hash: hash('sha1', data, 'buffer'), mediaType, data, width: 0, height: 0 };
}

function kindOf(data: Buffer): string | undefined {
  if (data.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
  return data.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')) ? 'image/jpeg' : undefined;
}

function child(of: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return of?.children.find((each) => each.ns === ns && each.name === name);
}
