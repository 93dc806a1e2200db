// How a rule of content.yaml says when it fires: a tree of small blocks, each with one question in it.
import { z } from 'zod';
import type { Condition } from '../content/rules.ts';
import { name } from './schema-pieces.ts';

/** A detector's name alone is short for `found`. */
export type ConditionEntry =
  | string
  | {
      readonly found?: string | undefined;
      readonly count?: number | undefined;
      readonly distinct?: boolean | undefined;
      readonly near?: readonly string[] | undefined;
      readonly within?: number | undefined;
      readonly total?: readonly string[] | undefined;
      readonly atLeast?: number | undefined;
      readonly marking?: 'above-clearance' | 'above-label' | 'unlabelled' | undefined;
      readonly minScore?: number | undefined;
      readonly all?: readonly ConditionEntry[] | undefined;
      readonly any?: readonly ConditionEntry[] | undefined;
      readonly not?: ConditionEntry | undefined;
    };

const score = z.int().min(1).max(100);
const several = z
  .array(z.lazy(() => conditionEntry))
  .min(1)
  .max(100);

const questions = ['found', 'near', 'total', 'marking', 'all', 'any', 'not'] as const;
/** Keys that go with one question alone, and those with the questions that take a score. */
const belongs: Readonly<Record<string, readonly string[]>> = {
  count: ['found'],
  distinct: ['found'],
  within: ['near'],
  atLeast: ['total'],
  minScore: ['found', 'near', 'marking'],
};

/** One question. */
export const conditionBlock = z
  .strictObject({
    found: name.optional().describe('this detector found something'),
    count: z.int().min(1).max(200).optional().describe('with found: so often; 1 unless told'),
    distinct: z.boolean().optional().describe('with found: true counts equal texts once'),
    near: z
      .array(name)
      .length(2, { error: 'write two detectors, such as [cards, card-words]' })
      .optional()
      .describe('two detectors found something in one text, near each other'),
    within: z.int().min(1).max(10_000).optional().describe('with near: at most so many characters apart'),
    total: z.array(name).min(1).max(100).optional().describe('the scores of what these detectors found, together'),
    atLeast: z.int().min(1).max(100_000).optional().describe('with total: so much'),
    marking: z
      .enum(['above-clearance', 'above-label', 'unlabelled'])
      .optional()
      .describe(
        'above-clearance: the label, or a marking in a text, is above what the partner is cleared for; above-label: a marking in a text is above the label; unlabelled: there is no label that can be read',
      ),
    minScore: score.optional().describe('how sure a finding must be; 75 unless told'),
    all: several.optional().describe('all of these conditions hold'),
    any: several.optional().describe('one of these conditions holds'),
    get not() {
      return conditionEntry.optional().describe('this condition does not hold');
    },
  })
  .superRefine((entry, context) => {
    const said = questions.filter((key) => entry[key] !== undefined);
    const [question, another] = said;
    const tell = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    if (question === undefined) tell(`asks nothing; write one of ${questions.join(', ')}`);
    else if (another !== undefined) tell(`asks ${question} and ${another}; put both under all or any`);
    for (const [key, of] of Object.entries(belongs)) {
      if (key in entry && Reflect.get(entry, key) !== undefined && question !== undefined && !of.includes(question)) {
        tell(`${key} has no meaning with ${question}; remove it, or write ${of.join(' or ')}`);
      }
    }
    if (entry.near !== undefined && entry.within === undefined) tell('near needs within; write within: 80');
    if (entry.total !== undefined && entry.atLeast === undefined) tell('total needs atLeast; write atLeast: 150');
    if (entry.marking === 'unlabelled' && entry.minScore !== undefined)
      tell('unlabelled has no score; remove minScore');
  });

/** A condition: the name of a detector, or a block. Levels and nodes are counted when it is compiled. */
export const conditionEntry: z.ZodType<ConditionEntry> = z.lazy(() => z.union([name, conditionBlock]));

/** The condition as the engine takes it. */
export function conditionOf(entry: ConditionEntry): Condition {
  if (typeof entry === 'string') return { kind: 'found', detector: entry };
  const { found, count, distinct, near, within, total, atLeast, marking, minScore, all, not, ...rest } = entry;
  const scored = minScore === undefined ? {} : { minScore };
  if (found !== undefined) {
    const counted = { ...(count === undefined ? {} : { count }), ...(distinct === undefined ? {} : { distinct }) };
    return { kind: 'found', detector: found, ...scored, ...counted };
  }
  if (near !== undefined) {
    const [first = '', second = ''] = near;
    return { kind: 'near', first, second, within: within ?? 1, ...scored };
  }
  if (total !== undefined) return { kind: 'total', detectors: total, atLeast: atLeast ?? 1 };
  if (marking === 'unlabelled') return { kind: marking };
  if (marking !== undefined) return { kind: marking, ...scored };
  if (all !== undefined) return { kind: 'all', of: all.map(conditionOf) };
  if (not !== undefined) return { kind: 'not', of: conditionOf(not) };
  return { kind: 'any', of: (rest.any ?? []).map(conditionOf) };
}

/** The detectors that a condition names, in whatever depth. */
export function detectorsIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'found':
      return [condition.detector];
    case 'near':
      return [condition.first, condition.second];
    case 'total':
      return condition.detectors;
    case 'all':
    case 'any':
      return condition.of.flatMap(detectorsIn);
    case 'not':
      return detectorsIn(condition.of);
    case 'above-clearance':
    case 'above-label':
    case 'unlabelled':
      return [];
    default:
      return condition satisfies never;
  }
}
