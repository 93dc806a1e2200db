// The language that the tables of the vocabulary are written in, and what compiles and applies them (P14, P15, §2.7):
// a closed world. Identity is the expanded name; order does not matter; what no row names does not exist.
import type { XmlElement } from '../xml/element.ts';

/** What an element may hold. Attributes without a row are dropped; children without a row break the rule. */
export type ElementRule = {
  /** A pattern for each attribute that means something; `!` in front of its name: it must be there. */
  readonly attributes?: Readonly<Record<string, RegExp>>;
  /** Character data: kept as text, forbidden but for white space (the default), or ignored. */
  readonly text?: 'kept' | 'none' | 'ignored';
  readonly children?: 'none' | 'ignored';
};

/** One row of a table: a child of a stanza, how often it may stand there, and what becomes of it. */
export type Row<B extends string> = {
  readonly ns: string;
  /** The local name; `*` for every name of the namespace that has no row of its own. */
  readonly name: string;
  readonly becomes: B;
  /** How many of them one stanza may hold; absent: any number. */
  readonly max?: number;
  readonly rule?: ElementRule;
};

export type Grammar<B extends string> = {
  /** The row of a child, or undefined for one that we do not know. */
  readonly find: (child: XmlElement) => Row<B> | undefined;
};

/** Compiles a table, once at start. A table that contradicts itself is a bug and throws. */
export function compileGrammar<B extends string>(rows: readonly Row<B>[]): Grammar<B> {
  const table = new Map<string, Map<string, Row<B>>>();
  for (const row of rows) {
    const names = table.get(row.ns) ?? new Map<string, Row<B>>();
    if (names.has(row.name)) throw new Error(`two rows for ${row.name} of ${row.ns}`);
    names.set(row.name, row);
    table.set(row.ns, names);
  }
  return {
    find(child) {
      const names = table.get(child.ns);
      return names?.get(child.name) ?? names?.get('*');
    },
  };
}

/** What of the element breaks the rule, in words without content; undefined when nothing does. */
export function breaks(element: XmlElement, rule: ElementRule): string | undefined {
  for (const [key, pattern] of Object.entries(rule.attributes ?? {})) {
    const required = key.startsWith('!');
    const name = required ? key.slice(1) : key;
    const value = element.attributes[name];
    if (value === undefined && required) return `the attribute ${name} is missing`;
    if (value !== undefined && !pattern.test(value)) return `the attribute ${name} is malformed`;
  }
  if ((rule.text ?? 'none') === 'none' && /[^ \t\r\n]/.test(element.text)) return 'text where none belongs';
  if ((rule.children ?? 'none') === 'none' && element.children.length > 0) return 'elements where none belong';
  return undefined;
}
