// The refusal of a packet, as a packet to its sender. An error never answers an error (I7).
import { randomBytes } from 'node:crypto';
import type { Instant } from './clock.ts';
import { bouncedKind, type Packet, type PacketId } from './packet.ts';
import { type Refusal, refusalRow } from './refusals.ts';

/**
 * The bounce of `packet`, from whom it was for to who sent it. Undefined where nobody is to be told: for kinds that get
 * no error, headlines and steps other than a request (xmpp-boundary S10), and codes whose answer is to drop.
 */
export function bounceOf(packet: Packet, refusal: Refusal, id: PacketId, at: Instant): Packet | undefined {
  const { content } = packet;
  const ofKind = bouncedKind(content.kind);
  if (ofKind === undefined || refusalRow(refusal.code).answer === 'drop') return undefined;
  if (content.kind === 'message' && content.type === 'headline') return undefined;
  // The other steps are answers or ends themselves.
  if (content.kind === 'subscription' && content.step !== 'subscribe') return undefined;
  return {
    id,
    from: packet.to,
    to: packet.from,
    at,
    delayed: false,
    stanzaId: '',
    // Of the public text; where there is none, of whoever reads it.
    lang: refusal.lang ?? packet.lang,
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

/** The same refusal with a number by which an operator finds it; one that has a number keeps it. */
export function withIncident(refusal: Refusal): Refusal {
  return refusal.incident === undefined ? { ...refusal, incident: randomBytes(5).toString('hex') } : refusal;
}
