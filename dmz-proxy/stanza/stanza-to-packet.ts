// A stanza for a user inside becomes a packet, which belongs to no network.
import { hash } from 'node:crypto';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Content, Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { UserStanza } from './stanza.ts';

/** The packet of a stanza that has been admitted. `now` is when it came; a believed delay takes its place. */
export function stanzaToPacket(stanza: UserStanza, id: PacketId, now: Instant): Packet {
  return {
    id,
    from: stanza.from,
    to: stanza.to,
    at: stanza.delayedSince ?? now,
    delayed: stanza.delayedSince !== undefined,
    stanzaId: stanza.id,
    lang: stanza.lang,
    content: withOpaqueThread(stanza),
    ...(stanza.quarantine === undefined ? {} : { quarantine: stanza.quarantine }),
  };
}

// The id of a conversation is any string: inside it could carry words past a reader, and become part of a header. What
// goes on is the same for the same conversation of the same two, and says nothing (xmpp-boundary §2.1).
function withOpaqueThread({ from, to, content }: UserStanza): Content {
  if ((content.kind !== 'message' && content.kind !== 'chat-state') || content.thread === undefined) return content;
  const thread = hash('sha256', `${from.bare} ${to.bare} ${content.thread}`, 'base64url').slice(0, 22);
  return { ...content, thread };
}
