// How far the revisions of the policy have come in this process: published, received, verified, active.
import { gauge } from '../metrics.ts';

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
  /** Why the one that was published is not active, one line each; empty where it is. */
  readonly trouble: readonly string[];
};

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

/** From now on the metrics tell these states; the last caller counts. */
export function tellRevisionStates(read: () => RevisionStates): void {
  told = read;
}
