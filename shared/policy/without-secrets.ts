// What of the rules the proxy can judge without the words that it must not hold; the inside judges all of them.
import type { Condition, Detector, Rules } from '../content/rules.ts';
import { detectorsIn } from './condition-schema.ts';

/**
 * The rules without these detectors. What is left fires only where the whole rule would: a rule goes that cannot fire
 * without them, and one that they could keep from firing (under `not`, in an exception, as evidence of what stands there).
 */
export function withoutDetectors({ detectors, rules, ...rest }: Rules, secret: ReadonlySet<string>): Rules {
  if (secret.size === 0) return { detectors, rules, ...rest };
  const kept = detectors.filter(({ id }) => !secret.has(id)).map((detector) => withoutEvidence(detector, secret));
  // These are less sure of themselves here than inside.
  const lessSure = new Set(
    detectors
      .filter(({ evidence = [] }) => evidence.some((one) => one.detectors.some((id) => secret.has(id))))
      .map(({ id }) => id),
  );
  const touched = new Set([...secret, ...lessSure]);
  return {
    ...rest,
    detectors: kept,
    rules: rules.flatMap((rule) => {
      if (rule.unless?.some(({ when }) => touches(when, touched)) === true) return [];
      const when = withoutThose(rule.when, secret, touched);
      return when === undefined ? [] : [{ ...rule, when }];
    }),
  };
}

function withoutEvidence({ evidence, ...detector }: Detector, secret: ReadonlySet<string>): Detector {
  if (evidence === undefined) return detector;
  const kept = evidence.flatMap(({ detectors, ...one }) => {
    const known = detectors.filter((id) => !secret.has(id));
    return known.length === 0 ? [] : [{ ...one, detectors: known }];
  });
  return { ...detector, evidence: kept };
}

function touches(condition: Condition, ids: ReadonlySet<string>): boolean {
  return detectorsIn(condition).some((id) => ids.has(id));
}

/** Undefined: nobody can say here whether it holds. */
function withoutThose(
  condition: Condition,
  secret: ReadonlySet<string>,
  touched: ReadonlySet<string>,
): Condition | undefined {
  switch (condition.kind) {
    case 'found':
    case 'near':
      return touches(condition, secret) ? undefined : condition;
    case 'total': {
      const known = condition.detectors.filter((id) => !secret.has(id));
      return known.length === 0 ? undefined : { ...condition, detectors: known };
    }
    case 'all': {
      const all = condition.of.map((one) => withoutThose(one, secret, touched));
      const known = all.filter((one) => one !== undefined);
      return known.length < all.length ? undefined : { kind: 'all', of: known };
    }
    case 'any': {
      const known = condition.of.flatMap((one) => withoutThose(one, secret, touched) ?? []);
      return known.length === 0 ? undefined : { kind: 'any', of: known };
    }
    case 'not':
      return touches(condition.of, touched) ? undefined : condition;
    case 'above-clearance':
    case 'above-label':
    case 'unlabelled':
      return condition;
    default:
      return condition satisfies never;
  }
}
