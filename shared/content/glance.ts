// The first look at a text, one pass over it: what may be in it at all. In by far most texts nothing is, and nothing else runs.
import { type Automaton, step } from './automaton.ts';
import { characterAt } from './characters.ts';
import { mayDecode } from './decode.ts';
import { asciiTraits, asciiUnits, codedRun, type Folded, traits, type Units } from './fold.ts';
import type { Carry } from './rules.ts';
import type { TermIndex } from './terms.ts';

/** What the hints of a text are about, as bits. */
export const hintKinds = { pattern: 1, overLines: 2, marking: 4, key: 8 } as const;

const { digit, escapeSign, codeLetter, space, shows } = traits;

/** What may be in a text; lent, it holds until the same Glancer looks again. */
export type Glance = {
  /** Whether a term may be spelt in it, in the skeleton, and in the squeezed form. */
  readonly inSkeleton: boolean;
  readonly inSqueezed: boolean;
  /** Whether a term may begin in what was said before and end in it. */
  readonly crossing: boolean;
  /** `hintKinds`, one or several. */
  readonly hints: number;
  /** As they are in `Folded`. */
  readonly digits: number;
  readonly escaped: boolean;
  /** Whether a run of letters and digits stands in it that may be a code. */
  readonly run: boolean;
  /** The most letters, digits and signs of base64 in a row, if it is a run; larger where nobody knows. */
  readonly longestRun: number;
};

export type Glancer = {
  /** Undefined where the text is not ASCII: then it is folded, and that is looked at. */
  readonly atAscii: (text: string, carry?: Carry) => Glance | undefined;
  readonly atFolded: (folded: Folded, carry?: Carry) => Glance;
  /** Where it stood at the end of what it looked at last. */
  readonly carry: () => Carry;
};

const unknownRun = 2 ** 30;

/**
 * Makes a glancer. `hints` are the kinds of the index's hints, `engine` the number that its carries are known by. With a
 * carry the text is read as what goes on behind it: the automata have forgotten nothing, so that whatever begins there
 * is seen to end. It may say that there is something where nothing is; never the other way round.
 */
