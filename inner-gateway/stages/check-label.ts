// Does the partner speak security labels, and can this one be shown? With which one does a message leave? (XEP-0258)
import { markingText } from '@sallyport/shared/content/markings/label.ts';
import type { Message, Packet } from '@sallyport/shared/packet.ts';
import { labelOutward } from '@sallyport/shared/policy/label-outward.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import { directionFrom, type Situation } from './situation.ts';

/**
 * What comes in: refuses with `not-carried` a label of a partner that speaks none, and with `label-unknown` one that no
 * text can show, whatever the proxy made of it. What leaves gets the label that it leaves with, before rules judge it;
 * refused with `label-unknown` where the policy cannot write it as a label.
 */
export function checkLabel(packet: Packet, { origin, policy }: Situation): Verdict<Packet> {
  const { content, from, to } = packet;
  if (content.kind !== 'message') return pass(packet);
  const inward = directionFrom(origin) === 'inward';
  const partner = policy.partners.get(inward ? from.domain : to.domain);
  if (inward) return content.label === undefined ? pass(packet) : believed(packet, content.label, partner);
  const labelled = partner === undefined ? pass(content) : labelOutward(content, partner, policy.labels);
  if (!labelled.passed) return labelled;
  return labelled.subject === content ? pass(packet) : pass({ ...packet, content: labelled.subject });
}

function believed(
  packet: Packet,
  { marking }: NonNullable<Message['label']>,
  partner: Partner | undefined,
): Verdict<Packet> {
  if (partner?.vocabulary?.has('labels') !== true)
    return refuse('not-carried', { note: 'a label of a partner that speaks none', says: 'labelled' });
  if (markingText(marking) === undefined)
    return refuse('label-unknown', { note: 'a marking that no text says', says: 'labelUnknown' });
  return pass(packet);
}
