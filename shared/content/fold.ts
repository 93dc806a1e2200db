// Folds a text into the channels skeleton and squeezed, each unit with the place in the text that it came from.
import { type Character, characterAt } from './characters.ts';

/**
 * A text as the automata read it. Unit i of a channel came from the characters `from[i]` to `to[i]` (exclusive) of the
 * text, in UTF-16 units. The buffers are lent: they hold until the same Folder folds again.
 */
export type Folded = {
  readonly text: string;
  readonly ascii: boolean;
  readonly skeleton: Units;
  readonly squeezed: Units;
  /** Decimal digits of any script. */
  readonly digits: number;
  /** Whether signs of an escape (% & \ =) stand in it. */
  readonly escaped: boolean;
  /** Whether a run of letters and digits that is long enough for a code stands in it. */
  readonly run: boolean;
};

/** A channel: `length` units, and one free place behind them. */
export type Units = {
  readonly units: Uint16Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly length: number;
};

export type Folder = (text: string) => Folded;

/** Makes a folder with buffers of its own, which grow to the longest text that it has seen. */
export function createFolder(): Folder {
  const skeleton = buffers(1_024);
  const squeezed = buffers(1_024);
  return (text) => foldAscii(text, skeleton, squeezed) ?? foldAny(text, skeleton, squeezed);
}

/** So many letters and digits in a row are long enough for base64 or hex of a term of the least length. */
export const codedRun = 8;

type Buffers = { units: Uint16Array; from: Uint32Array; to: Uint32Array; length: number };

function buffers(size: number): Buffers {
  return { units: new Uint16Array(size), from: new Uint32Array(size), to: new Uint32Array(size), length: 0 };
}

function reserve(into: Buffers, size: number): void {
  if (into.units.length >= size) return;
  const larger = buffers(2 ** Math.ceil(Math.log2(size)));
  larger.units.set(into.units);
  larger.from.set(into.from);
  larger.to.set(into.to);
  into.units = larger.units;
  into.from = larger.from;
  into.to = larger.to;
}

const asciiSkeleton = table((at) => characterAt(at).skeleton.charCodeAt(0));
const asciiSqueezed = table((at) => characterAt(at).squeezed.charCodeAt(0));
const asciiSecond = table((at) => characterAt(at).squeezed.charCodeAt(1));

/** The unit of each ASCII character in the skeleton, and both in the squeezed form; 0: none. */
export const asciiUnits = { skeleton: asciiSkeleton, squeezed: asciiSqueezed, second: asciiSecond };

/** What an ASCII character is, as bits: `codeLetter` may stand in base64, `space` is one in the skeleton, `shows` is in it at all. */
export const traits = { digit: 1, escapeSign: 2, codeLetter: 4, space: 8, shows: 16 } as const;
const { digit, escapeSign, codeLetter } = traits;

/** The traits of each ASCII character. */
export const asciiTraits = table((at) => {
  const character = String.fromCharCode(at);
  const seen = asciiSkeleton[at] === 0 ? 0 : asciiSkeleton[at] === 32 ? traits.space | traits.shows : traits.shows;
  if (/[0-9]/.test(character)) return seen | digit | codeLetter;
  if (/[A-Za-z+/_-]/.test(character)) return seen | codeLetter;
  return /[%&\\=]/.test(character) ? seen | escapeSign : seen;
});

function table(unitOf: (at: number) => number): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, at) => unitOf(at) || 0);
}

