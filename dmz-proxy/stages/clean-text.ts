// Takes out of every text what hides or reorders it, before anybody judges the text (xmpp-boundary §2.6).
import type { Content, Message } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import { cleanText as clean, unbalanced } from './text-hygiene.ts';

type Carrying = { readonly content: Content };
type Cleaned<T> = T | typeof unbalanced;

/**
 * Cleans every text that a person wrote. Refuses with `text-unclean` a text whose directional controls are not closed,
 * and a message of which nothing visible stays. A name of which nothing stays is left out.
 */
export function cleanText<S extends Carrying>(subject: S): Verdict<S> {
  const { content } = subject;
  const cleaned = cleanContent(content);
  if (cleaned === unbalanced) return refuse('text-unclean');
  return cleaned === content ? pass(subject) : pass({ ...subject, content: cleaned });
}

function cleanContent(content: Content): Cleaned<Content> {
  switch (content.kind) {
    case 'message':
      return cleanMessage(content);
    case 'chat-state':
      return content.thread === undefined ? content : withCleaned(content, { thread: content.thread });
    case 'subscription': {
      const { nick, note } = content;
      return withCleaned(content, { ...(nick === undefined ? {} : { nick }), ...(note === undefined ? {} : { note }) });
    }
    case 'presence': {
      const statuses = cleanEach(content.statuses, ({ text }) => ({ text }));
      if (statuses === unbalanced) return unbalanced;
      const { nick } = content;
      return withCleaned(
        statuses === content.statuses ? content : { ...content, statuses },
        nick === undefined ? {} : { nick },
      );
    }
    case 'card': {
      const { fullName, familyName, givenName, nickname, organisation, department, title } = content;
      return withCleaned(content, { fullName, familyName, givenName, nickname, organisation, department, title });
    }
    case 'invitation':
      return withCleaned(content, { reason: content.reason });
    // The grammar has seen to it that each reaction is an emoji; ids are shown to nobody.
    case 'reactions':
    case 'retraction':
    case 'receipt':
    case 'probe':
    case 'bounce':
    case 'card-query':
    case 'avatar-query':
    case 'avatar':
      return content;
    default:
      return content satisfies never;
  }
}

function cleanMessage(message: Message): Cleaned<Message> {
  const body = clean(withoutOffer(message.body));
  const subject = clean(message.subject ?? '');
  const thread = clean(message.thread ?? '');
  if (body === unbalanced || subject === unbalanced || thread === unbalanced) return unbalanced;
  if (isBlank(body) && isBlank(subject) && !(isBlank(message.body) && isBlank(message.subject ?? ''))) {
    return unbalanced;
  }
  const isClean = body === message.body && subject === (message.subject ?? '') && thread === (message.thread ?? '');
  const texts = isClean
    ? message
    : {
        ...message,
        body,
        ...(message.subject === undefined ? {} : { subject }),
        ...(message.thread === undefined ? {} : { thread }),
        // Where the quotation stands was counted in the text as it came.
        ...(message.reply === undefined ? {} : { reply: { ...message.reply, quotedStart: 0, quotedEnd: 0 } }),
      };
  return hasMore(message) ? cleanMore(texts) : texts;
}

function hasMore({ otherLanguages, nick, links, label }: Message): boolean {
  return otherLanguages !== undefined || nick !== undefined || links !== undefined || label !== undefined;
}

function cleanMore(message: Message): Cleaned<Message> {
  const nick = clean(message.nick ?? '');
  const others = cleanEach(message.otherLanguages ?? [], ({ text }) => ({ text }));
  const links = cleanEach(message.links ?? [], ({ url, description }) => ({ url, description }));
  const { label: said } = message;
  const { privacyMark } = said ?? {};
  const label = said === undefined || privacyMark === undefined ? said : withCleaned(said, { privacyMark });
  if (nick === unbalanced || others === unbalanced || links === unbalanced || label === unbalanced) return unbalanced;
  let cleaned = message;
  if (message.otherLanguages !== undefined && others !== message.otherLanguages) {
    cleaned = { ...cleaned, otherLanguages: others };
  }
  if (message.links !== undefined && links !== message.links) cleaned = { ...cleaned, links };
  if (label !== undefined && label !== message.label) cleaned = { ...cleaned, label };
  if (nick === (message.nick ?? '')) return cleaned;
  const { nick: _, ...nameless } = cleaned;
  return isBlank(nick) ? nameless : { ...nameless, nick };
}

/** The same object where its texts are clean, else a copy with the clean ones. */
function withCleaned<T extends object>(from: T, texts: Readonly<Record<string, string>>): Cleaned<T> {
  let cleaned: T = from;
  for (const [key, text] of Object.entries(texts)) {
    const better = clean(text);
    if (better === unbalanced) return unbalanced;
    if (better !== text) cleaned = { ...cleaned, [key]: better };
  }
  return cleaned;
}

function cleanEach<T extends object>(
  all: readonly T[],
  textsOf: (each: T) => Readonly<Record<string, string>>,
): Cleaned<readonly T[]> {
  const cleaned: T[] = [];
  for (const each of all) {
    const better = withCleaned(each, textsOf(each));
    if (better === unbalanced) return unbalanced;
    cleaned.push(better);
  }
  return cleaned.every((each, i) => each === all[i]) ? all : cleaned;
}

// OTR offers itself by a pattern of spaces and tabs behind a plain text. Without it the offer is never seen.
const offer = /\x20\t\x20\x20\t\t\t\t\x20\t\x20\t\x20\t\x20\x20(?:[\x20\t]{8})*/g;

function withoutOffer(text: string): string {
  return text.includes('\x20\t\x20\x20\t\t\t\t') ? text.replace(offer, '') : text;
}

function isBlank(text: string): boolean {
  return text === '' || !/\S/.test(text);
}