export function createGlancer(index: TermIndex, hints: Uint8Array, engine: number): Glancer {
  const { skeleton, squeezed } = index;
  const ofSkeleton = tableOf(skeleton, asciiUnits.skeleton);
  const ofSqueezed = tableOf(squeezed, asciiUnits.squeezed);
  const ofSecond = tableOf(squeezed, asciiUnits.second);
  const firstHint = index.entries.length;
  const seen = {
    inSkeleton: false,
    inSqueezed: false,
    crossing: false,
    hints: 0,
    digits: 0,
    escaped: false,
    run: false,
    longestRun: 0,
  };
  const end = { skeleton: 0, squeezed: 0, last: '', wasSpace: true, sinceHint: 0 };
  let hintEnd = -1;

  // Of the strings that end at a state. `read`: units of this text; `more`: those that its beginning shares with what was
  // said before, where the two are joined.
  function note(
    { ends, alike, shorter, depth }: Automaton,
    from: number,
    read: number,
    more: number,
    at: number,
  ): void {
    for (let state = from; state !== 0; state = shorter[state] ?? 0) {
      for (let string = ends[state] ?? -1; string >= 0; string = alike[string] ?? -1) {
        if (string >= firstHint && ends === skeleton.ends) {
          const kinds = hints[string - firstHint] ?? 0;
          seen.hints |= kinds;
          if ((kinds & hintKinds.overLines) !== 0) hintEnd = at;
          continue;
        }
        const units = depth[state] ?? 0;
        if (units > read) seen.crossing = true;
        if (units > read + more) continue;
        if (ends === skeleton.ends) seen.inSkeleton = true;
        else seen.inSqueezed = true;
      }
    }
  }

  // A letter that goes on over the join belongs to what was said before too, which may end a term with it.
  function isShared(endsTerm: boolean): void {
    if (endsTerm) seen.crossing = true;
  }

  function begin(): void {
    seen.inSkeleton = false;
    seen.inSqueezed = false;
    seen.crossing = false;
    seen.hints = 0;
    hintEnd = -1;
  }

  function atAscii(text: string, carry?: Carry): Glance | undefined {
    begin();
    const { edges, fail, speaks } = skeleton;
    const { edges: edgesToo, fail: failToo, speaks: speaksToo } = squeezed;
    const { length } = text;
    let state = carry?.skeleton ?? 0;
    let stateToo = carry?.squeezed ?? 0;
    const before = carry?.last ?? '';
    let last = packed(before);
    let lastUnit = before === '' ? 0 : before.charCodeAt(before.length - 1);
    let lastVisual = -1;
    let wasSpace = true;
    let read = 0;
    let readToo = 0;
    let digits = 0;
    let escaped = false;
    let run = 0;
    let longest = 0;
    let isCode = false;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return undefined;
      const trait = asciiTraits[code] ?? 0;
      if ((trait & codeLetter) === 0) {
        if (run >= codedRun) {
          if (run > longest) longest = run;
          isCode ||= mayDecode(text, i - run, i);
        }
        run = 0;
        if ((trait & escapeSign) !== 0) escaped = true;
        if ((trait & space) !== 0) {
          if (wasSpace) continue;
          wasSpace = true;
        } else {
          if ((trait & shows) === 0) {
            // What shows nothing divides a run, and does not divide what expressions see.
            longest = unknownRun;
            continue;
          }
          wasSpace = false;
        }
      } else {
        run++;
        digits += trait & digit;
        wasSpace = false;
      }
      read++;
      const kind = ofSkeleton[code] ?? 0;
      if (kind === 0) state = 0;
      else {
        for (;;) {
          const next = (edges[state << 1] ?? 0) + kind;
          if (edges[(next << 1) | 1] === state) {
            state = next;
            break;
          }
          if (state === 0) break;
          state = fail[state] ?? 0;
        }
        if (speaks[state] !== 0) note(skeleton, state, read, 1, i + 1);
      }
      const visual = asciiUnits.squeezed[code] ?? 0;
      if (visual === 0) continue;
      const second = asciiUnits.second[code] ?? 0;
      const piece = (second << 8) | visual;
      // A letter again adds nothing, also one that is written as two; nor does a unit that is there already.
      if (piece === last) {
        if (lastVisual < 0) isShared(second !== 0 || speaksToo[stateToo] !== 0);
        continue;
      }
      last = piece;
      lastVisual = code;
      if (visual !== lastUnit) {
        readToo++;
        stateToo = further(edgesToo, failToo, stateToo, ofSqueezed[code] ?? 0);
        if (speaksToo[stateToo] !== 0) note(squeezed, stateToo, readToo, 2, i + 1);
        lastUnit = visual;
      } else if (readToo === 0) isShared(speaksToo[stateToo] !== 0);
      if (second !== 0) {
        readToo++;
        stateToo = further(edgesToo, failToo, stateToo, ofSecond[code] ?? 0);
        if (speaksToo[stateToo] !== 0) note(squeezed, stateToo, readToo, 2, i + 1);
        lastUnit = second;
      }
    }
    seen.digits = digits;
    seen.escaped = escaped;
    seen.run = isCode || (run >= codedRun && mayDecode(text, length - run, length));
    seen.longestRun = Math.max(run, longest);
    end.skeleton = state;
    end.squeezed = stateToo;
    end.wasSpace = wasSpace;
    end.last = lastVisual < 0 ? before : characterAt(lastVisual).squeezed;
    end.sinceHint = hintEnd < 0 ? (carry?.sinceHint ?? Number.POSITIVE_INFINITY) + length : length - hintEnd;
    return seen;
  }

  function atFolded(folded: Folded, carry?: Carry): Glance {
    begin();
    const { text, digits, escaped, run } = folded;
    const before = carry?.last ?? '';
    const { units, length } = folded.skeleton;
    // The space at its beginning is the one that it is joined by.
    const first = length > 0 && units[0] === 32 ? 1 : 0;
    end.skeleton = walk(skeleton, folded.skeleton, first, carry?.skeleton ?? 0);
    end.wasSpace = length === first || units[length - 1] === 32;
    const shared = sharedUnits(folded, before);
    if (shared > 0) isShared(shared > 1 || squeezed.speaks[carry?.squeezed ?? 0] !== 0);
    end.squeezed = walk(squeezed, folded.squeezed, shared, carry?.squeezed ?? 0);
    end.last = lastPiece(folded) ?? before;
    // Where in the text it stood is not worth asking for.
    const isHinted = (seen.hints & hintKinds.overLines) !== 0;
    end.sinceHint = isHinted ? 0 : (carry?.sinceHint ?? Number.POSITIVE_INFINITY) + text.length;
    seen.digits = digits;
    seen.escaped = escaped;
    seen.run = run;
    seen.longestRun = unknownRun;
    return seen;
  }

  function walk(automaton: Automaton, { units, length }: Units, first: number, from: number): number {
    const { classes, edges, fail, speaks } = automaton;
    let state = from;
    for (let i = first; i < length; i++) {
      state = further(edges, fail, state, classes[units[i] ?? 0] ?? 0);
      if (speaks[state] !== 0) note(automaton, state, i + 1 - first, first, i + 1);
    }
    return state;
  }

  function carry(): Carry {
    const { squeezed: state, last, wasSpace, sinceHint } = end;
    return {
      engine,
      skeleton: wasSpace ? end.skeleton : step(skeleton, end.skeleton, 32),
      squeezed: state,
      last,
      sinceHint,
    };
  }

  return { atAscii, atFolded, carry };
}