// A single pass with tables, and no string is made; undefined where the text is not ASCII.
function foldAscii(text: string, skeleton: Buffers, squeezed: Buffers): Folded | undefined {
  const { length } = text;
  reserve(skeleton, length + 1);
  reserve(squeezed, 2 * length + 1);
  const { units, from, to } = skeleton;
  const { units: squeezedUnits, from: squeezedFrom, to: squeezedTo } = squeezed;
  let written = 0;
  let kept = 0;
  let last = 0;
  let digits = 0;
  let escaped = false;
  let run = 0;
  let longest = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    const trait = asciiTraits[code] ?? 0;
    if ((trait & codeLetter) === 0) {
      if (run > longest) longest = run;
      run = 0;
      if ((trait & escapeSign) !== 0) escaped = true;
    } else {
      run++;
      digits += trait & digit;
    }
    const unit = asciiSkeleton[code] ?? 0;
    if (unit === 0 || (unit === 32 && written > 0 && units[written - 1] === 32)) continue;
    units[written] = unit;
    from[written] = i;
    to[written++] = i + 1;
    const visual = asciiSqueezed[code] ?? 0;
    if (visual === 0) continue;
    const second = asciiSecond[code] ?? 0;
    const piece = (second << 8) | visual;
    // A letter again adds nothing, also one that is written as two; nor does a unit that is there already.
    if (kept > 0 && squeezedUnits[kept - 1] === visual && second === 0) squeezedTo[kept - 1] = i + 1;
    else if (piece === last && second !== 0) {
      squeezedTo[kept - 1] = i + 1;
      squeezedTo[kept - 2] = i + 1;
    } else {
      if (kept > 0 && squeezedUnits[kept - 1] === visual) squeezedTo[kept - 1] = i + 1;
      else {
        squeezedUnits[kept] = visual;
        squeezedFrom[kept] = i;
        squeezedTo[kept++] = i + 1;
      }
      if (second !== 0) {
        squeezedUnits[kept] = second;
        squeezedFrom[kept] = i;
        squeezedTo[kept++] = i + 1;
      }
    }
    last = piece;
  }
  skeleton.length = written;
  squeezed.length = kept;
  return { text, ascii: true, skeleton, squeezed, digits, escaped, run: Math.max(run, longest) >= codedRun };
}

function foldAny(text: string, skeleton: Buffers, squeezed: Buffers): Folded {
  skeleton.length = 0;
  squeezed.length = 0;
  let last = '';
  let digits = 0;
  let run = 0;
  let longest = 0;
  let escaped = false;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i) ?? 0;
    const end = i + (codePoint > 0xffff ? 2 : 1);
    const character = characterAt(codePoint);
    const { skeleton: plain } = character;
    for (let at = 0; at < plain.length; at++) {
      const unit = plain.charCodeAt(at);
      if (unit >= 48 && unit <= 57) digits++;
    }
    const trait = codePoint < 128 ? (asciiTraits[codePoint] ?? 0) : 0;
    run = (trait & codeLetter) === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
    if ((trait & escapeSign) !== 0) escaped = true;
    append(skeleton, plain, i, end);
    if (character.squeezed !== '') {
      appendSqueezed(squeezed, character.squeezed, last, i, end);
      last = character.squeezed;
    }
    i = end;
  }
  reserve(skeleton, skeleton.length + 1);
  return { text, ascii: false, skeleton, squeezed, digits, escaped, run: longest >= codedRun };
}

function append(into: Buffers, plain: string, from: number, to: number): void {
  reserve(into, into.length + plain.length + 1);
  for (let at = 0; at < plain.length; at++) {
    const unit = plain.charCodeAt(at);
    if (unit === 32 && into.length > 0 && into.units[into.length - 1] === 32) continue;
    into.units[into.length] = unit;
    into.from[into.length] = from;
    into.to[into.length++] = to;
  }
}

function appendSqueezed(into: Buffers, piece: string, last: string, from: number, to: number): void {
  if (piece === last) {
    for (let back = 1; back <= Math.min(piece.length, into.length); back++) into.to[into.length - back] = to;
    return;
  }
  reserve(into, into.length + piece.length + 1);
  for (let at = 0; at < piece.length; at++) {
    const unit = piece.charCodeAt(at);
    if (into.length > 0 && into.units[into.length - 1] === unit) into.to[into.length - 1] = to;
    else {
      into.units[into.length] = unit;
      into.from[into.length] = from;
      into.to[into.length++] = to;
    }
  }
}

/** The skeleton of a short text: what the terms are compiled to. */
export function skeletonOf(text: string): string {
  return collapsed(text, ({ skeleton }) => skeleton);
}

/** The canonical form of a short text. */
export function canonicalOf(text: string): string {
  return collapsed(text, ({ canonical }) => canonical);
}

/** The squeezed form of a short text. */
export function squeezedOf(text: string): string {
  let squeezed = '';
  let last = '';
  for (const letter of text) {
    const piece = characterAt(letter.codePointAt(0) ?? 0).squeezed;
    if (piece === '' || piece === last) continue;
    for (let at = 0; at < piece.length; at++) {
      if (!squeezed.endsWith(piece.charAt(at))) squeezed += piece.charAt(at);
    }
    last = piece;
  }
  return squeezed;
}

function collapsed(text: string, channel: (character: Character) => string): string {
  let found = '';
  for (const letter of text) found += channel(characterAt(letter.codePointAt(0) ?? 0));
  return found.replaceAll(/ +/g, ' ');
}
