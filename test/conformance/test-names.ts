// Whether a test file has a test of a given name, told from its source: names that stand there, and names that are made
// of rows (of the file itself, of the lists and journeys beside it).
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf, root } from '../architecture/sources.ts';

/** A test as a requirement names it; `prefix`: all tests of the file whose names begin so, and at least one. */
export type NamedTest = { readonly file: string; readonly name: string; readonly prefix: boolean };

type Names = {
  readonly literals: readonly string[];
  /** The fixed parts of names with holes: `['stripped: ', '']`. */
  readonly templates: readonly (readonly string[])[];
  /** What may stand in a hole. */
  readonly rows: readonly string[];
};

const known = new Map<string, Names>();

export function hasTest({ file, name, prefix }: NamedTest): boolean {
  let names = known.get(file);
  if (names === undefined) {
    names = namesIn(readFileSync(path.join(root, file), 'utf8'), rowsBeside(file));
    known.set(file, names);
  }
  const { literals, templates, rows } = names;
  if (literals.some((literal) => (prefix ? literal.startsWith(name) : literal === name))) return true;
  return templates.some((parts) => (prefix ? mayBegin(parts, rows, name) : mayBe(parts, rows, name)));
}

/** The names of the tests in a source text. `more`: rows that it reads from elsewhere. */
export function namesIn(text: string, more: readonly string[] = []): Names {
  const code = codeOf(text);
  const literals: string[] = [];
  const templates: (readonly string[])[] = [];
  for (const call of code.matchAll(/(?<![.\w])(?:t\.)?(?:test|it)\(\s*/g)) {
    const parts = literalAt(text, call.index + call[0].length);
    if (parts === undefined) templates.push(['', '']);
    else if (parts.length === 1) literals.push(parts.join(''));
    else templates.push(parts);
  }
  const rows = [...more];
  for (const quote of code.matchAll(/(['"`])(?:\s|\1)/g)) {
    const parts = literalAt(text, quote.index);
    if (parts?.length === 1) rows.push(parts.join(''));
    else if (parts !== undefined) rows.push(...parts);
  }
  return { literals, templates, rows };
}

// The lists that grammar.test.ts plays, and the journeys, are rows of the tests beside them.
function rowsBeside(file: string): string[] {
  const folder = path.join(root, path.dirname(file));
  return readdirSync(folder).flatMap((name) => {
    if (name.endsWith('.journey')) return [name.slice(0, -'.journey'.length)];
    if (!name.endsWith('.txt')) return [];
    const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap((line) => line.split(' | '));
  });
}

// A string or a template at this place, cut at its holes; undefined where something else stands.
function literalAt(text: string, at: number): string[] | undefined {
  const quote = text[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined;
  const parts = [''];
  const add = (characters: string) => parts.push(`${parts.pop() ?? ''}${characters}`);
  for (let i = at + 1; i < text.length; i += 1) {
    const here = text[i] ?? '';
    if (here === quote) return parts;
    if (here === '\\') {
      const [whole = '', character = ''] = /^\\(u\{[0-9a-f]+\}|u[0-9a-f]{4}|.)/i.exec(text.slice(i, i + 12)) ?? [];
      add(unescaped(character));
      i += whole.length - 1;
    } else if (quote === '`' && text.startsWith('${', i)) {
      i = endOfHole(text, i + 2);
      parts.push('');
    } else add(here);
  }
  return undefined;
}

function unescaped(character: string): string {
  if (character === 'n') return '\n';
  if (character === 't') return '\t';
  if (character === 'r') return '\r';
  const [, code] = /^u\{?([0-9a-f]+)\}?$/i.exec(character) ?? [];
  return code === undefined ? character : String.fromCodePoint(Number.parseInt(code, 16));
}

function endOfHole(text: string, from: number): number {
  let depth = 1;
  let at = from;
  for (; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) break;
  }
  return at;
}

// Every hole is filled by a row. Numbers and what is computed cannot be told from the source, and pass.
function mayBe(parts: readonly string[], rows: readonly string[], name: string): boolean {
  const pattern = new RegExp(`^${parts.map((part) => part.replace(/[^\w\s]/g, '\\$&')).join('(.*)')}$`, 's');
  const holes = pattern.exec(name)?.slice(1);
  return holes?.every((hole) => /^\d+$/.test(hole) || rows.includes(hole)) ?? false;
}

function mayBegin(parts: readonly string[], rows: readonly string[], prefix: string): boolean {
  const [first = '', second = ''] = parts;
  if (first.startsWith(prefix)) return true;
  if (!prefix.startsWith(first)) return false;
  const rest = prefix.slice(first.length);
  if (rows.some((row) => row.startsWith(rest))) return true;
  const end = second === '' ? -1 : rest.indexOf(second);
  if (end < 0) return false;
  const hole = rest.slice(0, end);
  if (!/^\d+$/.test(hole) && !rows.includes(hole)) return false;
  return mayBegin(parts.slice(1), rows, rest.slice(end));
}
