// A message of the partner: its texts, its conversation, and what extensions say with it or instead of a text
// (RFC 6121 §5, XEP-0085, 0184, 0203, 0308, 0424, 0444; xmpp-boundary §2.1).
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Message, Text } from '@sallyport/shared/packet.ts';
import { refusalFromStanzaError } from '@sallyport/shared/refusals.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { malformed } from './malformed.ts';
import { reactionsNs, retractionNs, stanzaErrorsNs } from './namespaces.ts';
import { isAllFallback, oneLine, readLinks, readNick, readReactions, readReply } from './read-extensions.ts';
import { type Extensions, encryptionText, type Parts, readParts, type Stripped } from './read-parts.ts';
import type { Envelope, Terms, UserStanza } from './stanza.ts';

const subjectCharacters = 256;
const oldestDelayMs = 30 * 86_400_000;
const invitationText = 'Group chats are not reached from here.';

/** Parses a message; `stripped` is told of each element that was taken out, in closed words. */
export function parseMessage(
  element: XmlElement,
  envelope: Envelope,
  terms: Terms,
  stripped: (why: Stripped) => void,
): Verdict<UserStanza> {
  if (envelope.type === 'groupchat') return refuse('not-carried', { note: 'groupchat' });
  // An error may bring back what it refuses; nothing of that is looked at.
  if (envelope.type === 'error') return parseBounce(element, envelope);
  const parts = readParts(element, terms, stripped);
  return parts.passed ? compose(parts.subject, envelope, terms) : parts;
}

function compose(parts: Parts, envelope: Envelope, terms: Terms): Verdict<UserStanza> {
  const fault = faultOfTexts(parts, terms);
  if (fault !== undefined) return fault;
  const bodies = parts.bodies.filter(isSaid);
  const subjects = parts.subjects.filter(isSaid);
  const body = choose(bodies, terms.streamLang);
  const subject = subjects.find(({ lang }) => lang === body?.lang) ?? choose(subjects, terms.streamLang);
  const delayedSince = parts.delay === undefined ? undefined : trustedDelay(parts.delay, envelope, terms.now);
  const lang = body === undefined || body.lang === '' ? envelope.lang : body.lang;
  const base = { ...envelope, lang, kind: 'user' as const, ...(delayedSince === undefined ? {} : { delayedSince }) };
  const thread = parts.thread === '' ? {} : { thread: parts.thread };
  const extensions = parts.extensions;

  if (extensions !== undefined && subject === undefined) {
    const instead = insteadOfText(extensions, body?.text);
    if (instead !== undefined) return instead.passed ? pass({ ...base, content: instead.subject }) : instead;
  }
  const links = extensions === undefined ? [] : readLinks(extensions.links, body?.text ?? '');
  if (body === undefined && subject === undefined && links.length === 0) {
    if (parts.chatState !== undefined) {
      return pass({ ...base, content: { kind: 'chat-state', state: parts.chatState, ...thread } });
    }
    return extensions === undefined ? refuse('nothing-left') : nothingSaid(extensions);
  }
  const others = [...bodies, ...subjects].filter((text) => text !== body && text !== subject);
  const content: Message = {
    kind: 'message',
    type: messageType(envelope.type),
    body: body?.text ?? '',
    ...(subject === undefined ? {} : { subject: oneLine(subject.text) }),
    ...thread,
    ...(parts.chatState === undefined ? {} : { chatState: parts.chatState }),
    ...(others.length === 0 ? {} : { otherLanguages: others }),
  };
  if (extensions === undefined) return pass({ ...base, content });
  return pass({ ...base, content: { ...content, ...fieldsOf(extensions, content.body, envelope, links) } });
}

function faultOfTexts({ bodies, subjects }: Parts, terms: Terms): Verdict<never> | undefined {
  if (hasTwice(bodies)) return malformed('two bodies of one language');
  if (hasTwice(subjects)) return malformed('two subjects of one language');
  for (const { text } of bodies) {
    if (isLonger(text, terms.bodyCharacters)) return refuse('too-large');
    if (isOffTheRecord(text)) return refuse('encrypted-content', { publicText: encryptionText });
  }
  for (const { text } of subjects) {
    if (isLonger(text, Math.min(subjectCharacters, terms.bodyCharacters))) return refuse('too-large');
    if (isOffTheRecord(text)) return refuse('encrypted-content', { publicText: encryptionText });
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

// We ask for no receipts, so that none answers anything of ours (S8).
function nothingSaid({ receipt, invitation }: Extensions): Verdict<never> {
  if (invitation !== undefined) return refuse('not-carried', { note: 'an invitation', publicText: invitationText });
  return refuse(receipt === undefined ? 'nothing-left' : 'answer-not-asked');
}

function fieldsOf(
  extensions: Extensions,
  body: string,
  { id }: Envelope,
  links: NonNullable<Message['links']>,
): Partial<Message> {
  const nick = readNick(extensions.nick);
  const replaces = body === '' ? undefined : extensions.correction?.attributes.id;
  const reply = readReply(extensions.reply, extensions.fallbacks, body);
  // Never for a receipt (XEP-0184), and not where it could not say what it answers.
  const receiptRequested = extensions.receiptRequest !== undefined && extensions.receipt === undefined && id !== '';
  return {
    ...(receiptRequested ? { receiptRequested } : {}),
    ...(nick === undefined ? {} : { nick }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(reply === undefined ? {} : { reply }),
    ...(links.length === 0 ? {} : { links }),
  };
}

// The text of a stranger's error goes no further (S14); what it means does.
function parseBounce(element: XmlElement, envelope: Envelope): Verdict<UserStanza> {
  if (envelope.id === '') return refuse('answer-not-asked', { note: 'an error without id' });
  const error = element.children.find(({ ns, name }) => ns === element.ns && name === 'error');
  const condition = error?.children.find(({ ns, name }) => ns === stanzaErrorsNs && name !== 'text');
  return pass({
    ...envelope,
    kind: 'user',
    content: {
      kind: 'bounce',
      ofId: envelope.id,
      ofKind: 'message',
      code: refusalFromStanzaError(condition?.name ?? ''),
      publicText: '',
      incident: '',
    },
  });
}

// RFC 6121 §5.2.2: what we do not know is normal (S9).
function messageType(type: string): Message['type'] {
  return type === 'chat' || type === 'headline' ? type : 'normal';
}

// The language of the stream, then the one without a language of its own, then the first.
function choose(texts: readonly Text[], streamLang: string): Text | undefined {
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

// Believed only from the sender's own server or the sender, only of the past, and 30 days at most.
function trustedDelay(delay: XmlElement, { from }: Envelope, now: Instant): Instant | undefined {
  const by = delay.attributes.from === undefined ? from : parseJid(delay.attributes.from);
  if (by?.bare !== from.bare && by?.bare !== from.domain) return undefined;
  const stamp = delay.attributes.stamp ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(stamp)) return undefined;
  const at = Date.parse(stamp);
  return at <= now && at >= now - oldestDelayMs ? at : undefined;
}
