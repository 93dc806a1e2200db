// The text with its case and its lines, every letter and digit as what it looks like: for patterns, numbers and markings.
import { characterAt } from './characters.ts';
import type { Folded } from './fold.ts';

/** Character i of `text` came from `from(i)` to `to(i)` (exclusive) of the original. */
export type Cased = {
  readonly text: string;
  readonly from: (at: number) => number;
  readonly to: (at: number) => number;
};

/**
 * Homoglyphs, wide and decorated letters and the digits of other scripts become the Latin letter or digit; what shows
 * nothing goes away; dashes become one; white space but the line feed becomes a space. Printable ASCII stays as it is.
 */
export function casedOf({ text, ascii }: Pick<Folded, 'text' | 'ascii'>): Cased {
  if (ascii && !/[\x00-\x09\x0b-\x1f\x7f]/.test(text)) return { text, from: same, to: next };
  let cased = '';
  const from: number[] = [];
  const to: number[] = [];
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const end = at + (codePoint > 0xffff ? 2 : 1);
    const piece = dashes.has(codePoint) ? '-' : characterAt(codePoint).cased;
    for (let i = 0; i < piece.length; i++) {
      from.push(at);
      to.push(end);
    }
    cased += piece;
    at = end;
  }
  return { text: cased, from: (at) => from[at] ?? text.length, to: (at) => to[at] ?? text.length };
}

const same = (at: number) => at;
const next = (at: number) => at + 1;

// Hyphens and dashes that people put into numbers and markings.
const dashes = new Set([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xfe58, 0xfe63, 0xff0d]);
