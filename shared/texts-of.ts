// Every text of a packet that a person wrote: what content rules must see, whichever side of the wall judges.
import { domainToUnicode } from 'node:url';
import type { Card, Content, Message } from './packet.ts';

/**
 * The texts of a packet (or of anything with a packet's content) that are shown to somebody or travel as free text, each by itself and none of them empty.
 * Both halves judge the same texts, so that neither can be passed by what the other does not look at.
 */
export function textsOf({ content }: { readonly content: Content }): string[] {
  // By far the most packets are a message of one or two texts.
  if (content.kind === 'message') return textsOfMessage(content);
  return textsOfContent(content).filter((text) => text !== '');
}

function textsOfContent(content: Exclude<Content, Message>): string[] {
  switch (content.kind) {
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
      return [content.room.bare, content.reason];
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
  const texts: string[] = [];
  const add = (text: string | undefined) => {
    if (text !== undefined && text !== '') texts.push(text);
  };
  add(message.body);
  add(message.subject);
  add(message.thread);
  add(message.nick);
  add(message.label?.display);
  for (const link of message.links ?? []) {
    add(link.url);
    add(readableUrl(link.url));
    add(link.description);
  }
  for (const other of message.otherLanguages ?? []) add(other.text);
  return texts;
}

// What a link says once the escapes of its host and its path are taken back, where it says anything else than it does
// with them; a word is no other word for being escaped.
function readableUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/%|xn--/.test(parsed.href)) return '';
  const path = parsed.href.slice(parsed.origin.length);
  const octets = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const readable = Buffer.from(octets, 'latin1').toString('utf8');
  const visible = readable
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[\x00-\x1f\x7f\ufffe\uffff]/g, ' ');
  return `${domainToUnicode(parsed.hostname)}${visible}`;
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
