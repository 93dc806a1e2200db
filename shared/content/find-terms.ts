// Finds the terms of all lists in a folded text, with the place of each in the text and how sure it is.
import { scan } from './automaton.ts';
import { characterAt, isWordCharacter } from './characters.ts';
import { canonicalOf, type Folded, type Units } from './fold.ts';
import { judgeSqueezed } from './squeezed-evidence.ts';
import type { Channel, Entry, TermIndex } from './terms.ts';

/** A term at a place of the text, `start` to `end` (exclusive) in UTF-16 units. */
export type FoundTerm = {
  readonly list: number;
  readonly term: number;
  readonly channel: Channel;
  readonly start: number;
  readonly end: number;
  /** 0 to 100; 75 and more is what a rule asks for unless told otherwise. */
  readonly score: number;
};

/** 100: as it is written. 95: in look-alikes. 85: backwards, in ROT13, upside down. 60: too short to be sure. */
const scores = { canonical: 100, skeleton: 95, viewed: 85, short: 60 };

/** In the skeleton, a term shorter than this is no proof where not one of its letters is what it should be. */
const foreignAtLeast = 6;

/** Which of the two a text is looked at in; the skeleton's terms go before those that are squeezed at the same place. */
export type Automata = { readonly inSkeleton: boolean; readonly inSqueezed: boolean };
export const bothAutomata: Automata = { inSkeleton: true, inSqueezed: true };

/** Tells of every term of every list, in the channels that its list looks at. Costs the same for any text of a length. */
export function findTerms(
  index: TermIndex,
  folded: Folded,
  found: (term: FoundTerm) => void,
  { inSkeleton, inSqueezed } = bothAutomata,
): void {
  const { units, length } = folded.skeleton;
  const plain: FoundTerm[] = [];
  if (inSkeleton)
    scan(index.skeleton, units, length, (string, end) => {
      const entry = index.entries[string];
      const term = entry === undefined ? undefined : judgeSkeleton(entry, folded, end);
      if (term === undefined) return;
      if (plain.length < overlapsAtMost) plain.push(term);
      found(term);
    });
  if (!inSqueezed) return;
  scan(index.squeezed, folded.squeezed.units, folded.squeezed.length, (string, end) => {
    const entry = index.squeezedEntries[string];
    if (entry === undefined) return;
    const place = placeOf(folded.squeezed, end - entry.squeezed.length, end);
    if (plain.some((term) => isThere(term, entry, place))) return;
    const judged = judgeSqueezed(folded.text, place, entry.squeezed.length, entry.spaces);
    if (judged !== undefined) found({ list: entry.list, term: entry.term, channel: 'squeezed', ...judged });
  });
}

/** Beyond this many plain terms nobody minds that one of them is told of twice. */
const overlapsAtMost = 64;

function isThere(term: FoundTerm, entry: Entry, place: ReturnType<typeof placeOf>): boolean {
  return (
    term.list === entry.list &&
    term.term === entry.term &&
    term.score >= 75 &&
    term.start < place.firstTo &&
    term.end > place.lastFrom
  );
}

function placeOf({ from, to }: Units, first: number, end: number) {
  return {
    firstFrom: from[first] ?? 0,
    firstTo: to[first] ?? 0,
    lastFrom: from[end - 1] ?? 0,
    lastTo: to[end - 1] ?? 0,
  };
}

function judgeSkeleton(entry: Entry, { text, ascii, skeleton }: Folded, last: number): FoundTerm | undefined {
  const { units, from, to, length } = skeleton;
  const first = last - entry.skeleton.length;
  if (entry.aloneBefore && isWordBefore(units, first)) return undefined;
  if (entry.aloneAfter && isWordAt(units, last, length)) return undefined;
  const start = from[first] ?? 0;
  const end = ascii ? (to[last - 1] ?? 0) : withMarks(text, to[last - 1] ?? 0);
  const place = { list: entry.list, term: entry.term, start, end };
  if (entry.view !== 'plain') return { ...place, channel: 'skeleton', score: scores.viewed };
  // What ASCII spells is its own skeleton; a term that is not ASCII is only looked like by it.
  const canonical = ascii ? entry.skeleton : canonicalOf(text.slice(start, end)).trim();
  if (canonical === entry.canonical) {
    if (entry.channels.has('canonical') || entry.channels.has('skeleton')) {
      return { ...place, channel: 'canonical', score: scores.canonical };
    }
    return undefined;
  }
  if (!entry.channels.has('skeleton')) return undefined;
  const isShort = entry.skeleton.length < foreignAtLeast && isForeign(canonical, entry.canonical);
  return { ...place, channel: 'skeleton', score: isShort ? scores.short : scores.skeleton };
}

function isForeign(written: string, meant: string): boolean {
  for (const letter of written) if (letter !== ' ' && meant.includes(letter)) return false;
  return true;
}

// Marks and what is invisible behind the last letter belong to it.
function withMarks(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < 64) {
    const codePoint = text.codePointAt(end) ?? 0;
    const { kind } = characterAt(codePoint);
    if (kind !== 'mark' && kind !== 'drop') break;
    end += codePoint > 0xffff ? 2 : 1;
  }
  return end;
}

function isWordBefore(units: Uint16Array, at: number): boolean {
  const unit = at < 1 ? 32 : (units[at - 1] ?? 32);
  const isLow = (unit & 0xfc00) === 0xdc00 && at > 1;
  return isWordCharacter(isLow ? joined(units[at - 2] ?? 0, unit) : unit);
}

function isWordAt(units: Uint16Array, at: number, length: number): boolean {
  const unit = at >= length ? 32 : (units[at] ?? 32);
  const isHigh = (unit & 0xfc00) === 0xd800 && at + 1 < length;
  return isWordCharacter(isHigh ? joined(unit, units[at + 1] ?? 0) : unit);
}

function joined(high: number, low: number): number {
  return ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
}
