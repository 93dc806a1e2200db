// Reads the repository's own source: which files there are, what is code in them, and what they import.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

export type Source = {
  /** Relative to the repository, with `/`. */
  readonly file: string;
  readonly text: string;
  /** The text with comments and the contents of strings blanked: only code is left, at its place. */
  readonly code: string;
  readonly imports: readonly Import[];
};

export type Import = {
  readonly line: number;
  readonly specifier: string;
  /** Repository path of what is imported, where it is ours. */
  readonly file?: string;
  /** Its package, where it is not; `node:fs` and the like as they stand. */
  readonly package?: string;
};

const skipped = new Set(['node_modules', '.git', '.tsbuild', '.lab', '.cache', 'generated']);

/** Every TypeScript file of the repository but generated ones. */
export function readSources(folder = root): Source[] {
  const found: Source[] = [];
  const walk = (below: string) => {
    for (const entry of readdirSync(path.join(folder, below), { withFileTypes: true })) {
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(file);
      } else if (entry.name.endsWith('.ts'))
        found.push(readSource(file, readFileSync(path.join(folder, file), 'utf8')));
    }
  };
  walk('');
  return found;
}

/** One file, by its name and text. */
export function readSource(file: string, text: string): Source {
  const code = codeOf(text);
  return { file, text, code, imports: importsOf(file, text, code) };
}

/** The line on which this offset of a text stands. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

// Static, side-effect, dynamic and type imports, re-exports, require, and modules named to start a worker.
const importForms = [
  /\b(?:from|import)\s*(['"])( *)\1/g,
  /\b(?:import|require)\s*\(\s*(['"])( *)\1/g,
  /\bnew URL\(\s*(['"])( *)\1,\s*import\.meta\.url/g,
  /\bimport\.meta\.resolve\(\s*(['"])( *)\1/g,
];

function importsOf(file: string, text: string, code: string): Import[] {
  const found: Import[] = [];
  for (const form of importForms) {
    for (const match of code.matchAll(form)) {
      const quoted = code.indexOf(match[1] ?? "'", match.index) + 1;
      const specifier = text.slice(quoted, quoted + (match[2]?.length ?? 0));
      if (form.source.includes('meta') && !specifier.endsWith('.ts')) continue;
      found.push({ line: lineAt(text, match.index), specifier, ...resolve(file, specifier) });
    }
  }
  for (const match of code.matchAll(/\b(?:import|require)\s*\(\s*(?!['"\s])/g)) {
    found.push({ line: lineAt(text, match.index), specifier: '(computed)', package: '(computed)' });
  }
  return found.sort((a, b) => a.line - b.line);
}

function resolve(from: string, specifier: string): Pick<Import, 'file' | 'package'> {
  if (specifier.startsWith('.')) return { file: path.posix.join(path.posix.dirname(from), specifier) };
  if (specifier.startsWith('@sallyport/')) return { file: specifier.slice('@sallyport/'.length) };
  if (specifier.startsWith('node:')) return { package: specifier };
  const parts = specifier.split('/');
  return { package: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}

/** Blanks comments, and what stands inside strings, templates and regular expressions; quotes and lines stay. */
export function codeOf(text: string): string {
  const out = [...text.split('')];
  // What opened the block that we are in: `{`, or a template's `${`.
  const blocks: string[] = [];
  let at = 0;
  let last = '';
  const blank = (to: number) => {
    for (; at < to; at++) if (out[at] !== '\n') out[at] = ' ';
  };
  const template = () => {
    while (at < text.length && text[at] !== '`') {
      if (text.startsWith('${', at)) {
        blocks.push('${');
        at += 2;
        return;
      }
      blank(at + (text[at] === '\\' ? 2 : 1));
    }
    at++;
    last = '`';
  };
  while (at < text.length) {
    const here = text[at] ?? '';
    if (text.startsWith('//', at)) blank(endOf(text, '\n', at));
    else if (text.startsWith('/*', at)) blank(endOf(text, '*/', at + 2) + 2);
    else if (here === "'" || here === '"' || (here === '/' && startsPattern(last, text.slice(0, at)))) {
      const end = closing(text, at, here);
      at++;
      blank(end);
      at = end + 1;
      last = here === '/' ? ')' : here;
    } else if (here === '`') {
      at++;
      template();
    } else if (here === '}' && blocks.pop() === '${') {
      at++;
      template();
    } else {
      if (here === '{') blocks.push('{');
      if (here.trim() !== '') last = here;
      at++;
    }
  }
  return out.join('');
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

function closing(text: string, from: number, quote: string): number {
  let inClass = false;
  for (let at = from + 1; at < text.length; at++) {
    const here = text[at];
    if (here === '\\') at++;
    else if (here === '\n') return at;
    else if (quote === '/' && here === '[') inClass = true;
    else if (quote === '/' && here === ']') inClass = false;
    else if (here === quote && !inClass) return at;
  }
  return text.length;
}

// A slash divides after a value, and begins a regular expression elsewhere.
function startsPattern(last: string, before: string): boolean {
  if (/[\w$)\]}'"`]/.test(last)) return /\b(?:return|typeof|case|in|of|await|yield)\s*$/.test(before);
  return true;
}
