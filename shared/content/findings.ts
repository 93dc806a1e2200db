// What the detectors found in the texts of one packet: bounded, and never losing a surer finding to a flood of guesses.

import type { Marking } from './markings/marking.ts';
import type { Channel } from './terms.ts';

export type Finding = {
  /** Index of the part in which it ends. */
  readonly part: number;
  readonly start: number;
  readonly end: number;
  readonly channel: Channel | 'cased';
  readonly score: number;
  /** What counts as the same thing for `distinct`: the term, or the text itself. */
  readonly same: string;
  readonly marking?: Marking;
  readonly spread?: true;
};

/** Of one detector so many findings of a packet are kept. */
export const findingsAtMost = 200;

export type Findings = {
  readonly add: (detector: number, finding: Finding) => void;
  readonly of: (detector: number) => readonly Finding[];
  /** Whether the detector found more than is kept. */
  readonly isCut: (detector: number) => boolean;
  readonly isEmpty: () => boolean;
};

/** When a detector's place is full, a finding takes that of a less sure one, if there is any. */
export function createFindings(): Findings {
  const kept = new Map<number, Finding[]>();
  const cut = new Set<number>();
  return {
    add(detector, finding) {
      const all = kept.get(detector);
      if (all === undefined) kept.set(detector, [finding]);
      else if (all.length < findingsAtMost) all.push(finding);
      else {
        cut.add(detector);
        const weakest = all.reduce((least, { score }, at) => (score < (all[least]?.score ?? 0) ? at : least), 0);
        if ((all[weakest]?.score ?? 0) < finding.score) all[weakest] = finding;
      }
    },
    of: (detector) => kept.get(detector) ?? [],
    isCut: (detector) => cut.has(detector),
    isEmpty: () => kept.size === 0,
  };
}
