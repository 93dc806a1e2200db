// A message of the partner: its texts, its conversation, and what extensions say with it or instead of a text
// (RFC 6121 §5, XEP-0085, 0184, 0203, 0308, 0424, 0444; xmpp-boundary §2.1).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Content, Message, Text } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { malformed } from './malformed.ts';
import { reactionsNs, retractionNs } from './namespaces.ts';
import { parseError } from './parse-error.ts';
import { readEvent } from './read-event.ts';
import {
  isAllFallback,
  oneLine,
  readInvitation,
  readLinks,
  readNick,
  readReactions,
  readReply,
} from './read-extensions.ts';
import { readSecurityLabel } from './read-label.ts';
import { type Extensions, type Parts, readParts, type Stripped, unknownLabel } from './read-parts.ts';
import type { Envelope, Terms, UserStanza } from './stanza.ts';
import { trustedDelay } from './trusted-time.ts';

const subjectCharacters = 256;

/** Parses a message; `stripped` is told of each element that was taken out, in closed words. */
export function parseMessage(
  element: XmlElement,
  envelope: Envelope,
  terms: Terms,
  stripped: (why: Stripped) => void,
): Verdict<UserStanza> {
  if (envelope.type === 'groupchat') return refuse('not-carried', { note: 'groupchat' });
  if (envelope.type === 'error') return parseError(element, envelope, 'message');
  const parts = readParts(element, terms, stripped);
  return parts.passed ? compose(parts.subject, envelope, terms) : parts;
}

