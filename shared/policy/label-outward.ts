// The label of a message that leaves, for partners that speak labels (XEP-0258): made here, from what the text is marked as.
import { casedOf } from '../content/cased.ts';
import { scoreThatCounts } from '../content/conditions.ts';
import { joinOf, type Marking, rankOf } from '../content/markings/marking.ts';
import { findMarkings } from '../content/markings/parse-markings.ts';
import type { Message } from '../packet.ts';
import { pass, refuse, type Verdict } from '../verdict.ts';
import { type Labels, usualLabels } from './label-schema.ts';
import type { Partner } from './policy.ts';
import { writtenLabel } from './read-label.ts';

/**
 * The message with the label that it leaves with: the strictest of the markings that its texts surely hold, else what the
 * policy takes for unlabelled; without a label where there is neither, and always towards a partner that speaks none.
 * A label that it has already can only become stricter. Refuses with `label-unknown` what the policy's mapping cannot write.
 */
export function labelOutward(
  message: Message,
  { domain, vocabulary }: Pick<Partner, 'domain' | 'vocabulary'>,
  labels: Labels = usualLabels,
): Verdict<Message> {
  const { label: before, ...bare } = message;
  if (vocabulary?.has('labels') !== true) return pass(before === undefined ? message : bare);
  const usual = labels.of(domain).unlabelled.outward?.marking;
  const claims = [...(before === undefined ? [] : [before.marking]), ...markingsOf(message, labels)];
  const marking = strictest(claims.length > 0 || usual === undefined ? claims : [usual], usual?.scheme);
  if (marking === undefined) return pass(message);
  const label = { marking };
  if (writtenLabel(label, labels) === undefined)
    return refuse('label-unknown', {
      note: `no entry of ess can write a label of ${marking.scheme}`,
      says: 'labelUnknown',
    });
  return pass({ ...bare, label });
}

function markingsOf({ body, subject = '' }: Message, { schemes }: Labels): readonly Marking[] {
  return [subject, body].flatMap((text) =>
    findMarkings(casedOf({ text, ascii: /^[\x00-\x7f]*$/.test(text) }))
      .filter(({ score, marking }) => score >= scoreThatCounts && isInUse(marking, schemes))
      .map(({ marking }) => marking),
  );
}

function isInUse({ scheme }: Marking, schemes: Labels['schemes']): boolean {
  return scheme === 'plain' || schemes.some((one) => one === scheme);
}

// One label says one scheme: that of the strictest classification, else TLP. What the text says in another scheme stays in
// the text, where rules see it. A word whose scheme nobody told is of the one that the rest speaks, else of the usual one.
function strictest(claims: readonly Marking[], usual: Marking['scheme'] | undefined): Marking | undefined {
  const classified = claims.filter(({ scheme }) => scheme !== 'tlp');
  const [first, ...others] = classified.length > 0 ? classified : claims;
  if (first === undefined) return undefined;
  const highest = others.reduce((best, one) => (rankOf(one.level) > rankOf(best.level) ? one : best), first);
  const told = [highest, ...classified].find(({ scheme }) => scheme !== 'plain')?.scheme;
  const scheme = told ?? (usual === undefined || usual === 'tlp' ? 'plain' : usual);
  const same = claims.flatMap((one) => {
    const own = one.scheme === 'plain' && scheme !== 'tlp' ? { ...one, scheme } : one;
    return own.scheme === scheme ? [own] : [];
  });
  return same.reduce<Marking | undefined>(
    (sum, one) => (sum === undefined ? one : joinOf<Marking>(sum, one)),
    undefined,
  );
}
