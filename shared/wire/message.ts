// A Message in the shape of boundary.proto, there and back.
import type {
  Message as WireMessage,
  Message__Output as WireMessageRead,
} from '@sallyport/proto/generated/sallyport/boundary/v1/Message.ts';
import type { Message, Text } from '../packet.ts';
import { bounded, chatStates, identifier, messageTypes } from './fields.ts';
import { labelFromWire, labelToWire } from './label.ts';

const bodyUnits = 131_072;

export function messageToWire(message: Message): WireMessage {
  const wire: WireMessage = { body: message.body, type: messageTypes.write(message.type) };
  if (message.subject !== undefined) wire.subject = message.subject;
  if (message.thread !== undefined) wire.thread = message.thread;
  if (message.chatState !== undefined) wire.chatState = chatStates.write(message.chatState);
  if (message.receiptRequested === true) wire.receiptRequested = true;
  if (message.markable === true) wire.markable = true;
  if (message.nick !== undefined) wire.nick = message.nick;
  if (message.replaces !== undefined) wire.replaces = message.replaces;
  if (message.reply !== undefined) wire.reply = message.reply;
  if (message.label !== undefined) wire.label = labelToWire(message.label);
  if (message.links !== undefined) wire.links = [...message.links];
  if (message.originId !== undefined) wire.originId = message.originId;
  if (message.otherLanguages !== undefined) wire.otherLanguages = [...message.otherLanguages];
  return wire;
}

/** undefined where a field is not what the contract promises. */
export function messageFromWire(wire: WireMessageRead | null | undefined): Message | undefined {
  if (wire === null || wire === undefined) return undefined;
  const type = messageTypes.read(wire.type);
  const body = bounded(wire.body, bodyUnits);
  const subject = bounded(wire.subject, 512);
  const thread = bounded(wire.thread, 255);
  const nick = bounded(wire.nick, 64);
  const replaces = identifier(wire.replaces);
  const originId = identifier(wire.originId);
  if (type === undefined || body === undefined || subject === undefined) return undefined;
  if (thread === undefined || nick === undefined || replaces === undefined || originId === undefined) return undefined;
  const saysState = wire.chatState !== 'CHAT_STATE_KIND_UNSPECIFIED';
  const chatState = chatStates.read(wire.chatState);
  if (saysState && chatState === undefined) return undefined;
  const otherLanguages = textsFromWire(wire.otherLanguages, 16, bodyUnits);
  const links = linksFromWire(wire.links);
  const reply = replyFromWire(wire.reply);
  const label = labelFromWire(wire.label);
  if (otherLanguages === undefined || links === undefined || reply === undefined || label === undefined)
    return undefined;
  // Field by field: a dozen spreads of mostly nothing cost more than all the checks above.
  const message: { -readonly [K in keyof Message]: Message[K] } = { kind: 'message', type, body };
  if (subject !== '') message.subject = subject;
  if (thread !== '') message.thread = thread;
  if (chatState !== undefined) message.chatState = chatState;
  if (wire.receiptRequested) message.receiptRequested = true;
  if (wire.markable) message.markable = true;
  if (nick !== '') message.nick = nick;
  if (replaces !== '') message.replaces = replaces;
  if (reply !== null) message.reply = reply;
  if (label !== null) message.label = label;
  if (links.length > 0) message.links = links;
  if (originId !== '') message.originId = originId;
  if (otherLanguages.length > 0) message.otherLanguages = otherLanguages;
  return message;
}

/** Texts in several languages; undefined where there are too many or one is not a text. */
export function textsFromWire(
  wire: readonly { readonly lang: string; readonly text: string }[],
  most: number,
  units: number,
): readonly Text[] | undefined {
  if (wire.length > most) return undefined;
  const texts: Text[] = [];
  for (const each of wire) {
    const text = bounded(each.text, units);
    if (text === undefined || (each.lang !== '' && !/^[A-Za-z0-9-]{1,35}$/.test(each.lang))) return undefined;
    texts.push({ lang: each.lang, text });
  }
  return texts;
}

function linksFromWire(wire: WireMessageRead['links']): NonNullable<Message['links']> | undefined {
  if (wire.length > 16) return undefined;
  const links: { url: string; description: string }[] = [];
  for (const each of wire) {
    const url = bounded(each.url, 2048);
    const description = bounded(each.description, 1024);
    if (url === undefined || description === undefined || !/^https?:\/\//.test(url)) return undefined;
    links.push({ url, description });
  }
  return links;
}

// null: none was given. undefined: not what was promised.
function replyFromWire(wire: WireMessageRead['reply']): NonNullable<Message['reply']> | null | undefined {
  if (wire === null || wire === undefined) return null;
  const to = bounded(wire.to, 3071);
  const id = identifier(wire.id);
  if (to === undefined || id === undefined || wire.quotedEnd < wire.quotedStart) return undefined;
  return { to, id, quotedStart: wire.quotedStart, quotedEnd: wire.quotedEnd };
}
