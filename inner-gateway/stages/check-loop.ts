// Stops what goes round: a packet between two users of one side, and one that we sent out ourselves (xmpp-boundary S16).
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

/** Refuses with `loop-detected`. */
export function checkLoop(packet: Packet, { domains, origin, sentByUs }: Situation): Verdict<Packet> {
  const fromInside = domains.has(packet.from.domain);
  if (fromInside === domains.has(packet.to.domain)) {
    return refuse('loop-detected', { note: fromInside ? 'both are inside' : 'both are outside' });
  }
  return sentByUs(packet.id, origin.network)
    ? refuse('loop-detected', { note: 'we sent it out ourselves' })
    : pass(packet);
}
