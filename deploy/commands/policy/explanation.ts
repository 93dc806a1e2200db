// Everything that there is to say about one message under a policy: gathered here, printed elsewhere.
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { PartOfText, Subject } from '@sallyport/shared/content/rules.ts';
import { subjectOf } from '@sallyport/shared/policy/judge-content.ts';
import { type Played, play, type Said, spoken } from '@sallyport/shared/policy/play-example.ts';
import type { ReadPolicy } from './read-policy.ts';
import { type Trace, traceOf } from './trace.ts';
import { type View, viewsOf } from './views.ts';

export type Explanation = {
  readonly direction: Subject['direction'];
  readonly from: string;
  readonly to: string;
  readonly partner: string;
  readonly subject: Subject;
  readonly parts: readonly (PartOfText & { readonly views: readonly View[] })[];
  readonly trace: Trace;
  readonly inside: Played;
  /** What the proxy alone would do, which lacks the lists that say `where: inside`. */
  readonly dmz: Played;
};

/** Judges the message on both sides, and asks every rule by itself what it says; `today` is when it is said. */
export function explain(said: Said, policy: ReadPolicy, today: number): Explanation {
  const { judged, terms } = spoken(said, policy.inside, today);
  const { from, to } = judged;
  const subject = subjectOf(judged, terms);
  return {
    direction: said.direction,
    from: jidText(from),
    to: jidText(to),
    partner: said.direction === 'inward' ? from.domain : to.domain,
    subject,
    parts: subject.parts.map((part) => ({ ...part, views: viewsOf(part.text) })),
    trace: traceOf(policy.rules, subject),
    inside: play(said, policy.inside, today),
    dmz: play(said, policy.dmz, today),
  };
}
