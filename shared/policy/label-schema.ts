// What may stand in labels.yaml (XEP-0258, classification markings), and what it means for one partner.
import { z } from 'zod';
import { markingOf } from '../content/markings/label.ts';
import { type Clearance, levels, lights, type Marking } from '../content/markings/marking.ts';
import { domainName } from '../settings-schema.ts';
import { schemeNames } from './content-schema.ts';
import { compileEss, type EssPolicies, essEntry } from './ess-schema.ts';
import type { Direction } from './policy.ts';
import { shownWith } from './read-label.ts';
import { refuseRepeated } from './schema-pieces.ts';

const level = z.enum(levels);
const marking = z.string().refine((text) => writtenMarking(text) !== undefined, {
  error: 'write a marking in full, such as UK OFFICIAL, NATO RESTRICTED or TLP:GREEN',
});

const terms = {
  clearance: z
    .strictObject({
      uk: level.optional().describe('the highest level of UK markings; official-sensitive is restricted'),
      us: level.optional().describe('the highest level of US markings; CUI is restricted'),
      nato: level.optional().describe('the highest level of NATO markings'),
      eu: level.optional().describe('the highest level of EU markings'),
      tlp: z.enum(lights).optional().describe('the narrowest light of TLP'),
      caveats: z
        .array(z.string().min(1).max(60))
        .max(100)
        .optional()
        .describe('the caveats it may see, in full, such as RECIPIENTS ONLY'),
      nations: z
        .array(z.string().regex(/^[A-Z]{3,8}$/, { error: 'write a country such as GBR, or a group such as FVEY' }))
        .max(100)
        .optional()
        .describe('the countries and groups that it is of, for REL TO'),
    })
    .optional()
    .describe('what it may see; without it nothing but what is unclassified'),
  unlabelled: z
    .strictObject({
      inward: marking.optional().describe('what comes in'),
      outward: marking.optional().describe('what leaves'),
    })
    .optional()
    .describe('the marking of traffic that has no label; none unless told'),
  showMarking: z
    .boolean()
    .optional()
    .describe('show the marking as the first line of the text to users of networks without labels; true unless told'),
};

export const labelsFile = z
  .strictObject({
    schemes: z
      .array(z.enum(schemeNames))
      .min(1)
      .default([...schemeNames])
      .describe('the marking schemes in use; markings in texts of others mean nothing'),
    ess: z
      .array(essEntry)
      .max(100)
      .superRefine((entries, context) => refuseRepeated(entries, 'policy', context))
      .optional()
      .describe('the ESS labels that can be read, and written to partners that speak labels'),
    displays: z
      .array(
        z.strictObject({
          text: z.string().min(1).max(200).describe('a display marking, as partners write it'),
          is: marking.describe('the marking that it means, in full: UK OFFICIAL'),
        }),
      )
      .max(1000)
      .optional()
      .describe('display markings in other words than those of the schemes'),
    everyone: z.strictObject(terms).optional().describe('what holds for partners whose entry does not say it'),
    partners: z
      .array(z.strictObject({ domain: domainName.describe('the domain of the partner'), ...terms }))
      .max(10_000)
      .superRefine((partners, context) => refuseRepeated(partners, 'domain', context))
      .optional()
      .describe('what holds for one partner, key by key'),
  })
  .describe('labels.yaml');

type LabelsEntry = z.infer<typeof labelsFile>;
type TermsEntry = NonNullable<LabelsEntry['everyone']>;

/** What markings mean for one partner. */
export type LabelTerms = {
  readonly clearance: Clearance;
  /** What a message without a label is taken as, and how that is shown. */
  readonly unlabelled: Readonly<Partial<Record<Direction, { readonly marking: Marking; readonly shown: string }>>>;
  readonly showMarking: boolean;
};

export type Labels = {
  readonly schemes: readonly (typeof schemeNames)[number][];
  readonly of: (partner: string) => LabelTerms;
  /** The marking that a display marking says; undefined where it says none, or anything besides. */
  readonly shown: (display: string) => Marking | undefined;
  readonly ess: EssPolicies;
};

/** Compiles labels.yaml; without it all schemes are in use, nobody is cleared, and labels are shown. */
export function compileLabels(entry?: LabelsEntry): Labels {
  const usual = entry?.everyone ?? {};
  const everyone = termsOf(usual, {});
  const partners = new Map((entry?.partners ?? []).map(({ domain, ...own }) => [domain, termsOf(own, usual)]));
  return {
    schemes: entry?.schemes ?? schemeNames,
    of: (partner) => partners.get(partner) ?? everyone,
    shown: shownWith(entry?.displays ?? []),
    ess: compileEss(entry?.ess),
  };
}

/** What holds without labels.yaml. */
export const usualLabels = compileLabels();

function termsOf(own: TermsEntry, usual: TermsEntry): LabelTerms {
  const { caveats = [], nations = [], tlp, ...told } = own.clearance ?? usual.clearance ?? {};
  const unlabelled = own.unlabelled ?? usual.unlabelled;
  const inward = writtenMarking(unlabelled?.inward);
  const outward = writtenMarking(unlabelled?.outward);
  const held: { -readonly [K in keyof Clearance['levels']]: Clearance['levels'][K] } = {};
  for (const scheme of ['uk', 'us', 'nato', 'eu'] as const) {
    const highest = told[scheme];
    if (highest !== undefined) held[scheme] = highest;
  }
  return Object.freeze({
    clearance: { levels: held, ...(tlp === undefined ? {} : { light: tlp }), caveats, nations },
    unlabelled: { ...(inward === undefined ? {} : { inward }), ...(outward === undefined ? {} : { outward }) },
    showMarking: own.showMarking ?? usual.showMarking ?? true,
  });
}

function writtenMarking(text: string | undefined): { readonly marking: Marking; readonly shown: string } | undefined {
  const read = text === undefined ? undefined : markingOf(text);
  return read === undefined ? undefined : { marking: read, shown: text ?? '' };
}
