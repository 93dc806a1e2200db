// The language that the tables of the vocabulary are written in, and what compiles and applies them (P14, P15, §2.7):
// a closed world. Identity is the expanded name; order does not matter; what no row names does not exist.
import type { VocabularyWord } from '@sallyport/shared/policy/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';

/** What an element may hold. Attributes without a row are dropped; children without a row break the rule. */
export type ElementRule = {
  /** A pattern for each attribute that means something; `!` in front of its name: it must be there. */
  readonly attributes?: Readonly<Record<string, RegExp>>;
  /** Character data: kept as text, forbidden but for white space (the default), or ignored. */
  readonly text?: 'kept' | 'none' | 'ignored';
  /** None (the default), whatever they are without looking at them, or these, of the element's own namespace. */
  readonly children?: 'none' | 'ignored' | Readonly<Record<string, ChildRule>>;
};

/** A child by its local name: how often it must and may stand there, and what it may hold itself. */
export type ChildRule = ElementRule & { readonly min?: number; readonly max: number };

/** One row of a table: a child of a stanza, how often it may stand there, and what becomes of it. */
export type Row<B extends string> = {
  readonly ns: string;
  /** The local name; `*` for every name of the namespace that has no row of its own. */
  readonly name: string;
  readonly becomes: B;
  /** It is taken out where the partner's vocabulary lacks this word. */
  readonly word?: VocabularyWord;
  /** How many of them one stanza may hold; absent: any number. */
  readonly max?: number;
  readonly rule?: ElementRule;
};

/** A row whose rule is ready to be applied. */
export type CompiledRow<B extends string> = Row<B> & { readonly check: Check };

/** What of the element breaks the rule, in words without content; undefined when nothing does. */
export type Check = (element: XmlElement) => string | undefined;

export type Grammar<B extends string> = {
  /** The row of a child, or undefined for one that we do not know. */
  readonly find: (child: XmlElement) => CompiledRow<B> | undefined;
};

/** Compiles a table, once at start. A table that contradicts itself is a bug and throws. */
export function compileGrammar<B extends string>(rows: readonly Row<B>[]): Grammar<B> {
  const table = new Map<string, Map<string, CompiledRow<B>>>();
  for (const row of rows) {
    const names = table.get(row.ns) ?? new Map<string, CompiledRow<B>>();
    if (names.has(row.name)) throw new Error(`two rows for ${row.name} of ${row.ns}`);
    names.set(row.name, { ...row, check: compileRule(row.rule ?? {}) });
    table.set(row.ns, names);
  }
  return {
    find(child) {
      const names = table.get(child.ns);
      return names?.get(child.name) ?? names?.get('*');
    },
  };
}

function compileRule(rule: ElementRule): Check {
  const attributes = Object.entries(rule.attributes ?? {}).map(([key, pattern]) => {
    const required = key.startsWith('!');
    return { name: required ? key.slice(1) : key, required, pattern };
  });
  const noText = (rule.text ?? 'none') === 'none';
  const checkChildren = compileChildren(rule.children ?? 'none');

  return (element) => {
    for (const { name, required, pattern } of attributes) {
      const value = element.attributes[name];
      if (value === undefined && required) return `the attribute ${name} is missing`;
      if (value !== undefined && !pattern.test(value)) return `the attribute ${name} is malformed`;
    }
    if (noText && element.text !== '' && /[^ \t\r\n]/.test(element.text)) return 'text where none belongs';
    return checkChildren?.(element);
  };
}

function compileChildren(children: NonNullable<ElementRule['children']>): Check | undefined {
  if (children === 'ignored') return undefined;
  if (children === 'none') {
    return ({ children }) => (children.length > 0 ? 'elements where none belong' : undefined);
  }
  const rules = Object.entries(children).map(([name, rule]) => ({ name, rule, check: compileRule(rule) }));
  return (element) => {
    let known = 0;
    for (const { name, rule, check } of rules) {
      const found = element.children.filter((child) => child.ns === element.ns && child.name === name);
      known += found.length;
      if (found.length > rule.max) return `too many of ${name}`;
      if (found.length < (rule.min ?? 0)) return `${name} is missing`;
      for (const child of found) {
        const fault = check(child);
        if (fault !== undefined) return `${name}: ${fault}`;
      }
    }
    return known < element.children.length ? 'an element that does not belong here' : undefined;
  };
}
