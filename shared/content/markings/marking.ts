// What a classification marking says, as a lattice: which marking covers which, and what a partner is cleared for.

/** `plain`: a word such as SECRET without anything that tells whose it is; it counts as that of every scheme. */
export type Scheme = 'uk' | 'us' | 'nato' | 'eu' | 'tlp' | 'plain';

/** From the lowest to the highest, of all schemes but TLP. OFFICIAL-SENSITIVE, CUI and RESTRICTED stand on one step. */
export const levels = ['unclassified', 'official', 'restricted', 'confidential', 'secret', 'top-secret'] as const;
export type Level = (typeof levels)[number];

/** Traffic Light Protocol 2.0 (FIRST), from the widest to the narrowest audience. */
export const lights = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Light = (typeof lights)[number];

export type Marking = (
  | { readonly scheme: Exclude<Scheme, 'tlp'>; readonly level: Level }
  | { readonly scheme: 'tlp'; readonly level: Light }
) & {
  /** What narrows it further, as it is written in full: SI, ORCON, ATOMAL, RECIPIENTS ONLY. Sorted, each once. */
  readonly caveats: readonly string[];
  /** The countries (ISO 3166 alpha-3) and groups that may have it; undefined: it does not say. */
  readonly releasableTo?: readonly string[];
};

/** What a partner (or a user) may see. A scheme that it does not name is not held at all, but for `unclassified`. */
export type Clearance = {
  readonly levels: Readonly<Partial<Record<Exclude<Scheme, 'tlp' | 'plain'>, Level>>>;
  readonly light?: Light;
  readonly caveats: readonly string[];
  /** The country and the groups that it is of, such as GBR, FVEY. */
  readonly nations: readonly string[];
};

/** The step of a level within its ladder, from 0. */
export function rankOf(level: Level | Light): number {
  const names: readonly string[] = lights.some((light) => light === level) ? lights : levels;
  return names.indexOf(level);
}

/**
 * Whether the clearance covers the marking: the level of its scheme, every caveat, and one of the nations that it may be
 * released to. A plain marking must be covered by every scheme that the clearance holds. What is not known is not covered.
 */
export function dominates(clearance: Clearance, marking: Marking): boolean {
  const { caveats, releasableTo } = marking;
  if (!caveats.every((caveat) => clearance.caveats.includes(caveat))) return false;
  if (releasableTo !== undefined && !releasableTo.some((nation) => clearance.nations.includes(nation))) return false;
  switch (marking.scheme) {
    case 'tlp':
      return (
        marking.level === 'clear' || (clearance.light !== undefined && rankOf(marking.level) <= rankOf(clearance.light))
      );
    case 'plain': {
      const held = Object.values(clearance.levels);
      if (marking.level === 'unclassified') return true;
      return held.length > 0 && held.every((level) => rankOf(marking.level) <= rankOf(level));
    }
    case 'uk':
    case 'us':
    case 'nato':
    case 'eu': {
      const held = clearance.levels[marking.scheme] ?? 'unclassified';
      return rankOf(marking.level) <= rankOf(held);
    }
    default:
      return marking satisfies never;
  }
}

/** Whether `upper` is at least as strict as `lower` in everything; of different schemes neither is. */
export function isAtLeast(upper: Marking, lower: Marking): boolean {
  if (upper.scheme !== lower.scheme || rankOf(upper.level) < rankOf(lower.level)) return false;
  if (!lower.caveats.every((caveat) => upper.caveats.includes(caveat))) return false;
  if (lower.releasableTo === undefined) return true;
  return upper.releasableTo?.every((nation) => lower.releasableTo?.includes(nation)) === true;
}

/** The lowest marking that covers both, of one scheme: the higher level, all caveats, the nations that both allow. */
export function joinOf<M extends Marking>(a: M, b: M): M {
  const higher = rankOf(a.level) >= rankOf(b.level) ? a : b;
  const both = [a.releasableTo, b.releasableTo].filter((nations) => nations !== undefined);
  const [first, second = first] = both;
  const shared = first?.filter((nation) => second?.includes(nation) === true);
  const caveats = [...new Set([...a.caveats, ...b.caveats])].sort();
  return { ...higher, caveats, ...(shared === undefined ? {} : { releasableTo: shared }) };
}

/** Whether a word is a level, or a light of TLP. */
export function isLevel(word: string): word is Level {
  return levels.some((level) => level === word);
}

export function isLight(word: string): word is Light {
  return lights.some((light) => light === word);
}

/** Whether `upper` is at least as strict as `lower`, also across schemes that share the ladder of levels: all but TLP. */
export function coversAcross(upper: Marking, lower: Marking): boolean {
  if (upper.scheme === lower.scheme) return isAtLeast(upper, lower);
  if (upper.scheme === 'tlp' || lower.scheme === 'tlp') return false;
  return isAtLeast(upper, { ...lower, scheme: upper.scheme });
}
