// A message of the partner: its texts, its conversation, its chat state (RFC 6121 §5, XEP-0085, XEP-0203; §2.1).
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { ChatStateKind, Message, Text } from '@sallyport/shared/packet.ts';
import { refusalFromStanzaError } from '@sallyport/shared/refusals.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { breaks } from './grammar.ts';
import { stanzaErrorsNs } from './namespaces.ts';
import type { Terms } from './parse-stanza.ts';
import type { Envelope, UserStanza } from './stanza.ts';
import { languageTag, messageGrammar, threadForm } from './vocabulary.ts';

export type Stripped = 'known' | 'unknown' | 'suspicious';

const subjectCharacters = 256;
const oldestDelayMs = 30 * 86_400_000;
const encryptionText = 'End-to-end encryption is not permitted here.';

/** What the children of a message say, before it is one. */
type Parts = {
  bodies: Text[];
  subjects: Text[];
  thread: string;
  chatState: ChatStateKind | undefined;
  delay: XmlElement | undefined;
};

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

function readParts(element: XmlElement, terms: Terms, stripped: (why: Stripped) => void): Verdict<Parts> {
  const parts: Parts = {
    bodies: [],
    subjects: [],
    thread: '',
    chatState: undefined,
    delay: undefined,
  };
  const counts = new Map<unknown, number>();
  if (/[^ \t\r\n]/.test(element.text)) return malformed('text beside the elements of a message');
  for (const child of element.children) {
    const row = messageGrammar.find(child);
    if (row === undefined) {
      if (terms.unknown === 'refuse') return malformed('an unknown element');
      stripped('unknown');
      continue;
    }
    const count = (counts.get(row) ?? 0) + 1;
    counts.set(row, count);
    if (row.max !== undefined && count > row.max) return malformed(`too many of ${row.name}`);
    const fault = breaks(child, row.rule ?? {});
    if (fault !== undefined) return malformed(`${row.name}: ${fault}`);
    switch (row.becomes) {
      case 'body':
        parts.bodies.push(textOf(child));
        break;
      case 'subject':
        parts.subjects.push(textOf(child));
        break;
      case 'thread':
        if (!threadForm.test(child.text)) return malformed('thread: longer than 255 or with control characters');
        parts.thread = child.text;
        break;
      case 'chat-state':
        if (parts.chatState !== undefined) return malformed('two chat states');
        parts.chatState = chatStateOf(child.name);
        break;
      case 'delay':
        parts.delay = child;
        break;
      case 'error':
      case 'stripped':
        stripped('known');
        break;
      case 'suspicious':
        stripped('suspicious');
        break;
      case 'encrypted':
        return refuse('encrypted-content', { publicText: encryptionText });
      case 'not-carried':
        return refuse('not-carried', { note: row.ns });
      default:
        return row.becomes satisfies never;
    }
  }
  return pass(parts);
}

function compose(parts: Parts, envelope: Envelope, terms: Terms): Verdict<UserStanza> {
  if (hasTwice(parts.bodies)) return malformed('two bodies of one language');
  if (hasTwice(parts.subjects)) return malformed('two subjects of one language');
  const texts = [...parts.bodies, ...parts.subjects];
  if (texts.some((text) => isLonger(text.text, terms.bodyCharacters))) return refuse('too-large');
  if (parts.subjects.some((subject) => isLonger(subject.text, subjectCharacters))) return refuse('too-large');
  if (texts.some((text) => isOffTheRecord(text.text))) {
    return refuse('encrypted-content', { publicText: encryptionText });
  }
  const bodies = parts.bodies.filter(isSaid);
  const subjects = parts.subjects.filter(isSaid);
  const body = choose(bodies, terms.streamLang);
  const subject = subjects.find(({ lang }) => lang === body?.lang) ?? choose(subjects, terms.streamLang);
  const delayedSince = parts.delay === undefined ? undefined : trustedDelay(parts.delay, envelope, terms.now);
  const lang = body === undefined || body.lang === '' ? envelope.lang : body.lang;
  const base = { ...envelope, lang, kind: 'user' as const, ...(delayedSince === undefined ? {} : { delayedSince }) };
  const thread = parts.thread === '' ? {} : { thread: parts.thread };

  if (body === undefined && subject === undefined) {
    if (parts.chatState === undefined) return refuse('nothing-left');
    return pass({ ...base, content: { kind: 'chat-state', state: parts.chatState, ...thread } });
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
  return pass({ ...base, content });
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

function chatStateOf(name: string): ChatStateKind | undefined {
  switch (name) {
    case 'active':
    case 'composing':
    case 'paused':
    case 'inactive':
    case 'gone':
      return name;
    default:
      return undefined;
  }
}

function textOf(child: XmlElement): Text {
  const lang = child.attributes['xml:lang'] ?? '';
  return { lang: languageTag.test(lang) ? lang : '', text: child.text };
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

function oneLine(text: string): string {
  return /[\r\n\t]/.test(text) ? text.replace(/[\r\n\t]+/g, ' ').trim() : text;
}

// Believed only from the sender's own server or the sender, only of the past, and 30 days at most.
function trustedDelay(delay: XmlElement, envelope: Envelope, now: Instant): Instant | undefined {
  const by = delay.attributes.from;
  if (by !== undefined && parseJid(by)?.domain !== envelope.from.domain) return undefined;
  const stamp = delay.attributes.stamp ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(stamp)) return undefined;
  const at = Date.parse(stamp);
  return at <= now && at >= now - oldestDelayMs ? at : undefined;
}

function malformed(note: string): { passed: false; refusal: { code: 'stanza-malformed'; note: string } } {
  return { passed: false, refusal: { code: 'stanza-malformed', note } };
}
