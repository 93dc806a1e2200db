// What each character is to the content engine: left out, a space, a part of words, and what it is read as (UTS 39 §4).
import { kindRuns, lookAlikes } from './generated/tables.ts';

/** `drop`: shows nothing. `mark`: only decorates a letter. `spaceless`: of a script that is written without spaces. */
export type Kind = 'drop' | 'space' | 'mark' | 'word' | 'spaceless' | 'other';

/** One character in each channel; empty where the channel leaves it out, one space for any white space. */
export type Character = {
  readonly kind: Kind;
  /** Decomposed (NFKD) and case-folded; nothing that is invisible. */
  readonly canonical: string;
  /** The canonical form, each letter replaced by the one that it looks like, without decorating marks. */
  readonly skeleton: string;
  /** The skeleton in its class of letters, digits and signs that stand for each other: 0 is o, m is rn. */
  readonly squeezed: string;
  /** The skeleton with its case kept, for what tells markings and patterns apart. */
  readonly cased: string;
};

/** The character at a code point. What is asked once is remembered: at most one page of 256 for each that Unicode has. */
export function characterAt(codePoint: number): Character {
  let page = pages[codePoint >> 8];
  if (page === undefined) {
    page = [];
    pages[codePoint >> 8] = page;
  }
  let character = page[codePoint & 255];
  if (character === undefined) {
    character = made(codePoint);
    page[codePoint & 255] = character;
  }
  return character;
}

/** Whether a code point is a part of a word: letters, digits, and the marks that belong to them. */
export function isWordCharacter(codePoint: number): boolean {
  if (codePoint < 128) return asciiWord[codePoint] === 1;
  const { kind } = characterAt(codePoint);
  return kind === 'word' || kind === 'spaceless' || kind === 'mark';
}

/** Whether its script is written without spaces, so that a word may stand inside other letters. */
export function isWrittenWithoutSpaces(codePoint: number): boolean {
  return codePoint >= 128 && characterAt(codePoint).kind === 'spaceless';
}

const asciiWord = Uint8Array.from({ length: 128 }, (_, at) => (/[0-9A-Za-z]/.test(String.fromCharCode(at)) ? 1 : 0));

// Two letters that are read as one (rn, vv, cl) count as that one, so m, w and d are written as the two.
const visualClasses: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '!': 'l',
  '|': 'l',
  i: 'l',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '6': 'g',
  '9': 'g',
  '7': 't',
  '+': 't',
  '8': 'b',
  '(': 'c',
  '2': 'z',
  '€': 'e',
  '£': 'l',
  m: 'rn',
  w: 'v',
  d: 'cl',
};

// Capitals of Greek that are read as another letter than their small ones.
const capitals: Readonly<Record<string, string>> = { Ν: 'n', Η: 'h', Υ: 'y', Μ: 'm', Σ: 'e', Χ: 'x', Ζ: 'z', Γ: 'r' };

const pages: (Character | undefined)[][] = [];
const kinds: Readonly<Record<string, Kind>> = {
  D: 'drop',
  Z: 'space',
  M: 'mark',
  W: 'word',
  L: 'spaceless',
  O: 'other',
};
const { starts, values } = readRuns();
const prototypes = readPrototypes();

function kindOf(codePoint: number): Kind {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= codePoint) low = middle;
    else high = middle - 1;
  }
  return values[low] ?? 'drop';
}

function made(codePoint: number): Character {
  const kind = kindOf(codePoint);
  const nothing = { kind, canonical: '', skeleton: '', squeezed: '', cased: '' };
  if (kind === 'drop') return nothing;
  if (kind === 'space')
    return { kind, canonical: ' ', skeleton: ' ', squeezed: '', cased: codePoint === 10 ? '\n' : ' ' };
  const raw = String.fromCodePoint(codePoint);
  // A sign that stands for a letter (in a box, of a flag) is that letter before it is taken apart. Letters are folded
  // first, so that the skeleton depends on nothing but the canonical form.
  const whole = kind === 'other' ? prototypes.get(codePoint) : undefined;
  let canonical = '';
  let skeleton = whole ?? '';
  let squeezed = whole ?? '';
  let cased = whole === undefined ? '' : casedLike(raw, whole);
  for (const part of visible(raw.normalize('NFKD'))) {
    if (part === ' ') {
      canonical += ' ';
      skeleton += whole === undefined ? ' ' : '';
      cased += whole === undefined ? ' ' : '';
      continue;
    }
    const folded = visible(foldCase(part));
    canonical += folded;
    if (whole !== undefined) continue;
    const shape = withoutMarks(shapeOf(folded));
    skeleton += shape;
    squeezed += capitals[part] ?? shape;
    cased += casedLike(part, shape);
  }
  return { kind, canonical, skeleton, squeezed: squeezedOf(squeezed), cased };
}

// Full case folding (UAX 44): by way of the capital, so that ß, ς and ſ meet ss, σ and s.
function foldCase(part: string): string {
  return part.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD');
}

function shapeOf(folded: string): string {
  let shape = '';
  for (const letter of folded) shape += prototypes.get(letter.codePointAt(0) ?? 0) ?? letter;
  return shape;
}

function casedLike(part: string, shape: string): string {
  return part === part.toLowerCase() ? shape : shape.toUpperCase();
}

function visible(text: string): string {
  let kept = '';
  for (const letter of text) {
    const kind = kindOf(letter.codePointAt(0) ?? 0);
    if (kind !== 'drop') kept += kind === 'space' ? ' ' : letter;
  }
  return kept;
}

function withoutMarks(text: string): string {
  let kept = '';
  for (const letter of text) if (kindOf(letter.codePointAt(0) ?? 0) !== 'mark') kept += letter;
  return kept;
}

function squeezedOf(skeleton: string): string {
  let kept = '';
  for (const letter of skeleton) {
    const codePoint = letter.codePointAt(0) ?? 0;
    const known = visualClasses[letter];
    if (known !== undefined) kept += known;
    else if (codePoint < 128 ? asciiWord[codePoint] === 1 : /^(?:word|spaceless)$/.test(kindOf(codePoint)))
      kept += letter;
  }
  // A unit again adds nothing, within a character as between two.
  return kept.replace(/(.)\1+/gs, '$1');
}

function readRuns(): { readonly starts: Int32Array; readonly values: readonly Kind[] } {
  const found = [...kindRuns.matchAll(/([0-9a-z]+)([A-Z])/g)];
  const starts = new Int32Array(found.length);
  let at = 0;
  for (const [i, [, length = '']] of found.entries()) {
    starts[i] = at;
    at += Number.parseInt(length, 36);
  }
  return { starts, values: found.map(([, , letter = 'D']) => kinds[letter] ?? 'drop') };
}

function readPrototypes(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const [letter, codePoints] of Object.entries(lookAlikes)) {
    for (const written of codePoints.split(' ')) found.set(Number.parseInt(written, 36), letter);
  }
  return found;
}
