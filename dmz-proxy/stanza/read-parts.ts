// Sorts the children of a message by the tables of the vocabulary: what is taken, what is taken out, what refuses all
// of it (xmpp-boundary §2.1). Nothing is put together here.
import type { ChatStateKind, Text } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { XmlElement } from '../xml/element.ts';
import { malformed } from './malformed.ts';
import type { Terms } from './stanza.ts';
import { languageTag, messageGrammar, threadForm } from './vocabulary.ts';

export type Stripped = 'known' | 'unknown' | 'suspicious';

/** What the children of a message say, before it is one. */
export type Parts = {
  bodies: Text[];
  subjects: Text[];
  thread: string;
  chatState: ChatStateKind | undefined;
  delay: XmlElement | undefined;
  extensions: Extensions | undefined;
};

/** The extensions that most messages do not have; each element has the form of its row. */
export type Extensions = {
  receiptRequest?: XmlElement;
  receipt?: XmlElement;
  markable?: XmlElement;
  marker?: XmlElement;
  event?: XmlElement;
  nick?: XmlElement;
  correction?: XmlElement;
  reply?: XmlElement;
  reactions?: XmlElement;
  retraction?: XmlElement;
  label?: XmlElement;
  invitation?: XmlElement;
  readonly links: XmlElement[];
  readonly fallbacks: XmlElement[];
};

/** The parts of a message; `stripped` is told of each element that was taken out, in closed words. */
export function readParts(element: XmlElement, terms: Terms, stripped: (why: Stripped) => void): Verdict<Parts> {
  const parts: Parts = {
    bodies: [],
    subjects: [],
    thread: '',
    chatState: undefined,
    delay: undefined,
    extensions: undefined,
  };
  const { children } = element;
  // One child is never too many.
  const counts = children.length > 1 ? new Map<unknown, number>() : undefined;
  if (element.text !== '' && /[^ \t\r\n]/.test(element.text)) {
    return malformed('text beside the elements of a message');
  }
  for (const child of children) {
    const row = messageGrammar.find(child);
    if (row === undefined) {
      // Another version of labels, or one in disguise, must not be lost (XEP-0258).
      if (child.name === 'securitylabel' || child.ns.startsWith('urn:xmpp:sec-label:')) return unknownLabel(child.ns);
      if (terms.unknown === 'refuse') return malformed('an unknown element');
      stripped('unknown');
      continue;
    }
    if (row.word !== undefined && !terms.vocabulary.has(row.word)) {
      if (row.becomes === 'label') return refuse('not-carried', { note: row.ns, says: 'labelled' });
      stripped('known');
      continue;
    }
    if (row.max !== undefined && counts !== undefined) {
      const count = (counts.get(row) ?? 0) + 1;
      counts.set(row, count);
      if (count > row.max) return malformed(`too many of ${row.name}`);
    }
    const fault = row.check(child);
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
      case 'receipt-request':
        extensionsOf(parts).receiptRequest = child;
        break;
      case 'receipt':
        extensionsOf(parts).receipt = child;
        break;
      case 'markable':
        extensionsOf(parts).markable = child;
        break;
      case 'marker':
        extensionsOf(parts).marker = child;
        break;
      case 'event':
        extensionsOf(parts).event = child;
        break;
      case 'nick':
        extensionsOf(parts).nick = child;
        break;
      case 'correction':
        extensionsOf(parts).correction = child;
        break;
      case 'link':
        extensionsOf(parts).links.push(child);
        break;
      case 'reply':
        extensionsOf(parts).reply = child;
        break;
      case 'fallback':
        extensionsOf(parts).fallbacks.push(child);
        break;
      case 'reactions':
        extensionsOf(parts).reactions = child;
        break;
      case 'retraction':
        extensionsOf(parts).retraction = child;
        break;
      case 'room-invitation':
        // Whatever else a room says about its people is taken out.
        if (child.children.some(({ ns, name }) => ns === child.ns && name === 'invite')) {
          extensionsOf(parts).invitation = child;
        } else stripped('known');
        break;
      case 'direct-invitation':
        extensionsOf(parts).invitation = child;
        break;
      case 'error':
      case 'stripped':
        stripped('known');
        break;
      case 'suspicious':
        stripped('suspicious');
        break;
      case 'encrypted':
        return refuse('encrypted-content', { says: 'encrypted' });
      case 'label':
        extensionsOf(parts).label = child;
        break;
      case 'no-label':
        return unknownLabel('an element of labels that is none');
      case 'not-carried':
        return refuse('not-carried', { note: row.ns });
      default:
        return row.becomes satisfies never;
    }
  }
  return pass(parts);
}

/** `label-unknown`, with the text for it; the note quotes no content. */
export function unknownLabel(note: string): Verdict<never> {
  return refuse('label-unknown', { note: note.slice(0, 100), says: 'labelUnknown' });
}

function extensionsOf(parts: Parts): Extensions {
  parts.extensions ??= { links: [], fallbacks: [] };
  return parts.extensions;
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

/** A text with its language; a tag that is none is as if it were not there (H13). */
export function textOf(child: XmlElement): Text {
  const lang = child.attributes['xml:lang'] ?? '';
  return { lang: languageTag.test(lang) ? lang : '', text: child.text };
}
