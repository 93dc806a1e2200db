// Do the content rules of the policy let these texts through? Every text, also those that nobody is shown.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import { type Judged, judgeContent } from '@sallyport/shared/policy/judge-content.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Verdict } from '@sallyport/shared/verdict.ts';

type Judging = {
  readonly policy: Policy;
  readonly now: Instant;
  readonly tails?: Tails;
  readonly noticed?: (notice: string) => void;
};

/**
 * What comes in. Refuses with `content-refused` or `content-held`, the rule for the audit, and the text that its author
 * chose; what rules take out is taken out of the subject.
 */
export function checkContent<S extends Judged>(subject: S, situation: Judging): Verdict<S> {
  return judgeContent(subject, { ...situation, direction: 'inward' });
}

/** What leaves: release control, a second time after the inside has judged. */
export function checkContentOutward<S extends Judged>(subject: S, situation: Judging): Verdict<S> {
  return judgeContent(subject, { ...situation, direction: 'outward' });
}