function compose(parts: Parts, envelope: Envelope, terms: Terms): Verdict<UserStanza> {
  const fault = faultOfTexts(parts, terms);
  if (fault !== undefined) return fault;
  const bodies = parts.bodies.filter(isSaid);
  const subjects = parts.subjects.filter(isSaid);
  const body = choose(bodies, terms.streamLang);
  const subject =
    subjects.length === 0
      ? undefined
      : (subjects.find(({ lang }) => lang === body?.lang) ?? choose(subjects, terms.streamLang));
  const delayedSince = parts.delay === undefined ? undefined : trustedDelay(parts.delay, envelope, terms.now);
  const lang = body === undefined || body.lang === '' ? envelope.lang : body.lang;
  const said = (content: UserStanza['content']) => stanzaOf(envelope, lang, content, delayedSince);
  const thread = parts.thread === '' ? {} : { thread: parts.thread };
  const extensions = parts.extensions;
  const label = extensions?.label === undefined ? undefined : readSecurityLabel(extensions.label, terms.labels);
  if (label?.passed === false) return label;

  if (extensions !== undefined && subject === undefined) {
    const instead = insteadOfText(extensions, body?.text);
    if (instead !== undefined && label !== undefined) return unknownLabel('a label of what has no place for one');
    if (instead !== undefined) return instead.passed ? said(instead.subject) : instead;
  }
  const links = extensions === undefined ? [] : readLinks(extensions.links, body?.text ?? '');
  if (body === undefined && subject === undefined && links.length === 0) {
    // Typing says nothing that a label could be about; whatever else has no text would lose its own.
    if (parts.chatState !== undefined) {
      return said({ kind: 'chat-state', state: parts.chatState, ...thread });
    }
    if (extensions === undefined) return refuse('nothing-left');
    if (label !== undefined && extensions.receipt === undefined && extensions.marker === undefined)
      return unknownLabel('a label of what has no place for one');
    const silent = withoutText(extensions, envelope, terms);
    return silent.passed ? said(silent.subject) : silent;
  }
  // Field by field: nearly all that comes is one of these, and has few of them.
  const message: Writable<Message> = { kind: 'message', type: messageType(envelope.type), body: body?.text ?? '' };
  if (subject !== undefined) message.subject = oneLine(subject.text);
  if (parts.thread !== '') message.thread = parts.thread;
  if (parts.chatState !== undefined) message.chatState = parts.chatState;
  if (bodies.length + subjects.length > 1) {
    const others = [...bodies, ...subjects].filter((text) => text !== body && text !== subject);
    if (others.length > 0) message.otherLanguages = others;
  }
  if (extensions === undefined) return said(message);
  addFields(message, extensions, envelope, links);
  if (label?.subject !== undefined) message.label = label.subject;
  return said(message);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function stanzaOf(
  { name, from, to, id, type, bytes }: Envelope,
  lang: string,
  content: UserStanza['content'],
  delayedSince: Instant | undefined,
): Verdict<UserStanza> {
  const stanza = { kind: 'user', name, from, to, id, type, lang, bytes, content } as const;
  return pass(delayedSince === undefined ? stanza : { ...stanza, delayedSince });
}

function faultOfTexts({ bodies, subjects }: Parts, terms: Terms): Verdict<never> | undefined {
  if (hasTwice(bodies)) return malformed('two bodies of one language');
  if (hasTwice(subjects)) return malformed('two subjects of one language');
  for (const { text } of bodies) {
    if (isLonger(text, terms.bodyCharacters)) return refuse('too-large');
    if (isOffTheRecord(text)) return refuse('encrypted-content', { says: 'encrypted' });
  }
  for (const { text } of subjects) {
    if (isLonger(text, Math.min(subjectCharacters, terms.bodyCharacters))) return refuse('too-large');
    if (isOffTheRecord(text)) return refuse('encrypted-content', { says: 'encrypted' });
  }
  return undefined;
}

// What says something without a text, or with one that is there only for those who do not know the extension.
function insteadOfText(extensions: Extensions, body: string | undefined): Verdict<UserStanza['content']> | undefined {
  const { fallbacks, reactions, retraction } = extensions;
  const replacesBody = (ns: string) => body === undefined || isAllFallback(fallbacks, ns, body);
  const ofId = retraction?.attributes.id;
  if (ofId !== undefined && replacesBody(retractionNs)) return pass({ kind: 'retraction', ofId });
  const toId = reactions?.attributes.id;
  if (reactions === undefined || toId === undefined || !replacesBody(reactionsNs)) return undefined;
  const emojis = readReactions(reactions);
  return emojis === undefined
    ? malformed('a reaction that is not one emoji')
    : pass({ kind: 'reactions', toId, emojis });
}

// What is said without any text: that an earlier message arrived or was read, an invitation, an event.
function withoutText(extensions: Extensions, envelope: Envelope, terms: Terms): Verdict<UserStanza['content']> {
  const { receipt, marker, invitation, event } = extensions;
  if (invitation !== undefined) {
    const content = readInvitation(invitation, envelope, terms.rooms);
    return content === undefined ? refuse('not-carried', { note: 'an invitation', says: 'rooms' }) : pass(content);
  }
  // Whether it answers something of ours is known inside (S8).
  const ofId = receipt?.attributes.id ?? marker?.attributes.id;
  if (ofId !== undefined && ofId !== '') {
    return pass({ kind: 'receipt', what: receipt === undefined ? 'displayed' : 'received', ofId });
  }
  if (receipt !== undefined) return refuse('answer-not-asked');
  const said: Content | undefined = event === undefined ? undefined : readEvent(event, terms.vocabulary);
  return said === undefined || said.kind === 'avatar-query' ? refuse('nothing-left') : pass(said);
}

function addFields(
  message: Writable<Message>,
  extensions: Extensions,
  { id }: Envelope,
  links: NonNullable<Message['links']>,
): void {
  const { body } = message;
  const nick = readNick(extensions.nick);
  const replaces = body === '' ? undefined : extensions.correction?.attributes.id;
  const reply = readReply(extensions.reply, extensions.fallbacks, body);
  // Never for a receipt (XEP-0184), and not where it could not say what it answers.
  if (extensions.receiptRequest !== undefined && extensions.receipt === undefined && id !== '')
    message.receiptRequested = true;
  if (extensions.markable !== undefined && id !== '') message.markable = true;
  if (nick !== undefined) message.nick = nick;
  if (replaces !== undefined) message.replaces = replaces;
  if (reply !== undefined) message.reply = reply;
  if (links.length > 0) message.links = links;
}

// RFC 6121 §5.2.2: what we do not know is normal (S9).
function messageType(type: string): Message['type'] {
  return type === 'chat' || type === 'headline' ? type : 'normal';
}

// The language of the stream, then the one without a language of its own, then the first.
function choose(texts: readonly Text[], streamLang: string): Text | undefined {
  if (texts.length <= 1) return texts[0];
  const ofStream = streamLang === '' ? undefined : texts.find(({ lang }) => lang === streamLang);
  return ofStream ?? texts.find(({ lang }) => lang === '') ?? texts[0];
}

function isSaid({ text }: Text): boolean {
  return /\S/.test(text);
}

function hasTwice(texts: readonly Text[]): boolean {
  return texts.length > 1 && new Set(texts.map(({ lang }) => lang.toLowerCase())).size < texts.length;
}

function isLonger(text: string, characters: number): boolean {
  if (text.length <= characters) return false;
  let count = 0;
  for (const _ of text) if (++count > characters) return true;
  return false;
}

// OTR speaks through the body. Its queries open the text; its data and fragments are found wherever they stand.
function isOffTheRecord(text: string): boolean {
  return text.includes('?OTR') && (/^\s*\?OTR/.test(text) || /\?OTR[:,|]/.test(text));
}
