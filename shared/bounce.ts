// The refusal of a packet, as a packet to its sender. An error never answers an error (I7).
import type { Instant } from './clock.ts';
import { bouncedKind, type Packet, type PacketId } from './packet.ts';
import { type Refusal, refusalRow } from './refusals.ts';

/** The bounce of `packet`; undefined where nobody is to be told: for kinds that get no error, and dropped codes. */
export function bounceOf(packet: Packet, refusal: Refusal, id: PacketId, at: Instant): Packet | undefined {
  const ofKind = bouncedKind(packet.content.kind);
  if (ofKind === undefined || refusalRow(refusal.code).answer === 'drop') return undefined;
  return {
    id,
    from: packet.to,
    to: packet.from,
    at,
    delayed: false,
    stanzaId: packet.stanzaId,
    lang: '',
    content: {
      kind: 'bounce',
      ofId: packet.stanzaId,
      ofKind,
      code: refusal.code,
      publicText: refusal.publicText ?? '',
      incident: refusal.incident ?? '',
    },
  };
}
