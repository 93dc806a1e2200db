// The way out: a packet from inside is judged once more before it becomes a stanza. The inside has judged it too;
// neither side trusts the other's verdict.
import { judge, type Watcher } from '@sallyport/shared/judge.ts';
import type { Packet } from '@sallyport/shared/packet.ts';
import { refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { ReleaseSituation } from './situation.ts';
import { checkContentOutward } from './stages/check-content.ts';
import { checkLabelOutward } from './stages/check-label.ts';
import { checkPartnerOutward } from './stages/check-partner.ts';
import { checkSize } from './stages/check-size.ts';
import { checkVocabulary } from './stages/check-vocabulary.ts';
import { cleanText } from './stages/clean-text.ts';

const whoAndHow = [checkPartnerOutward, checkVocabulary, cleanText<Packet>];
const whatItSays = [checkContentOutward<Packet>, checkSize];
const stages = [...whoAndHow, ...whatItSays];
// Most partners speak no labels, and a stage costs each message.
const stagesWithLabels = [...whoAndHow, checkLabelOutward, ...whatItSays];

/**
 * Judges a packet that is to leave, and returns it as it may leave. Refusals: `not-permitted`, `partner-unknown`,
 * `not-carried`, `text-unclean`, `label-unknown`, `content-refused`, `too-large`.
 */
export function release(packet: Packet, situation: ReleaseSituation, watcher?: Watcher): Verdict<Packet> {
  const speaksLabels = situation.partner.vocabulary?.has('labels') === true;
  const verdict = judge(speaksLabels ? stagesWithLabels : stages, packet, situation, watcher);
  return verdict instanceof Promise ? refuse('internal-fault', { note: 'a stage waited' }) : verdict;
}