function further(edges: Int32Array, fail: Int32Array, from: number, kind: number): number {
  if (kind === 0) return 0;
  for (let state = from; ; state = fail[state] ?? 0) {
    const next = (edges[state << 1] ?? 0) + kind;
    if (edges[(next << 1) | 1] === state) return next;
    if (state === 0) return 0;
  }
}

// The class of each ASCII character's unit.
function tableOf({ classes }: Automaton, units: Uint8Array): Uint16Array {
  return Uint16Array.from(units, (unit) => (unit === 0 ? 0 : (classes[unit] ?? 0)));
}

// A piece of one or two units of ASCII as a number; of any other it is enough that it is none of these.
function packed(piece: string): number {
  if (piece.length > 2) return -1;
  const [first, second] = [piece.length < 1 ? 0 : piece.charCodeAt(0), piece.length < 2 ? 0 : piece.charCodeAt(1)];
  return first > 127 || second > 127 ? -1 : (second << 8) | first;
}

/** How many units the text's squeezed form begins with that are there already, at the end of what was said before. */
function sharedUnits({ text, squeezed: { units, from, length } }: Folded, before: string): number {
  if (before === '' || length === 0) return 0;
  const [first = 0] = from;
  if (characterAt(text.codePointAt(first) ?? 0).squeezed !== before)
    return units[0] === before.charCodeAt(before.length - 1) ? 1 : 0;
  let shared = 1;
  while (shared < length && from[shared] === first) shared++;
  return shared;
}

// The last character that has a squeezed form ends the last unit.
function lastPiece({ text, squeezed: { to, length } }: Folded): string | undefined {
  if (length === 0) return undefined;
  const end = to[length - 1] ?? 0;
  const isPair =
    end > 1 && (text.charCodeAt(end - 1) & 0xfc00) === 0xdc00 && (text.charCodeAt(end - 2) & 0xfc00) === 0xd800;
  return characterAt(text.codePointAt(isPair ? end - 2 : end - 1) ?? 0).squeezed;
}
