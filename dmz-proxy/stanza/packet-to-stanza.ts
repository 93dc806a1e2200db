// A packet becomes the canonical text of a stanza (P16), for a stream whose content namespace is `jabber:server`.
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { Bounce, ChatStateKind, Message, Packet } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Texts } from '@sallyport/shared/policy/texts.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import { type Element, xml } from '@xmpp/xml';
import { escapeAttribute, printBuilt, printTextual } from '../xml/print.ts';
import { avatarDataNs, cardNs, chatStatesNs, delayNs, markersNs, pubsubNs, receiptsNs } from './namespaces.ts';
import { printPresence, printProbe, printSubscription, printUnsubscribed } from './print-presence.ts';
import { printCard } from './read-card.ts';
import { printLabel } from './read-label.ts';
import type { StanzaName } from './stanza.ts';
import { stanzaError } from './stanza-error.ts';

/**
 * The stanza that says what the packet says. `again`: it may have been delivered before, so that it carries the time
 * at which it was first said (XEP-0203). The policy says which labels there are and in what words a refusal is told.
 * Undefined for what XMPP partners do not get from us yet, and for a label that the policy cannot write any more
 * (`not-carried`).
 */
export function packetToStanza(
  packet: Packet,
  again = false,
  { labels, texts }: Pick<Policy, 'labels' | 'texts'> = {},
): string | undefined {
  const { content } = packet;
  switch (content.kind) {
    case 'message': {
      const label = content.label === undefined ? '' : printLabel(content.label, labels);
      if (label === undefined) return undefined;
      return message(packet, again, content.type, insideMessage(content, packet.stanzaId) + label);
    }
    case 'chat-state':
      // An old chat state says nothing any more, so it carries no delay.
      return message(packet, false, 'chat', thread(content.thread) + chatState(content.state));
    case 'bounce':
      return bounce(packet, content, texts);
    case 'receipt':
      return message(packet, false, 'chat', receipt(content.what, content.ofId));
    case 'presence':
      return printPresence(packet, content, packet.delayed ? delay(packet) : undefined);
    case 'subscription':
      return printSubscription(packet, content);
    case 'probe':
      return printProbe(packet);
    case 'card-query':
      return query(packet, 'get', xml('vCard', { xmlns: cardNs }));
    case 'card':
      return query(packet, 'result', printCard(content));
    case 'avatar-query': {
      const item = xml('item', { id: Buffer.from(content.hash).toString('hex') });
      return query(packet, 'get', xml('pubsub', { xmlns: pubsubNs }, xml('items', { node: avatarDataNs }, item)));
    }
    case 'avatar':
    case 'reactions':
    case 'retraction':
    case 'invitation':
      return undefined;
    default:
      return content satisfies never;
  }
}

// Nearly all that leaves is one of these, so it is written straight down; what is rare is built as elements first.
function message(packet: Packet, again: boolean, type: string, inside: string): string {
  const { stanzaId, lang } = packet;
  let start = `<message from="${escapeAttribute(jidText(packet.from))}" to="${escapeAttribute(jidText(packet.to))}"`;
  if (stanzaId !== '') start += ` id="${escapeAttribute(stanzaId)}"`;
  start += ` type="${type}"`;
  if (lang !== '') start += ` xml:lang="${escapeAttribute(lang)}"`;
  const children = packet.delayed || again ? inside + printBuilt(delay(packet)) : inside;
  return children === '' ? `${start}/>` : `${start}>${children}</message>`;
}

function insideMessage(content: Message, stanzaId: string): string {
  let inside = content.subject === undefined ? '' : printTextual('subject', content.subject);
  if (content.body !== '') inside += printTextual('body', content.body);
  inside += thread(content.thread) + chatState(content.chatState);
  if (stanzaId === '') return inside;
  if (content.receiptRequested === true) inside += `<request xmlns="${receiptsNs}"/>`;
  return content.markable === true ? `${inside}<markable xmlns="${markersNs}"/>` : inside;
}

function thread(id: string | undefined): string {
  return id === undefined || id === '' ? '' : printTextual('thread', id);
}

function chatState(state: ChatStateKind | undefined): string {
  return state === undefined ? '' : `<${state} xmlns="${chatStatesNs}"/>`;
}

function receipt(what: 'received' | 'displayed', id: string): string {
  return `<${what} xmlns="${what === 'received' ? receiptsNs : markersNs}" id="${escapeAttribute(id)}"/>`;
}

// A question goes to the person, an answer to the device that asked.
function query({ from, to, stanzaId }: Packet, type: 'get' | 'result', child: Element): string {
  return printBuilt(
    xml('iq', { from: jidText(from), to: type === 'get' ? to.bare : jidText(to), id: stanzaId, type }, child),
  );
}

function delay({ from, at }: Packet): Element {
  return xml('delay', { xmlns: delayNs, from: from.domain, stamp: new Date(at).toISOString() });
}

function bounce(
  packet: Packet,
  { ofId, ofKind, code, publicText, incident }: Bounce,
  texts: Texts | undefined,
): string {
  if (ofKind === 'subscription' && isUnseen(code)) return printUnsubscribed(packet.from.bare, packet.to.bare);
  const address = {
    stanza: stanzaOf(ofKind),
    from: jidText(packet.from),
    to: jidText(packet.to),
    id: ofId,
    by: packet.from.domain,
  };
  return stanzaError(address, { code, publicText, incident, lang: packet.lang }, texts);
}

/** Whether a refusal says that somebody is not to be seen, which a subscription request is told in its own words. */
export function isUnseen(code: RefusalCode): boolean {
  return code === 'not-permitted' || code === 'user-unknown';
}

function stanzaOf(kind: Bounce['ofKind']): StanzaName {
  switch (kind) {
    case 'message':
      return 'message';
    case 'query':
      return 'iq';
    case 'subscription':
    case 'presence':
      return 'presence';
    default:
      return kind satisfies never;
  }
}
