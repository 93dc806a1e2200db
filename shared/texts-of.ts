// Every text of a packet that a person wrote: what content rules must see, whichever side of the wall judges.
import { domainToUnicode } from 'node:url';
import { markingText } from './content/markings/label.ts';
import type { Part, PartOfText } from './content/rules.ts';
import type { Card, Content, Message } from './packet.ts';

/**
 * The texts of a packet (or of anything with a packet's content) that are shown to somebody or travel as free text, each by itself and none of them empty.
 * Both halves judge the same texts, so that neither can be passed by what the other does not look at.
 */
export function textsOf({ content }: { readonly content: Content }): string[] {
  const texts: string[] = [];
  if (isPlain(content)) {
    if (content.body !== '') texts.push(content.body);
    if (content.thread !== undefined && content.thread !== '') texts.push(content.thread);
    return texts;
  }
  walk(content, (_part, text) => texts.push(text));
  return texts;
}

/** The same, each with the part of the packet where it stands; `rewrite.ts` walks them in the same order. */
export function partsOf({ content }: { readonly content: Content }): PartOfText[] {
  const parts: PartOfText[] = [];
  if (isPlain(content)) {
    const { body, thread } = content;
    if (body !== '') parts.push({ part: 'body', text: body });
    if (thread !== undefined && thread !== '') parts.push({ part: 'thread', text: thread });
    return parts;
  }
  walk(content, (part, text) => parts.push({ part, text }));
  return parts;
}

/** How many characters all of them have. */
export function charactersOf({ content }: { readonly content: Content }): number {
  if (isPlain(content)) return content.body.length + (content.thread?.length ?? 0);
  let characters = 0;
  walk(content, (_part, text) => {
    characters += text.length;
  });
  return characters;
}

// Nearly every packet is a message with nothing but a body and a thread, and is looked at here several times.
// INVARIANT: whatever `addMessage` tells besides those two is asked for here.
function isPlain(content: Content): content is Message {
  if (content.kind !== 'message') return false;
  const { subject, nick, label, links, otherLanguages } = content;
  if (subject !== undefined || nick !== undefined || label !== undefined) return false;
  return links === undefined && otherLanguages === undefined;
}

function walk(content: Content, tell: (part: Part, text: string) => void): void {
  const add = (part: Part, text: string | undefined): void => {
    if (text !== undefined && text !== '') tell(part, text);
  };
  switch (content.kind) {
    case 'message':
      addMessage(content, add);
      break;
    case 'chat-state':
      add('thread', content.thread);
      break;
    case 'presence':
      for (const { text } of content.statuses) add('status', text);
      add('nick', content.nick);
      break;
    case 'subscription':
      add('nick', content.nick);
      add('note', content.note);
      break;
    case 'card':
      for (const text of textsOfCard(content)) add('card', text);
      break;
    case 'reactions':
      for (const emoji of content.emojis) add('reaction', emoji);
      break;
    case 'invitation':
      add('address', content.room.bare);
      add('reason', content.reason);
      break;
    case 'receipt':
    case 'probe':
    case 'card-query':
    case 'avatar-query':
    case 'avatar':
    case 'retraction':
    // A refusal's text is the policy's own; judging it could refuse a refusal (I7).
    case 'bounce':
      break;
    default:
      content satisfies never;
  }
}

/**
 * What is no text, and could carry one: ids and resources, which machines make up. `stanzaId` and the resources are of the
 * packet, the rest of its content.
 */
export function idsOf({
  from,
  to,
  stanzaId,
  content,
}: {
  readonly from: { readonly resource: string };
  readonly to: { readonly resource: string };
  readonly stanzaId: string;
  readonly content: Content;
}): PartOfText[] {
  return [from.resource, to.resource, stanzaId, ...idsInside(content)]
    .filter((text) => text !== '')
    .map((text) => ({ part: 'id', text }));
}

function idsInside(content: Content): string[] {
  switch (content.kind) {
    case 'message': {
      const { replaces = '', reply, originId = '' } = content;
      return [replaces, reply?.id ?? '', reply?.to ?? '', originId];
    }
    case 'receipt':
    case 'retraction':
    case 'bounce':
      return [content.ofId];
    case 'reactions':
      return [content.toId];
    case 'chat-state':
    case 'presence':
    case 'subscription':
    case 'probe':
    case 'card-query':
    case 'card':
    case 'avatar-query':
    case 'avatar':
    case 'invitation':
      return [];
    default:
      return content satisfies never;
  }
}

const none: readonly never[] = [];

function addMessage(message: Message, add: (part: Part, text: string | undefined) => void): void {
  add('body', message.body);
  add('subject', message.subject);
  add('thread', message.thread);
  add('nick', message.nick);
  if (message.label !== undefined) {
    add('label', markingText(message.label.marking));
    add('label', message.label.privacyMark);
  }
  for (const link of message.links ?? none) {
    add('link', link.url);
    add('link', readableUrl(link.url));
    add('link', link.description);
  }
  for (const other of message.otherLanguages ?? none) add('body', other.text);
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
