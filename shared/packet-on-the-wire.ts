// Packets in the shape of boundary.proto, there and back. What comes back is parsed from nothing: types from the
// wire are bytes with good manners, so each length, enum and address is checked again (I4).
import type {
  Packet as WirePacket,
  Packet__Output as WirePacketRead,
} from '@sallyport/proto/generated/sallyport/boundary/v1/Packet.ts';
import { type Jid, jidText, parseJid } from './address/jid.ts';
import type { Content, Packet, PacketId } from './packet.ts';
import { isRefusalCode } from './refusals.ts';
import { pass, refuse, type Verdict } from './verdict.ts';
import { cardFromWire, cardToWire } from './wire/card.ts';
import { bouncedKinds, bounded, chatStates, identifier, receiptKinds, steps } from './wire/fields.ts';
import { messageFromWire, messageToWire } from './wire/message.ts';
import { presenceFromWire, presenceToWire } from './wire/presence.ts';

/** A packet as boundary.proto writes it. */
export function packetToWire(packet: Packet): WirePacket {
  return {
    from: jidText(packet.from),
    to: jidText(packet.to),
    atMs: packet.at,
    stanzaId: packet.stanzaId,
    lang: packet.lang,
    delayed: packet.delayed,
    ...contentToWire(packet.content),
  };
}

function contentToWire(content: Content): WirePacket {
  switch (content.kind) {
    case 'message':
      return { message: messageToWire(content) };
    case 'chat-state':
      return { chatState: { kind: chatStates.write(content.state), thread: content.thread ?? '' } };
    case 'receipt':
      return { receipt: { kind: receiptKinds.write(content.what), ofId: content.ofId } };
    case 'presence':
      return { presence: presenceToWire(content) };
    case 'subscription':
      return {
        subscription: { step: steps.write(content.step), nick: content.nick ?? '', note: content.note ?? '' },
      };
    case 'probe':
      return { probe: {} };
    case 'card-query':
      return { cardQuery: {} };
    case 'card':
      return { card: cardToWire(content) };
    case 'avatar-query':
      return { avatarQuery: { hash: Buffer.from(content.hash) } };
    case 'avatar':
      return { avatar: { ...content, hash: Buffer.from(content.hash), data: Buffer.from(content.data) } };
    case 'bounce':
      return { bounce: { ...content, ofKind: bouncedKinds.write(content.ofKind) } };
    case 'reactions':
      return { reactions: { toId: content.toId, emojis: [...content.emojis] } };
    case 'retraction':
      return { retraction: { ofId: content.ofId } };
    case 'invitation':
      return { invitation: { room: jidText(content.room), reason: content.reason } };
    default:
      return content satisfies never;
  }
}

/**
 * Reads a packet that came over the wall. Anything missing, too long, malformed or unnamed refuses it with
 * `origin-disbelieved`, and a note that names the field and quotes nothing.
 */
export function packetFromWire(id: PacketId, wire: WirePacketRead | null | undefined): Verdict<Packet> {
  if (wire === null || wire === undefined) return disbelieved('packet');
  if (!/^[!-~]{1,64}$/.test(id)) return disbelieved('id');
  const from = address(wire.from);
  if (from === undefined) return disbelieved('from');
  const to = address(wire.to);
  if (to === undefined) return disbelieved('to');
  if (!Number.isSafeInteger(wire.atMs) || wire.atMs <= 0) return disbelieved('at_ms');
  const stanzaId = identifier(wire.stanzaId);
  if (stanzaId === undefined) return disbelieved('stanza_id');
  if (wire.lang !== '' && !/^[A-Za-z0-9-]{1,35}$/.test(wire.lang)) return disbelieved('lang');
  const content = contentFromWire(wire);
  if (content === undefined) return disbelieved(wire.content ?? 'content');
  return pass({ id, from, to, at: wire.atMs, delayed: wire.delayed, stanzaId, lang: wire.lang, content });
}

