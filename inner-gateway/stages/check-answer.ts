// An error from outside must answer something that was said (xmpp-boundary S8): nobody can make up a failed message.
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

/** Refuses a bounce from outside that answers nothing, or a second time, with `answer-not-asked`. */
export function checkAnswer(packet: Packet, { origin, isAnswered }: Situation): Verdict<Packet> {
  if (packet.content.kind !== 'bounce' || origin.network !== 'xmpp') return pass(packet);
  return isAnswered(packet.content.ofId, packet.to, packet.from) ? pass(packet) : refuse('answer-not-asked');
}
