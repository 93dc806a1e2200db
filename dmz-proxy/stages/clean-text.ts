// Takes out of every text what hides or reorders it, before anybody judges the text (xmpp-boundary §2.6).
import type { Content, Message, Text } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import { cleanText as clean, unbalanced } from './text-hygiene.ts';

type Carrying = { readonly content: Content };

/**
 * Cleans the texts of a message or a chat state. Refuses with `text-unclean` a text whose directional controls are not
 * closed, and a message of which nothing visible stays.
 */
export function cleanText<S extends Carrying>(subject: S): Verdict<S> {
  const { content } = subject;
  if (content.kind === 'message') {
    const cleaned = cleanMessage(content);
    if (cleaned === undefined) return refuse('text-unclean');
    return cleaned === content ? pass(subject) : pass({ ...subject, content: cleaned });
  }
  if (content.kind === 'chat-state' && content.thread !== undefined) {
    const thread = clean(content.thread);
    if (thread === unbalanced) return refuse('text-unclean');
    return thread === content.thread ? pass(subject) : pass({ ...subject, content: { ...content, thread } });
  }
  return pass(subject);
}

function cleanMessage(message: Message): Message | undefined {
  const body = clean(withoutOffer(message.body));
  const subject = clean(message.subject ?? '');
  const thread = clean(message.thread ?? '');
  const others = cleanAll(message.otherLanguages ?? []);
  if (body === unbalanced || subject === unbalanced || thread === unbalanced || others === undefined) return undefined;
  if (isBlank(body) && isBlank(subject) && !(isBlank(message.body) && isBlank(message.subject ?? ''))) return undefined;
  if (
    body === message.body &&
    subject === (message.subject ?? '') &&
    thread === (message.thread ?? '') &&
    others.every((other, i) => other.text === message.otherLanguages?.[i]?.text)
  ) {
    return message;
  }
  return {
    ...message,
    body,
    ...(message.subject === undefined ? {} : { subject }),
    ...(message.thread === undefined ? {} : { thread }),
    ...(message.otherLanguages === undefined ? {} : { otherLanguages: others }),
  };
}

function cleanAll(texts: readonly Text[]): readonly Text[] | undefined {
  const cleaned: Text[] = [];
  for (const { lang, text } of texts) {
    const better = clean(text);
    if (better === unbalanced) return undefined;
    cleaned.push({ lang, text: better });
  }
  return cleaned;
}

// OTR offers itself by a pattern of spaces and tabs behind a plain text. Without it the offer is never seen.
const offer = /\x20\t\x20\x20\t\t\t\t\x20\t\x20\t\x20\t\x20\x20(?:[\x20\t]{8})*/g;

function withoutOffer(text: string): string {
  return text.includes('\x20\t\x20\x20\t\t\t\t') ? text.replace(offer, '') : text;
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}
