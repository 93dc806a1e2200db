// Every text of a packet that a person wrote: what content rules must see, whichever side of the wall judges.
import type { Card, Content, Message } from './packet.ts';

/**
 * The texts of a packet (or of anything with a packet's content) that are shown to somebody or travel as free text, each by itself and none of them empty.
 * Both halves judge the same texts, so that neither can be passed by what the other does not look at.
 */
export function textsOf(packet: { readonly content: Content }): string[] {
  return textsOfContent(packet.content).filter((text) => text !== '');
}

function textsOfContent(content: Content): string[] {
  switch (content.kind) {
    case 'message':
      return textsOfMessage(content);
    case 'chat-state':
      return [content.thread ?? ''];
    case 'presence':
      return [...content.statuses.map((status) => status.text), content.nick ?? ''];
    case 'subscription':
      return [content.nick ?? '', content.note ?? ''];
    case 'card':
      return textsOfCard(content);
    case 'reactions':
      return [...content.emojis];
    case 'invitation':
      return [content.reason];
    case 'receipt':
    case 'probe':
    case 'card-query':
    case 'avatar-query':
    case 'avatar':
    case 'retraction':
    // A refusal's text is the policy's own; judging it could refuse a refusal (I7).
    case 'bounce':
      return [];
    default:
      return content satisfies never;
  }
}

function textsOfMessage(message: Message): string[] {
  return [
    message.body,
    message.subject ?? '',
    message.thread ?? '',
    message.nick ?? '',
    message.label?.display ?? '',
    ...(message.links ?? []).flatMap((link) => [link.url, link.description]),
    ...(message.otherLanguages ?? []).map((other) => other.text),
  ];
}

function textsOfCard(card: Card): string[] {
  const { address } = card;
  return [
    card.fullName,
    card.familyName,
    card.givenName,
    card.nickname,
    card.organisation,
    card.department,
    card.title,
    card.role,
    ...card.emails.map((email) => email.value),
    ...card.phones.map((phone) => phone.value),
    card.url,
    address?.street ?? '',
    address?.locality ?? '',
    address?.region ?? '',
    address?.postalCode ?? '',
    address?.country ?? '',
    address?.office ?? '',
    card.note,
  ];
}
