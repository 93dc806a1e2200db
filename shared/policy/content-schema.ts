// What may stand in content.yaml: lists, detectors and rules; strict, closed, and with the words that become the manual.
import { z } from 'zod';
import { levels, lights } from '../content/markings/marking.ts';
import { actions } from '../content/rules.ts';
import { validatorNames } from '../content/validators.ts';
import { conditionEntry } from './condition-schema.ts';
import { day, name, note, partnerNames, people, publicText, refuseRepeated } from './schema-pieces.ts';

/** The marking schemes that a policy can name. */
export const schemeNames = ['uk', 'us', 'nato', 'eu', 'tlp'] as const;

const partNames = [
  'body',
  'subject',
  'thread',
  'nick',
  'status',
  'label',
  'link',
  'card',
  'reason',
  'note',
  'reaction',
  'address',
  'id',
] as const;

const kindNames = [
  'message',
  'presence',
  'subscription',
  'card',
  'reactions',
  'retraction',
  'invitation',
  'chat-state',
  'receipt',
] as const;

const listFile = (ending: string, example: string) =>
  z.string().regex(new RegExp(`^lists/[a-z0-9][a-z0-9._-]{0,99}\\.${ending}$`), {
    error: `write the path of a file in the folder lists of the policy, such as lists/${example}`,
  });
const words = listFile('txt', 'project-names.txt');
const where = z
  .enum(['inside', 'both'])
  .describe('inside: the words are secret and never leave for the DMZ; both: the proxy checks them too');
const direction = z.enum(['inward', 'outward', 'both']);
const score = z.int().min(1).max(100);

const listEntry = z.strictObject({
  id: name.describe('the name of the rule in the audit and on the console'),
  title: z.string().min(1).max(200).describe('what it is for, in one line'),
  why: note.optional().describe('the reason for it'),
  owner: note.optional().describe('who answers for it'),
  file: words.describe('the words: one a line, # starts a comment'),
  where,
  direction: direction.describe('which texts: those that come in, those that leave, both'),
  text: publicText
    .optional()
    .describe('what the sender may read, also by language; leave it out for the text `refused` of texts.yaml'),
});

const sources = ['terms', 'pattern', 'number', 'hashes', 'marking'] as const;
/** Keys that mean something with some of the sources alone. */
const belongs = {
  where: ['terms', 'hashes'],
  boundary: ['terms'],
  channels: ['terms'],
  views: ['terms'],
  caseSensitive: ['pattern'],
  valid: ['pattern'],
  words: ['hashes'],
  lengths: ['hashes'],
  score: ['pattern', 'number', 'hashes'],
} as const satisfies Record<string, readonly (typeof sources)[number][]>;

const detectorEntry = z
  .strictObject({
    id: name.describe('the name by which rules ask for it'),
    notes: note.optional().describe('whatever the next reader should know'),
    terms: words.optional().describe('finds the words of this list, in every disguise that is sure enough'),
    pattern: z.string().min(1).max(1_000).optional().describe('finds what fits this regular expression, in RE2 syntax'),
    number: z
      .array(z.enum(validatorNames))
      .min(1)
      .optional()
      .describe('finds numbers and keys that prove themselves by their check digits or their form'),
    hashes: listFile('hashes', 'staff-numbers.hashes')
      .optional()
      .describe(
        'finds the entries whose keyed hashes stand in this file, one a line; see `contentKeyFile` in the settings',
      ),
    marking: z
      .strictObject({
        schemes: z.array(z.enum(schemeNames)).min(1).optional().describe('all that labels.yaml has in use unless told'),
        atLeast: z.enum(levels).optional().describe('this level, or a higher one'),
        light: z.enum(lights).optional().describe('for TLP: this light, or a narrower one'),
      })
      .optional()
      .describe('finds classification markings in texts'),
    where: where.optional(),
    boundary: z
      .enum(['word', 'prefix', 'suffix', 'anywhere'])
      .optional()
      .describe(
        'terms: where a word must end at the edge of a word: on both sides (unless told), before, behind, nowhere',
      ),
    channels: z
      .array(z.enum(['canonical', 'skeleton', 'squeezed', 'decoded']))
      .min(1)
      .optional()
      .describe('terms: which disguises are seen through; all unless told'),
    views: z
      .array(z.enum(['reversed', 'rot13', 'turned']))
      .min(1)
      .optional()
      .describe('terms: found backwards, in ROT13 or upside down too'),
    caseSensitive: z.boolean().optional().describe('pattern: true tells capitals from small letters'),
    valid: z
      .array(z.enum(validatorNames))
      .min(1)
      .optional()
      .describe('pattern: what fits counts only if it is all of these'),
    words: z.int().min(1).max(4).optional().describe('hashes: an entry has at most so many words; 1 unless told'),
    lengths: z
      .array(z.int().min(1).max(200))
      .min(1)
      .optional()
      .describe('hashes: the lengths of the entries, where they may be known'),
    score: score
      .optional()
      .describe('how sure a finding is: 80 for a pattern, 85 for a number, 100 for a hash unless told'),
    evidence: z
      .array(
        z.strictObject({
          of: z.array(name).min(1).max(20).describe('one of these detectors'),
          within: z.int().min(1).max(10_000).describe('finds something at most so many characters away'),
          add: score.describe('so much surer is the finding'),
        }),
      )
      .max(20)
      .optional()
      .describe('what near a finding makes it surer'),
  })
  .superRefine((entry, context) => {
    const tell = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
    const [source, another] = sources.filter((key) => entry[key] !== undefined);
    if (source === undefined) tell(`finds nothing; write one of ${sources.join(', ')}`);
    else if (another !== undefined) tell(`has ${source} and ${another}; write two detectors`, another);
    for (const key of keysOf(belongs)) {
      const of: readonly string[] = belongs[key];
      if (entry[key] !== undefined && source !== undefined && !of.includes(source)) {
        tell(`has no meaning with ${source}; remove it`, key);
      }
    }
    if ((source === 'terms' || source === 'hashes') && entry.where === undefined) {
      tell('is missing; write inside (the DMZ must not hold these words) or both', 'where');
    }
  });