function contentFromWire(wire: WirePacketRead): Content | undefined {
  switch (wire.content) {
    case 'message':
      return messageFromWire(wire.message);
    case 'chatState': {
      const state = chatStates.read(wire.chatState?.kind);
      const thread = bounded(wire.chatState?.thread, 255);
      if (state === undefined || thread === undefined) return undefined;
      return { kind: 'chat-state', state, ...(thread === '' ? {} : { thread }) };
    }
    case 'receipt': {
      const what = receiptKinds.read(wire.receipt?.kind);
      const ofId = identifier(wire.receipt?.ofId);
      return what === undefined || ofId === undefined || ofId === '' ? undefined : { kind: 'receipt', what, ofId };
    }
    case 'presence':
      return presenceFromWire(wire.presence);
    case 'subscription': {
      const step = steps.read(wire.subscription?.step);
      const nick = bounded(wire.subscription?.nick, 64);
      const note = bounded(wire.subscription?.note, 1024);
      if (step === undefined || nick === undefined || note === undefined) return undefined;
      return { kind: 'subscription', step, ...(nick === '' ? {} : { nick }), ...(note === '' ? {} : { note }) };
    }
    case 'probe':
      return { kind: 'probe' };
    case 'cardQuery':
      return { kind: 'card-query' };
    case 'card':
      return cardFromWire(wire.card);
    case 'avatarQuery': {
      const hash = wire.avatarQuery?.hash;
      return hash?.length === 20 ? { kind: 'avatar-query', hash } : undefined;
    }
    case 'avatar': {
      const avatar = wire.avatar;
      if (avatar?.hash.length !== 20 || avatar.data.length > 65_536) return undefined;
      if (avatar.mediaType !== 'image/png' && avatar.mediaType !== 'image/jpeg') return undefined;
      return {
        kind: 'avatar',
        hash: avatar.hash,
        mediaType: avatar.mediaType,
        data: avatar.data,
        width: avatar.width,
        height: avatar.height,
      };
    }
    case 'bounce':
      return bounceFromWire(wire.bounce);
    case 'reactions': {
      const toId = identifier(wire.reactions?.toId);
      const emojis = wire.reactions?.emojis ?? [];
      if (toId === undefined || emojis.length > 10 || emojis.some((emoji) => bounded(emoji, 64) === undefined))
        return undefined;
      return { kind: 'reactions', toId, emojis };
    }
    case 'retraction': {
      const ofId = identifier(wire.retraction?.ofId);
      return ofId === undefined || ofId === '' ? undefined : { kind: 'retraction', ofId };
    }
    case 'invitation': {
      const room = address(wire.invitation?.room ?? '');
      const reason = bounded(wire.invitation?.reason, 1024);
      return room === undefined || reason === undefined ? undefined : { kind: 'invitation', room, reason };
    }
    case undefined:
      return undefined;
    default:
      return wire.content satisfies never;
  }
}

function bounceFromWire(bounce: WirePacketRead['bounce']): Content | undefined {
  const ofId = identifier(bounce?.ofId);
  const ofKind = bouncedKinds.read(bounce?.ofKind);
  const code = bounce?.code ?? '';
  const publicText = bounded(bounce?.publicText, 1024);
  const incident = identifier(bounce?.incident, 64);
  if (ofId === undefined || ofKind === undefined || !isRefusalCode(code)) return undefined;
  if (publicText === undefined || incident === undefined) return undefined;
  return { kind: 'bounce', ofId, ofKind, code, publicText, incident };
}

// Only what reads back as itself is an address: the other side has prepared it already.
function address(text: string): Jid | undefined {
  const jid = parseJid(text);
  return jid !== undefined && isWrittenAs(jid, text) ? jid : undefined;
}

function isWrittenAs({ bare, resource }: Jid, text: string): boolean {
  if (resource === '') return text === bare;
  // Not put together to be compared: this is done for each address that comes over the wall.
  const slash = bare.length;
  return (
    text.length === slash + 1 + resource.length &&
    text[slash] === '/' &&
    text.startsWith(bare) &&
    text.endsWith(resource)
  );
}

function disbelieved(field: string): Verdict<Packet> {
  return refuse('origin-disbelieved', { note: `the field ${field} is not what boundary.proto promises` });
}
