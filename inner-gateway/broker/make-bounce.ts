// Makes the packet that tells a sender of its refusal, where it may be told at all (I7).
import { randomUUID } from 'node:crypto';
import type { Instant } from '@sallyport/shared/clock.ts';
import { bouncedKind, type Packet, type PacketId } from '@sallyport/shared/packet.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';

/** From whom it was for, to who sent it. Undefined for kinds whose refusal nobody is told. */
export function makeBounce(refused: Packet, refusal: Refusal, id: PacketId, now: Instant): Packet | undefined {
  const ofKind = bouncedKind(refused.content.kind);
  if (ofKind === undefined) return undefined;
  return {
    id,
    from: refused.to,
    to: refused.from,
    at: now,
    delayed: false,
    stanzaId: '',
    lang: '',
    content: {
      kind: 'bounce',
      ofId: refused.stanzaId,
      ofKind,
      code: refusal.code,
      publicText: refusal.publicText ?? '',
      incident: refusal.incident ?? '',
    },
  };
}

/** Gives a refusal that a person will see the number by which an operator finds it; one that has a number keeps it. */
export function withIncident(refusal: Refusal, packet: Packet): Refusal {
  if (refusal.incident !== undefined || bouncedKind(packet.content.kind) === undefined) return refusal;
  return { ...refusal, incident: randomUUID().slice(0, 8) };
}
