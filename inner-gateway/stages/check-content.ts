// Release control for what leaves, judged before it leaves; and a second look at what comes in (architecture §11).
import type { Packet, QuarantineMark } from '@sallyport/shared/packet.ts';
import { judgeContent, publicTextOf } from '@sallyport/shared/policy/judge-content.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

const charactersAtMost = 65_536;
// What no XML can carry (XML 1.0 §2.2): the proxy never lets it in, and could not write it out.
const neverText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Refuses with `too-large` (more than 65,536 characters in all), `text-unclean` (characters that XML cannot carry,
 * halves of surrogate pairs), `content-refused` or `content-held` (a rule of the policy for this direction). What rules
 * take out is taken out of the packet. What a rule outside holds is held, whatever the rules say here but a refusal;
 * what comes from the quarantine by a release is not held again, and is refused like anything else.
 */
export function checkContent(packet: Packet, situation: Situation): Verdict<Packet> {
  const texts = textsOf(packet);
  let characters = 0;
  for (const text of texts) characters += text.length;
  if (characters > charactersAtMost) return refuse('too-large');
  for (const text of texts) if (neverText.test(text) || !text.isWellFormed()) return refuse('text-unclean');
  const verdict = judgeContent(packet, situation);
  const { quarantine } = packet;
  if (quarantine === undefined) return verdict;
  if (quarantine.state === 'held') return verdict.passed ? heldOutside(packet, quarantine, situation) : verdict;
  return !verdict.passed && verdict.refusal.code === 'content-held' ? pass(packet) : verdict;
}

function heldOutside(
  { lang }: Packet,
  { rule, incident }: Extract<QuarantineMark, { state: 'held' }>,
  { policy }: Situation,
): Verdict<Packet> {
  return refuse('content-held', {
    ...{ rule, ...publicTextOf('content-held', rule, lang, policy) },
    note: `held by the proxy as ${incident}`,
  });
}
