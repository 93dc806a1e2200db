// How a row of the table of findings is written.
import type { FindingLevel, FindingTopic, FindingWho } from '@sallyport/shared/finding.ts';

export type Row = {
  readonly topic: FindingTopic;
  readonly level: FindingLevel;
  readonly who: FindingWho;
  /** What it means, in words that fit every case. */
  readonly means: string;
  /** What to do; empty for what is good. */
  readonly mend: string;
};

type Told = Pick<Row, 'means' | 'mend' | 'who'>;
export const good = (topic: FindingTopic, means: string): Row => ({
  topic,
  level: 'good',
  who: 'nobody',
  means,
  mend: '',
});
export const us = (means: string, mend: string): Told => ({ means, mend, who: 'us' });
export const partner = (means: string, mend: string): Told => ({ means, mend, who: 'partner' });
export const firewall = (means: string, mend: string): Told => ({ means, mend, who: 'firewall' });
export const wrong = (topic: FindingTopic, told: Told): Row => ({ topic, level: 'wrong', ...told });
export const note = (topic: FindingTopic, told: Told): Row => ({ topic, level: 'note', ...told });
