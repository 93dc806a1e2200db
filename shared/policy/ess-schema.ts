// Which ESS labels (RFC 2634) the policy can read and write: its own mapping between their numbers and markings.
import { z } from 'zod';
import type { EssLabel } from '../content/markings/ess-label.ts';
import { isLevel, isLight, type Level, type Light, levels, lights, type Marking } from '../content/markings/marking.ts';
import { schemeNames } from './content-schema.ts';

const oid = z
  .string()
  .regex(/^(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]{0,2}))(?:\.(?:0|[1-9][0-9]{0,7})){1,9}$/, {
    error: 'write an object identifier such as 1.2.840.113549.1.9.16.7.1',
  });
const classification = z.int().min(0).max(256);

export const essEntry = z
  .strictObject({
    policy: oid.describe('the object identifier of the security policy that the label names'),
    scheme: z.enum(schemeNames).describe('whose markings its labels carry'),
    levels: z
      .partialRecord(z.enum([...levels, ...lights]), z.union([classification, z.array(classification).min(1).max(16)]))
      .optional()
      .describe(
        'the classification of each level (of each light for tlp); of several the first is written. Without it ' +
          'those of X.411: 1 unclassified, 2 restricted, 3 confidential, 4 secret, 5 top-secret. 0 is a label without one',
      ),
    caveats: oid
      .optional()
      .describe('the category whose text is a caveat, in full; without it labels with caveats are unknown'),
    nations: oid
      .optional()
      .describe('the category whose text is a country or group that it may be released to; without it likewise'),
  })
  .superRefine(({ scheme, levels: told, caveats, nations }, context) => {
    const tell = (message: string, ...path: (string | number)[]) => context.addIssue({ code: 'custom', path, message });
    if (scheme === 'tlp' && told === undefined)
      tell('has no usual numbers for tlp; write the number of each light', 'levels');
    const seen = new Set<number>();
    for (const [level, numbers] of Object.entries(told ?? {})) {
      const fits = scheme === 'tlp' ? isLight(level) : isLevel(level);
      if (!fits) tell(`is not of ${scheme}; write ${(scheme === 'tlp' ? lights : levels).join(', ')}`, 'levels', level);
      for (const number of [numbers].flat()) {
        if (seen.has(number))
          tell(`${number} stands for another level already; each number has one meaning`, 'levels', level);
        seen.add(number);
      }
    }
    if (caveats !== undefined && caveats === nations)
      tell('is the one of caveats; each category has one meaning', 'nations');
  });

type EssEntry = z.infer<typeof essEntry>;

/** How the labels of the policy are read and written. */
export type EssPolicies = {
  /** What it says; undefined where no entry knows its policy, its number, or one of its categories. */
  readonly read: (label: EssLabel) => Marking | undefined;
  /** The label of a marking; undefined where no entry can say all of it. */
  readonly write: (marking: Marking) => EssLabel | undefined;
};

const usualNumbers: NonNullable<EssEntry['levels']> = {
  unclassified: 1,
  restricted: 2,
  confidential: 3,
  secret: 4,
  'top-secret': 5,
};

/** Compiles the entries. Of several for one scheme, the first that can say all of a marking writes it. */
export function compileEss(entries: readonly EssEntry[] = []): EssPolicies {
  const all = entries.map(compileOne);
  const byPolicy = new Map(all.map((one) => [one.policy, one]));
  return {
    read: (label) => byPolicy.get(label.policy)?.read(label),
    write: (marking) => {
      for (const one of all) {
        const label = one.write(marking);
        if (label !== undefined) return label;
      }
      return undefined;
    },
  };
}

// How a caveat is written in full, and a country or group.
const caveatForm = /^[A-Z0-9][A-Z0-9 -]{0,59}$/;
const nationForm = /^[A-Z]{2,8}$/;

function compileOne(entry: EssEntry): EssPolicies & { readonly policy: string } {
  const { policy, scheme } = entry;
  const numberOf = new Map<string, number>();
  const levelOf = new Map<number, Level | Light>();
  for (const [level, told] of Object.entries(entry.levels ?? usualNumbers)) {
    if (!isLevel(level) && !isLight(level)) continue;
    for (const number of [told].flat()) {
      if (!numberOf.has(level)) numberOf.set(level, number);
      levelOf.set(number, level);
    }
  }
  return {
    policy,
    read({ classification: number, categories }) {
      const level = levelOf.get(number);
      const caveats: string[] = [];
      const nations: string[] = [];
      for (const { type, text } of categories) {
        if (type === entry.caveats && caveatForm.test(text)) caveats.push(text);
        else if (type === entry.nations && nationForm.test(text)) nations.push(text);
        else return undefined;
      }
      const rest = {
        caveats: [...new Set(caveats)].sort(),
        ...(nations.length === 0 ? {} : { releasableTo: [...new Set(nations)].sort() }),
      };
      if (level === undefined) return undefined;
      if (scheme === 'tlp') return isLight(level) ? { scheme, level, ...rest } : undefined;
      return isLevel(level) ? { scheme, level, ...rest } : undefined;
    },
    write({ scheme: of, level, caveats, releasableTo }) {
      const number = numberOf.get(level);
      // A word whose scheme nobody told is of every scheme that has levels.
      if (number === undefined || (of !== scheme && (of !== 'plain' || scheme === 'tlp'))) return undefined;
      if (caveats.length > 0 && entry.caveats === undefined) return undefined;
      // Nobody at all cannot be said by naming those who may have it.
      if (releasableTo !== undefined && (entry.nations === undefined || releasableTo.length === 0)) return undefined;
      const categories = [
        ...caveats.map((text) => ({ type: entry.caveats ?? '', text })),
        ...(releasableTo ?? []).map((text) => ({ type: entry.nations ?? '', text })),
      ];
      return { policy, classification: number, privacyMark: '', categories };
    },
  };
}
