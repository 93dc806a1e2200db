// A stanza for a user inside becomes a packet, which belongs to no network.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
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
    content: stanza.content,
  };
}
