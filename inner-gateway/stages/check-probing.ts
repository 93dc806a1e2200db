// Does this internal user find out by trying what content rules refuse? Then nothing of his is judged for a while (§1.2).
import { bouncedKind, type Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

/**
 * Refuses with `content-probed` whatever leaves and would be answered, harmless or not, while content rules have refused
 * more of this person than the rate `contentRefusals` of the partner allows.
 */
export function checkProbing(packet: Packet, { direction, policy, now, probing }: Situation): Verdict<Packet> {
  if (probing === undefined || direction === 'inward') return pass(packet);
  if (bouncedKind(packet.content.kind) === undefined) return pass(packet);
  const pace = policy.partners.get(packet.to.domain)?.rates.contentRefusals;
  if (pace === undefined || !probing.isFull(packet.from.bare, now, pace)) return pass(packet);
  return refuse('content-probed', { says: 'tooOften' });
}
