// What differs between two policies, in words: rules, detectors, lists, labels, partners. Never a word of a list.
import { utf8 } from '@sallyport/shared/policy/check-file.ts';
import { conditionOf } from '@sallyport/shared/policy/condition-schema.ts';
import type { RuleEntry } from '@sallyport/shared/policy/content-schema.ts';
import { clearanceWords, conditionWords } from './condition-words.ts';
import { safe } from './on-terminal.ts';
import type { ReadPolicy } from './read-policy.ts';

/** One line for each change, the most telling first; empty where both say the same. */
export function changesOf(before: ReadPolicy, after: ReadPolicy): readonly string[] {
  const [old, now] = [before.content, after.content];
  return [
    ...entries('list', byId(old.lists), byId(now.lists)),
    ...entries('rule', byId(old.rules), byId(now.rules)),
    ...entries('detector', byId(old.detectors), byId(now.detectors)),
    ...(old.bidiControls === now.bidiControls ? [] : [`bidiControls: ${old.bidiControls} → ${now.bidiControls}`]),
    ...listFiles(before, after),
    ...clearances(before, after),
    ...entries('schemes', schemesOf(before), schemesOf(after)),
    ...entries('ESS label', essOf(before), essOf(after)),
    ...entries('display marking', displaysOf(before), displaysOf(after)),
    ...entries('partner', byDomain(before), byDomain(after)),
    ...otherFiles(before, after),
  ];
}

type Entries = ReadonlyMap<string, object>;

function byId(all: readonly { readonly id: string }[] = []): Entries {
  return new Map(all.map((one) => [one.id, one]));
}

function byDomain({ partners }: ReadPolicy): Entries {
  return new Map(partners.map((one) => [one.domain, one]));
}

function schemesOf({ labels }: ReadPolicy): Entries {
  return new Map([['of labels.yaml', { inUse: labels?.schemes.join(', ') ?? 'all' }]]);
}

function essOf({ labels }: ReadPolicy): Entries {
  return new Map((labels?.ess ?? []).map((one) => [one.policy, one]));
}

function displaysOf({ labels }: ReadPolicy): Entries {
  return new Map((labels?.displays ?? []).map((one) => [safe(one.text), one]));
}

function entries(what: string, before: Entries, after: Entries): readonly string[] {
  const gone = [...before.keys()]
    .filter((id) => !after.has(id))
    .map((id) => `${what} ${id}: gone${asBefore(before, id)}`);
  const made = [...after].filter(([id]) => !before.has(id)).map(([id, one]) => `${what} ${id}: new${summary(one)}`);
  const changed = [...after].flatMap(([id, one]) => {
    const old = before.get(id);
    return old === undefined ? [] : keys(old, one).map((words) => `${what} ${id}: ${words}`);
  });
  return [...gone, ...made, ...changed];
}

function asBefore(before: Entries, id: string): string {
  const one = before.get(id);
  return one === undefined ? '' : summary(one);
}

function summary(entry: object): string {
  const words = ['title', 'action', 'mode'].flatMap((key) => {
    const value: unknown = Reflect.get(entry, key);
    return typeof value === 'string' ? [safe(value, 120)] : [];
  });
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function keys(before: object, after: object): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((key) => {
    const [old, now]: readonly unknown[] = [Reflect.get(before, key), Reflect.get(after, key)];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    return [`${key}: ${valueWords(key, old)} → ${valueWords(key, now)}`];
  });
}

function valueWords(key: string, value: unknown): string {
  if (value === undefined) return '(nothing)';
  if (key === 'when' && isCondition(value)) return oneLine(value);
  return safe(typeof value === 'string' ? value : JSON.stringify(value), 200);
}

// What stands under `when` was read by the schema of conditions.
function isCondition(value: unknown): value is RuleEntry['when'] {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function oneLine(entry: RuleEntry['when']): string {
  const words = (condition: ReturnType<typeof conditionOf>): string => {
    if (condition.kind === 'all') return `(${condition.of.map(words).join(' and ')})`;
    if (condition.kind === 'any') return `(${condition.of.map(words).join(' or ')})`;
    return condition.kind === 'not' ? `not (${words(condition.of)})` : conditionWords(condition);
  };
  return words(conditionOf(entry));
}

function listFiles(before: ReadPolicy, after: ReadPolicy): readonly string[] {
  const names = [...new Set([...before.files.files.keys(), ...after.files.files.keys()])];
  return names
    .filter((name) => name.startsWith('lists/'))
    .sort()
    .flatMap((name) => {
      const [old, now] = [wordsIn(before, name), wordsIn(after, name)];
      const added = [...now].filter((word) => !old.has(word)).length;
      const removed = [...old].filter((word) => !now.has(word)).length;
      return added + removed === 0 ? [] : [`${name}: words: ${added} more, ${removed} fewer, ${now.size} now`];
    });
}

function wordsIn({ files }: ReadPolicy, name: string): ReadonlySet<string> {
  const lines = (utf8(files.files.get(name) ?? Buffer.of()) ?? '').split('\n').map((line) => line.trim());
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));
}

function clearances(before: ReadPolicy, after: ReadPolicy): readonly string[] {
  return [...after.inside.partners.keys()].flatMap((domain) => {
    const [old, now] = [before.inside.labels?.of(domain), after.inside.labels?.of(domain)];
    if (old === undefined || now === undefined || !before.inside.partners.has(domain)) return [];
    const sees = [old, now].map(({ clearance }) => clearanceWords(clearance));
    const taken = [old, now].map(({ unlabelled }) =>
      (['inward', 'outward'] as const).map((way) => `${way} ${unlabelled[way]?.shown ?? 'as nothing'}`).join(', '),
    );
    return [
      ...(sees[0] === sees[1] ? [] : [`labels of ${domain}: may see ${sees.join(' → ')}`]),
      ...(taken[0] === taken[1] ? [] : [`labels of ${domain}: without a label it is taken ${taken.join(' → ')}`]),
      ...(old.showMarking === now.showMarking
        ? []
        : [`labels of ${domain}: the marking is ${now.showMarking ? '' : 'not '}shown`]),
    ];
  });
}

const toldAbove = /^(content\.yaml|partners\.yaml|labels\.yaml|lists\/)/;

function otherFiles(before: ReadPolicy, after: ReadPolicy): readonly string[] {
  const names = [...new Set([...before.files.files.keys(), ...after.files.files.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.files.files.get(name), after.files.files.get(name)];
    if (toldAbove.test(name) || (old !== undefined && now !== undefined && old.equals(now))) return [];
    return [`${name}: ${old === undefined ? 'new' : now === undefined ? 'gone' : 'changed'}`];
  });
}
