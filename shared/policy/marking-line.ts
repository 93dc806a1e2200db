// The marking of a message as a line of text, for users of networks that have no labels (XEP-0258, labels.yaml).
import type { Packet } from '../packet.ts';
import { usualLabels } from './label-schema.ts';
import type { Policy } from './policy.ts';
import { labelText } from './read-label.ts';
import { compileTexts, filled } from './texts.ts';

const usualTexts = compileTexts();

/** The line for what came in; empty where there is no marking, or the policy does not show it. `lang` is the reader's. */
export function markingLine(
  { from, content }: Pick<Packet, 'from' | 'content'>,
  { labels = usualLabels, texts = usualTexts }: Pick<Policy, 'labels' | 'texts'>,
  lang: string,
): string {
  if (content.kind !== 'message') return '';
  const { showMarking, unlabelled } = labels.of(from.domain);
  if (!showMarking) return '';
  const display = content.label === undefined ? unlabelled.inward?.shown : labelText(content.label);
  const marking = display?.replace(/\s+/g, ' ').trim() ?? '';
  return marking === '' ? '' : filled(texts('label', lang).text, { marking });
}
