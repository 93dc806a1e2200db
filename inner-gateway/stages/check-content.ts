// Release control for what leaves, judged before it leaves; and a second look at what comes in (architecture §11).
import type { Packet } from '@sallyport/shared/packet.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import { directionFrom, type Situation } from './situation.ts';

const charactersAtMost = 65_536;
// What no XML can carry (XML 1.0 §2.2): the proxy never lets it in, and could not write it out.
const neverText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Refuses with `too-large` (more than 65,536 characters in all), `text-unclean` (characters that XML cannot carry,
 * halves of surrogate pairs) or `content-refused` (a rule of the policy for this direction).
 */
export function checkContent(packet: Packet, { origin, policy }: Situation): Verdict<Packet> {
  const texts = textsOf(packet);
  if (texts.length === 0) return pass(packet);
  if (texts.reduce((sum, text) => sum + text.length, 0) > charactersAtMost) return refuse('too-large');
  if (texts.some((text) => neverText.test(text) || !text.isWellFormed())) return refuse('text-unclean');
  const broken = policy.content.judge(directionFrom(origin), texts);
  if (broken === undefined) return pass(packet);
  return refuse('content-refused', { rule: broken.rule, publicText: broken.publicText });
}
