// What answers must answer something that was said (xmpp-boundary S8): nobody can make up a failed message, a receipt or a
// card that was never asked for.
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

/** Refuses an error, a receipt or an answer from outside that answers nothing, or a second time: `answer-not-asked`. */
export function checkAnswer(packet: Packet, { origin, isAnswered }: Situation): Verdict<Packet> {
  const { from, to, stanzaId, content } = packet;
  // By far the most packets.
  if (content.kind === 'message' || origin.network !== 'xmpp') return pass(packet);
  const answers =
    content.kind === 'bounce'
      ? isAnswered(content.ofId, to, from, 'answer')
      : content.kind === 'receipt'
        ? isAnswered(content.ofId, to, from, content.what)
        : // A picture without its bytes is news, not an answer.
          content.kind === 'card' || (content.kind === 'avatar' && content.data.length > 0)
          ? isAnswered(stanzaId, to, from, 'answer')
          : true;
  return answers ? pass(packet) : refuse('answer-not-asked');
}
