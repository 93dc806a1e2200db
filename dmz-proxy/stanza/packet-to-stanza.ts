// A packet becomes the canonical text of a stanza (P16), for a stream whose content namespace is `jabber:server`.
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { Bounce, Packet } from '@sallyport/shared/packet.ts';
import { type Element, xml } from '@xmpp/xml';
import { printBuilt } from '../xml/print.ts';
import { chatStatesNs, delayNs, receiptsNs } from './namespaces.ts';
import type { StanzaName } from './stanza.ts';
import { stanzaError } from './stanza-error.ts';

/**
 * The stanza that says what the packet says. `again`: it may have been delivered before, so that it carries the time
 * at which it was first said (XEP-0203). Undefined for what XMPP partners do not get from us yet (`not-carried`).
 */
export function packetToStanza(packet: Packet, again = false): string | undefined {
  const { content } = packet;
  switch (content.kind) {
    case 'message':
      return message(packet, again, content.type, [
        content.subject === undefined ? undefined : xml('subject', {}, content.subject),
        content.body === '' ? undefined : xml('body', {}, content.body),
        thread(content.thread),
        chatState(content.chatState),
      ]);
    case 'chat-state':
      // An old chat state says nothing any more, so it carries no delay.
      return message(packet, false, 'chat', [thread(content.thread), chatState(content.state)]);
    case 'bounce':
      return bounce(packet, content);
    case 'receipt':
      // We tell what arrived, never what was read (XEP-0333).
      return content.what === 'received' ? message(packet, false, 'chat', [receipt(content.ofId)]) : undefined;
    case 'presence':
    case 'subscription':
    case 'probe':
    case 'card-query':
    case 'card':
    case 'avatar-query':
    case 'avatar':
    case 'reactions':
    case 'retraction':
    case 'invitation':
      return undefined;
    default:
      return content satisfies never;
  }
}

function message(packet: Packet, again: boolean, type: string, children: (Element | undefined)[]): string {
  const { stanzaId, lang } = packet;
  return printBuilt(
    xml(
      'message',
      {
        from: jidText(packet.from),
        to: jidText(packet.to),
        ...(stanzaId === '' ? {} : { id: stanzaId }),
        type,
        ...(lang === '' ? {} : { 'xml:lang': lang }),
      },
      ...children,
      packet.delayed || again ? delay(packet) : undefined,
    ),
  );
}

function thread(id: string | undefined): Element | undefined {
  return id === undefined || id === '' ? undefined : xml('thread', {}, id);
}

function receipt(ofId: string): Element {
  return xml('received', { xmlns: receiptsNs, id: ofId });
}

function chatState(state: string | undefined): Element | undefined {
  return state === undefined ? undefined : xml(state, { xmlns: chatStatesNs });
}

function delay({ from, at }: Packet): Element {
  return xml('delay', { xmlns: delayNs, from: from.domain, stamp: new Date(at).toISOString() });
}

function bounce(packet: Packet, { ofId, ofKind, code, publicText, incident }: Bounce): string {
  const address = {
    stanza: stanzaOf(ofKind),
    from: jidText(packet.from),
    to: jidText(packet.to),
    id: ofId,
    by: packet.from.domain,
  };
  return stanzaError(address, { code, publicText, incident });
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
