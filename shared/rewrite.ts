// Puts texts from which something was taken out back into a packet; what cannot be changed alone is not changed at all.
import type { Card, Content, Message } from './packet.ts';
import { partsOf } from './texts-of.ts';

/**
 * The content with these texts for those of `partsOf`, in the same order. Other renderings of what was changed are
 * dropped rather than edited (other languages, other statuses, the name that a sender gives himself). Undefined where a
 * text was changed that means something else then: a link, a thread, a label, a reaction, an address.
 */
export function rewrite<C extends Content>(content: C, texts: readonly string[]): C | undefined;
export function rewrite(content: Content, texts: readonly string[]): Content | undefined {
  const before = partsOf({ content });
  const changed = new Set([...before.keys()].filter((index) => before[index]?.text !== texts[index]));
  if (changed.size === 0) return content;
  let at = 0;
  /** The new text of the next part; every text that `partsOf` tells of is asked for once, in its order. */
  const next = (text: string | undefined): { readonly text: string; readonly isChanged: boolean } => {
    if (text === undefined || text === '') return { text: '', isChanged: false };
    const index = at++;
    return { text: texts[index] ?? '', isChanged: changed.has(index) };
  };
  switch (content.kind) {
    case 'message':
      return rewriteMessage(content, next, before, changed);
    case 'presence': {
      const { nick: _, ...rest } = content;
      const statuses = content.statuses.map((status) => ({ status, ...next(status.text) }));
      const { isChanged: noNick } = next(content.nick);
      const touched = statuses.filter(({ isChanged }) => isChanged);
      const kept = touched.length === 0 ? content.statuses : touched.map(({ status, text }) => ({ ...status, text }));
      return { ...(noNick ? rest : content), statuses: kept };
    }
    case 'subscription': {
      const nick = next(content.nick);
      const note = next(content.note);
      const { nick: _, ...nameless } = content;
      return { ...(nick.isChanged ? nameless : content), ...(note.isChanged ? { note: note.text } : {}) };
    }
    case 'card':
      return rewriteCard(content, next);
    case 'invitation': {
      const room = next(content.room.bare);
      const reason = next(content.reason);
      return room.isChanged ? undefined : { ...content, reason: reason.text };
    }
    case 'chat-state':
    case 'reactions':
    case 'receipt':
    case 'probe':
    case 'card-query':
    case 'avatar-query':
    case 'avatar':
    case 'retraction':
    case 'bounce':
      return undefined;
    default:
      return content satisfies never;
  }
}

type Next = (text: string | undefined) => { readonly text: string; readonly isChanged: boolean };

function rewriteMessage(
  message: Message,
  next: Next,
  before: ReturnType<typeof partsOf>,
  changed: ReadonlySet<number>,
): Message | undefined {
  for (const index of changed) {
    const part = before[index]?.part;
    if (part === 'thread' || part === 'label' || part === 'link') return undefined;
  }
  const body = next(message.body);
  const subject = next(message.subject);
  next(message.thread);
  const nick = next(message.nick);
  // The other languages stand last.
  const { otherLanguages: _, nick: name, ...kept } = message;
  const last = before.length - (message.otherLanguages ?? []).filter(({ text }) => text !== '').length;
  const drops = body.isChanged || [...changed].some((index) => index >= last);
  return {
    ...kept,
    body: body.text,
    ...(message.subject === undefined ? {} : { subject: subject.text }),
    ...(name === undefined || nick.isChanged ? {} : { nick: name }),
    ...(message.otherLanguages === undefined || drops ? {} : { otherLanguages: message.otherLanguages }),
    // Where the quotation stood was counted in the text as it was.
    ...(message.reply === undefined || !body.isChanged
      ? {}
      : { reply: { ...message.reply, quotedStart: 0, quotedEnd: 0 } }),
  };
}

function rewriteCard(card: Card, next: Next): Card | undefined {
  const fullName = next(card.fullName).text;
  const familyName = next(card.familyName).text;
  const givenName = next(card.givenName).text;
  const nickname = next(card.nickname).text;
  const organisation = next(card.organisation).text;
  const department = next(card.department).text;
  const title = next(card.title).text;
  const role = next(card.role).text;
  const emails = card.emails.filter(({ value }) => !next(value).isChanged);
  const phones = card.phones.filter(({ value }) => !next(value).isChanged);
  const url = next(card.url);
  const { address, ...rest } = card;
  const places = [
    ...[address?.street, address?.locality, address?.region],
    ...[address?.postalCode, address?.country, address?.office],
  ].map(next);
  const note = next(card.note).text;
  return {
    ...rest,
    ...{ fullName, familyName, givenName, nickname, organisation, department, title, role, emails, phones, note },
    url: url.isChanged ? '' : url.text,
    ...(address === undefined || places.some(({ isChanged }) => isChanged) ? {} : { address }),
  };
}
