// How likely it is that letters which spell a term once all else is left out were meant to spell it.
import { characterAt } from './characters.ts';

/** Where a term may stand: the source of its first unit and of its last one, each from–to; a unit may have many letters. */
export type SqueezedPlace = {
  readonly firstFrom: number;
  readonly firstTo: number;
  readonly lastFrom: number;
  readonly lastTo: number;
};

export type Judged = { readonly start: number; readonly end: number; readonly score: number };

/** So many characters for each unit of a term may stand between its letters; what is spread wider is not a word any more. */
const spreadAtMost = 64;

/**
 * Judges a term found in the squeezed channel (§1.3): 80 and more where it begins and ends at the edge of a word and what
 * stands between its letters, or in their place, is a disguise; 40 to 70 where it may be chance (*night ingale*), which
 * is less than what a rule asks for by default; undefined where it is nothing. `units` and `ownSpaces` are those of the term.
 */
export function judgeSqueezed(
  text: string,
  place: SqueezedPlace,
  units: number,
  ownSpaces: number,
): Judged | undefined {
  if (place.lastTo - place.firstFrom > spreadAtMost * units + spreadAtMost) return undefined;
  const start = edgeBefore(text, place.firstFrom, place.firstTo);
  const end = edgeAfter(text, place.lastFrom, place.lastTo);
  if (start === undefined || end === undefined || end <= start) {
    return units < longEnough ? undefined : { start: place.firstFrom, end: place.lastTo, score: 40 };
  }
  return { start, end, score: scoreOf(look(text, start, end), units, ownSpaces) };
}

/** A term as long as this is hardly ever spelt by another word through doubled letters, l for i, or rn for m alone. */
const longEnough = 8;

function scoreOf(seen: Look, units: number, ownSpaces: number): number {
  // A number is no word, whatever its digits could stand for.
  if (seen.letters * 6 < seen.kept) return 50;
  if (seen.tokens === 1 || (seen.plainSpaces === seen.tokens - 1 && seen.plainSpaces <= ownSpaces)) {
    return seen.disguised || units >= longEnough ? 90 : 70;
  }
  if (seen.singles * 10 >= seen.tokens * 6) return 90;
  if (seen.plainSpaces > ownSpaces) return seen.disguised && seen.plainSpaces < seen.tokens - 1 ? 80 : 60;
  // Of one kind, or at least none of them what people put between words.
  return seen.uniform || seen.lines === seen.tokens - 1 ? 90 : 80;
}

type Look = {
  readonly tokens: number;
  readonly singles: number;
  /** Gaps as they stand between words, sentences and the steps of a path. */
  readonly plainSpaces: number;
  readonly lines: number;
  readonly uniform: boolean;
  readonly disguised: boolean;
  readonly kept: number;
  readonly letters: number;
};

function look(text: string, start: number, end: number): Look {
  let tokens = 0;
  let singles = 0;
  let plainSpaces = 0;
  let lines = 0;
  let uniform = true;
  let disguised = false;
  let kept = 0;
  let letters = 0;
  let inToken = 0;
  let gap = '';
  let firstGap: string | undefined;
  let before = '';
  let afterSmall = false;
  let repeated = 0;
  for (const character of text.slice(start, end)) {
    const { kind, squeezed } = characterAt(character.codePointAt(0) ?? 0);
    if (kind === 'drop' || kind === 'mark') continue;
    if (squeezed === '') {
      if (inToken === 1) singles++;
      inToken = 0;
      gap += character;
      continue;
    }
    kept++;
    if (inToken === 0) {
      tokens++;
      if (tokens > 1) {
        firstGap ??= gap;
        uniform &&= gap === firstGap;
        if (/^[\n\r]+$/.test(gap)) lines++;
        else if (/[\s/\\]/.test(gap)) plainSpaces++;
      }
      gap = '';
    }
    inToken++;
    const isPlain = /^[A-Za-z]$/.test(character);
    if (!/[\p{N}!-@[-`{-~€£]/u.test(character)) letters++;
    repeated = squeezed === before ? repeated + 1 : 1;
    // A capital behind a small letter of one word, the same letter three times, a digit or a sign for a letter.
    if (!isPlain || repeated >= 3 || (inToken > 1 && afterSmall && character <= 'Z')) disguised = true;
    afterSmall = isPlain && character >= 'a';
    before = squeezed;
  }
  if (inToken === 1) singles++;
  return { tokens, singles, plainSpaces, lines, uniform, disguised, kept, letters };
}

// The last letter of the first unit's run that begins a word.
function edgeBefore(text: string, from: number, to: number): number | undefined {
  for (let at = to - 1; at >= from; at--) {
    if (isLow(text, at)) continue;
    if (characterAt(text.codePointAt(at) ?? 0).squeezed !== '' && !wordEndsAt(text, at)) return at;
  }
  return undefined;
}

// The first letter of the last unit's run that ends a word.
function edgeAfter(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at++) {
    if (isLow(text, at)) continue;
    const codePoint = text.codePointAt(at) ?? 0;
    const end = at + (codePoint > 0xffff ? 2 : 1);
    if (characterAt(codePoint).squeezed !== '' && !wordBeginsAt(text, end)) return end;
  }
  return undefined;
}

// Further than this no one looks for what an edge hides behind, so that a hostile text costs no more than another.
const hiddenAtMost = 64;

function wordEndsAt(text: string, end: number): boolean {
  for (let at = end - 1; at >= Math.max(0, end - hiddenAtMost); at--) {
    if (isLow(text, at)) continue;
    const { kind } = characterAt(text.codePointAt(at) ?? 0);
    if (kind !== 'drop' && kind !== 'mark') return kind === 'word';
  }
  return false;
}

function wordBeginsAt(text: string, start: number): boolean {
  for (let at = start; at < Math.min(text.length, start + hiddenAtMost); at++) {
    if (isLow(text, at)) continue;
    const { kind } = characterAt(text.codePointAt(at) ?? 0);
    if (kind !== 'drop' && kind !== 'mark') return kind === 'word';
  }
  return false;
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}
