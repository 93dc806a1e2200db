// Do the content rules of the policy let these texts through? Every text, also those that nobody is shown.
import { randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Tails } from '@sallyport/shared/content/tails.ts';
import { isHoldable, type QuarantineMark } from '@sallyport/shared/packet.ts';
import { type Judged, judgeContent } from '@sallyport/shared/policy/judge-content.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import { pass, type Verdict } from '@sallyport/shared/verdict.ts';

type Judging = {
  readonly policy: Policy;
  readonly now: Instant;
  readonly tails?: Tails | undefined;
  readonly noticed?: (notice: string) => void;
};

type Markable = Judged & { readonly quarantine?: QuarantineMark };

/**
 * What comes in. Refuses with `content-refused`, the rule for the audit, and the text that its author chose; what rules
 * take out is taken out of the subject. What a rule holds goes on with the mark by which the inside holds it, or is
 * refused with `content-held` where it is of a kind that cannot be read later.
 */
export function checkContent<S extends Markable>(subject: S, situation: Judging): Verdict<S> {
  const verdict = judgeContent(subject, { ...situation, direction: 'inward' });
  if (verdict.passed || verdict.refusal.code !== 'content-held' || !isHoldable(subject.content)) return verdict;
  const { rule = 'content' } = verdict.refusal;
  return pass({ ...subject, quarantine: { state: 'held', rule, incident: randomBytes(5).toString('hex') } });
}

/**
 * What leaves: release control, a second time after the inside has judged. What an operator inside has released is not
 * held again; it is refused like anything else.
 */
export function checkContentOutward<S extends Markable>(subject: S, situation: Judging): Verdict<S> {
  const verdict = judgeContent(subject, { ...situation, direction: 'outward' });
  const isReleased = subject.quarantine?.state === 'released';
  return !verdict.passed && verdict.refusal.code === 'content-held' && isReleased ? pass(subject) : verdict;
}
