// The content rules of a policy, compiled: the engine, and what people may know of each rule.
import { hash } from 'node:crypto';
import { type CompiledRules, compileRules, type RuleProblem } from '../content/compile-rules.ts';
import { createEngine } from '../content/engine.ts';
import { redact } from '../content/redact.ts';
import type { Action, Evaluation, Rules, Subject } from '../content/rules.ts';
import { type ContentEntry, type ListEntry, type RuleEntry, schemeNames } from './content-schema.ts';
import type { ContentRules, Direction, LookedFor, Overdue, RuleNotes } from './policy.ts';
import { partsUnlessTold } from './rules-of-content.ts';
import { endOfDay } from './schema-pieces.ts';
import { languagesOf } from './texts.ts';

export type ContentCompiled =
  | { readonly ok: true; readonly content: ContentRules }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

export type ContentTold = {
  /** The detectors whose words stay inside. */
  readonly secret?: ReadonlySet<string>;
  /** What stands in the place of what a rule takes out. */
  readonly marker?: ((rule: string) => string) | undefined;
};

/** Compiles rules with the notes of each. Refuses, with what to do in words, what is larger than the engine takes. */
export function compileContent(
  rules: Rules,
  notes: ReadonlyMap<string, RuleNotes>,
  { secret = new Set(), marker }: ContentTold = {},
): ContentCompiled {
  const made = compileRules(rules);
  if (!made.ok) return made;
  const engine = createEngine(made.compiled);
  const redacting = new Set(rules.rules.filter(({ action }) => action === 'redact').map(({ id }) => id));
  const asksForIds = rules.rules.some(({ parts }) => parts === undefined || parts.includes('id'));
  return {
    ok: true,
    content: {
      evaluate: engine.evaluate,
      redact: (subject: Subject, evaluation: Evaluation) => redact(engine, subject, evaluation, redacting, marker),
      rules: notes,
      secret,
      asksForIds,
      lookedFor: () => lookedForBy(rules, made.compiled, asksForIds),
      overdue: (now) => [...notes].flatMap(([rule, { ends }]) => overdueOf(rule, ends, now)),
    },
  };
}

function lookedForBy(
  { detectors, schemes = schemeNames }: Rules,
  { detectors: built }: CompiledRules,
  ids: boolean,
): LookedFor {
  const looksForMarkings = built.asksForMarkings || built.markings.length > 0;
  return {
    detectors: new Map(detectors.map(({ id, source, score }) => [id, digestOf({ source, score })])),
    schemes: looksForMarkings ? schemes : [],
    ids,
  };
}

// The key of a hash list is no part of what it says, and never of a digest.
function digestOf(says: object): string {
  return hash(
    'sha256',
    JSON.stringify(says, (key, value) => (key === 'key' ? undefined : value)),
  ).slice(0, 32);
}

export type WordList = {
  readonly id: string;
  readonly direction: Direction | 'both';
  readonly publicText: string;
  readonly words: readonly string[];
  readonly action?: Action;
};

/** Rules of words alone, without any file. Throws where there is a problem in them: they are a program's own. */
export function rulesOfWords(lists: readonly WordList[]): ContentRules {
  const made = compileContent(
    {
      detectors: lists.map(({ id, words }) => ({
        id,
        source: { kind: 'terms', list: { terms: words.map((text) => ({ text })) } },
      })),
      rules: lists.map(({ id, direction, action = 'block' }) => ({
        id,
        when: { kind: 'found', detector: id },
        action,
        mode: 'enforce',
        direction,
        parts: partsUnlessTold,
      })),
    },
    new Map(
      lists.map(({ id, publicText, action = 'block' }) => [
        id,
        { title: id, action, severity: 'high', textFor: () => ({ text: publicText, lang: '' }), ends: [] },
      ]),
    ),
  );
  if (!made.ok) throw new Error(made.problems.map(({ problem }) => problem).join('; '));
  return made.content;
}

/** What people may know of the rules of content.yaml, by their ids. */
export function notesOf({ lists = [], rules = [] }: ContentEntry): ReadonlyMap<string, RuleNotes> {
  return new Map([...lists.map(notesOfList), ...rules.map(notesOfRule)]);
}

function notesOfList({ id, title, why, owner, text }: ListEntry): [string, RuleNotes] {
  const told = { ...(why === undefined ? {} : { why }), ...(owner === undefined ? {} : { owner }) };
  return [id, { title, action: 'block', ...told, severity: 'high', textFor: textIn(text), ends: [] }];
}

function notesOfRule({
  id,
  title,
  action,
  why,
  owner,
  severity,
  text,
  until,
  unless = [],
}: RuleEntry): [string, RuleNotes] {
  const ends = [
    ...(until === undefined ? [] : [{ what: 'monitor', at: endOfDay(until) ?? 0 } as const]),
    ...unless.map((one) => ({ what: 'exception', at: endOfDay(one.until) ?? 0 }) as const),
  ];
  return [id, { title, action, why, owner, severity, textFor: textIn(text), ends }];
}

function textIn(text: ListEntry['text']): RuleNotes['textFor'] {
  if (text === undefined) return () => undefined;
  if (typeof text === 'string') return () => ({ text, lang: '' });
  const byLanguage = new Map(Object.entries(text).map(([lang, said]) => [lang.toLowerCase(), { text: said, lang }]));
  const usual = byLanguage.get('en');
  return (lang) => {
    for (const candidate of languagesOf(lang)) {
      const said = byLanguage.get(candidate);
      if (said !== undefined) return said;
    }
    return usual;
  };
}

function overdueOf(rule: string, ends: RuleNotes['ends'], now: number): readonly Overdue[] {
  return ends.filter(({ at }) => at <= now).map(({ what, at }) => ({ rule, what, since: at }));
}
