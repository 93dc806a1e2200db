// How far the revisions of the policy have come in this process: published, received, verified, active.
import { gauge } from '../metrics.ts';
import type { PolicyProof } from './prove-policy.ts';

/** A revision by its name, and when it was signed (Unix time in ms; undefined: it is not signed). */
export type RevisionMark = { readonly revision: string; readonly time?: number };

export type RevisionStates = {
  /** Whether this process takes signed revisions alone. */
  readonly signed: boolean;
  /** The last one that somebody offered us. */
  readonly published?: RevisionMark;
  /** The last one of which every byte is as its manifest says. */
  readonly received?: RevisionMark;
  /** The last one whose signatures are enough. */
  readonly verified?: RevisionMark;
  /** The one in force; undefined: none ever was, and nothing passes. */
  readonly active?: RevisionMark;
  /** What came of the examples that were played last; undefined: none were, since the last start. */
  readonly examples?: { readonly played: number; readonly failed: number; readonly ms: number };
  /** Why the one that was published is not active, one line each; empty where it is. */
  readonly trouble: readonly string[];
};

/** The same, counted. */
export function examplesOf({ played, ms, problems }: PolicyProof): NonNullable<RevisionStates['examples']> {
  return { played, failed: problems.length, ms };
}

const states = ['published', 'received', 'verified', 'active'] as const;
let told: (() => RevisionStates) | undefined;

gauge(
  'policy_revision',
  'when the revision of the policy in this state was signed, Unix time in seconds; 0 where it is not signed',
  ['state', 'revision'],
  (metric) => {
    metric.reset();
    const now = told?.();
    for (const state of states) {
      const mark = now?.[state];
      if (mark !== undefined) metric.set({ state, revision: mark.revision.slice(0, 12) }, (mark.time ?? 0) / 1000);
    }
  },
);
gauge('policy_signed', '1 where signed policies alone are taken', [], (metric) => metric.set(told?.().signed ? 1 : 0));
gauge('policy_refused', '1 while the last policy that was offered is not the one in force', [], (metric) =>
  metric.set((told?.().trouble.length ?? 0) > 0 ? 1 : 0),
);

gauge(
  'policy_examples',
  'examples of the policy that was offered last: how many were played, how many were not as they say',
  ['outcome'],
  (metric) => {
    const { played = 0, failed = 0 } = told?.().examples ?? {};
    metric.set({ outcome: 'played' }, played);
    metric.set({ outcome: 'failed' }, failed);
  },
);
gauge('policy_examples_seconds', 'how long the process was busy with playing them', [], (metric) =>
  metric.set((told?.().examples?.ms ?? 0) / 1000),
);

/** From now on the metrics tell these states; the last caller counts. */
export function tellRevisionStates(read: () => RevisionStates): void {
  told = read;
}
