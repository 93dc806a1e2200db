// Does this person find out by trying what content rules refuse? Then nothing of him is judged for a while (§1.2).
import type { Instant } from '@sallyport/shared/clock.ts';
import { bouncedKind } from '@sallyport/shared/packet.ts';
import type { PartnerRates } from '@sallyport/shared/policy/rate-schema.ts';
import { charged, excessMs, type Pace } from '@sallyport/shared/rate.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { People, Situation } from '../situation.ts';
import type { UserStanza } from '../stanza/stanza.ts';

/**
 * Refuses with `content-probed` whatever would be answered, harmless or not, while content rules have refused more of
 * this person than the rate `contentRefusals` allows: the answers then say nothing about the texts.
 */
export function checkProbing<S extends UserStanza>(subject: S, situation: Situation): Verdict<S> {
  if (bouncedKind(subject.content.kind) === undefined) return pass(subject);
  const { rates, partner, now } = situation;
  const { contentRefusals } = rates.people.sender(subject.from.bare);
  return isFull(contentRefusals, now, partner.rates.contentRefusals)
    ? refuse('content-probed', { says: 'tooOften' })
    : pass(subject);
}

/** Whether a refusal tells its sender that a content rule is behind it. */
export function isOfContent(code: RefusalCode): boolean {
  return code === 'content-refused' || code === 'content-held';
}

/** Counts that content rules refused something of this person; true when it was the last one that is allowed. */
export function countContentRefusal(people: People, rates: PartnerRates, from: string, now: Instant): boolean {
  const person = people.sender(from);
  const wasFull = isFull(person.contentRefusals, now, rates.contentRefusals);
  person.contentRefusals = charged(person.contentRefusals, now, 1, rates.contentRefusals);
  return !wasFull && isFull(person.contentRefusals, now, rates.contentRefusals);
}

function isFull(due: Instant, now: Instant, pace: Pace): boolean {
  // Nobody has been refused anything lately, as a rule.
  return due > now && excessMs(charged(due, now, 1, pace), now, pace) > 0;
}
