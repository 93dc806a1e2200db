// With which security label does this leave, if with any? (XEP-0258) What comes in has its label read by the grammar.
import type { Packet } from '@sallyport/shared/packet.ts';
import { labelOutward } from '@sallyport/shared/policy/label-outward.ts';
import { pass, type Verdict } from '@sallyport/shared/verdict.ts';
import type { ReleaseSituation } from '../situation.ts';

/**
 * Gives a message the label that it leaves with, once more after the inside has: what came over the wall can only become
 * stricter here. Refuses with `label-unknown` what the policy cannot write as a label.
 */
export function checkLabelOutward(packet: Packet, { partner, policy }: ReleaseSituation): Verdict<Packet> {
  const { content } = packet;
  if (content.kind !== 'message') return pass(packet);
  const labelled = labelOutward(content, partner, policy.labels);
  if (!labelled.passed) return labelled;
  return labelled.subject === content ? pass(packet) : pass({ ...packet, content: labelled.subject });
}
