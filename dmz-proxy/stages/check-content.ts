// Do the content rules of the policy let these texts through? Every text, also those that nobody is shown.
import type { Content } from '@sallyport/shared/packet.ts';
import type { Direction, Policy } from '@sallyport/shared/policy/policy.ts';
import { textsOf } from '@sallyport/shared/texts-of.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';

type Judging = { readonly policy: Policy };
type Carrying = { readonly content: Content };

/** What comes in. Refuses with `content-refused`, the rule for the audit, and the text that its author chose. */
export function checkContent<S extends Carrying>(subject: S, situation: Judging): Verdict<S> {
  return judgeTexts(subject, situation, 'inward');
}

/** What leaves: release control, a second time after the inside has judged. */
export function checkContentOutward<S extends Carrying>(subject: S, situation: Judging): Verdict<S> {
  return judgeTexts(subject, situation, 'outward');
}

function judgeTexts<S extends Carrying>(subject: S, { policy }: Judging, direction: Direction): Verdict<S> {
  const texts = textsOf(subject);
  if (texts.length === 0) return pass(subject);
  const broken = policy.content.judge(direction, texts);
  return broken === undefined ? pass(subject) : refuse('content-refused', broken);
}
