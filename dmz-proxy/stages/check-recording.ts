// Nothing that is not recorded goes inside (invariants I3 and I6): while the audit cannot be written, all is refused.
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from '../situation.ts';

/** Refuses with `internal-fault` while the audit cannot be written, as on a full disk. */
export function checkRecording<S>(subject: S, { recording }: Situation): Verdict<S> {
  return recording ? pass(subject) : refuse('internal-fault', { note: 'the audit cannot be written' });
}