const ruleEntry = z
  .strictObject({
    id: name.describe('its name in the audit, the metrics and on the console; it never changes'),
    title: z.string().min(1).max(200).describe('what it is for, in one line'),
    why: note.describe('the reason for it'),
    owner: note.describe('who answers for it'),
    severity: z.enum(['low', 'medium', 'high', 'critical']).describe('how bad it is when it fires'),
    scope: z
      .strictObject({
        direction: direction.describe('what comes in, what leaves, both'),
        partners: partnerNames.optional().describe('these partners; all unless told'),
        external: z.array(people).min(1).max(10_000).optional().describe('these people outside; all unless told'),
        internal: z.array(people).min(1).max(10_000).optional().describe('these people inside; all unless told'),
        kinds: z.array(z.enum(kindNames)).min(1).optional().describe('these kinds of packet; all unless told'),
        parts: z
          .array(z.enum(partNames))
          .min(1)
          .optional()
          .describe(
            'these texts of a packet; all but thread and id (ids and resources), which machines make up, unless told',
          ),
      })
      .describe('what it is about'),
    when: conditionEntry.describe('the name of a detector, or a condition: see policies/README.md'),
    action: z.enum(actions).describe('what happens then; of all rules that fire, the most restrictive wins'),
    mode: z
      .enum(['enforce', 'monitor'])
      .default('enforce')
      .describe('monitor: it is recorded what would have happened, and nothing else'),
    until: day
      .optional()
      .describe('with mode: monitor, the last day of watching; after it the rule is reported as overdue'),
    unless: z
      .array(
        z.strictObject({
          when: conditionEntry.describe('the condition under which this rule alone does not fire'),
          until: day.describe('its last day'),
          approvedBy: z.array(note.min(1)).min(1).max(10).describe('who has allowed it'),
          why: note.optional().describe('the reason for it'),
        }),
      )
      .max(50)
      .optional()
      .describe('exceptions, each with an end'),
    text: publicText
      .optional()
      .describe('what the sender may read, also by language; leave it out for the text `refused` of texts.yaml'),
  })
  .superRefine(({ mode, until }, context) => {
    const tell = (message: string) => context.addIssue({ code: 'custom', path: ['until'], message });
    if (mode === 'monitor' && until === undefined)
      tell('is missing; write the last day of watching, such as 2027-01-31');
    if (mode === 'enforce' && until !== undefined)
      tell('is for mode: monitor; a rule in force has no end, so remove it');
  });

export const contentFile = z
  .strictObject({
    lists: z
      .array(listEntry)
      .max(200)
      .superRefine((lists, context) => refuseRepeated(lists, 'id', context))
      .optional()
      .describe('word lists, the simplest rules: what they find is blocked'),
    detectors: z
      .array(detectorEntry)
      .max(500)
      .superRefine((detectors, context) => refuseRepeated(detectors, 'id', context))
      .optional()
      .describe('what can be found in texts; a list is a detector too, by its id'),
    rules: z
      .array(ruleEntry)
      .max(1_000)
      .superRefine((rules, context) => refuseRepeated(rules, 'id', context))
      .optional()
      .describe('what happens when something is found; all are asked, their order means nothing'),
    bidiControls: z
      .enum([...actions, 'allow'])
      .default('block')
      .describe(
        'what a text with embedded, overridden or isolated direction (U+202A to U+202E, U+2066 to U+2069) meets',
      ),
  })
  .describe('content.yaml');

export type ListEntry = z.infer<typeof listEntry>;
export type DetectorEntry = z.infer<typeof detectorEntry>;
export type RuleEntry = z.infer<typeof ruleEntry>;
export type ContentEntry = z.infer<typeof contentFile>;

function keysOf<T extends object>(of: T): (keyof T)[] {
  const keys: (keyof T)[] = [];
  for (const key in of) keys.push(key);
  return keys;
}
