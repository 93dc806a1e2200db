// Lists of terms, compiled to two automata: one of skeletons, which finds what is written plainly too, one of squeezed forms.
import { type Automaton, buildAutomaton, statesAtMost } from './automaton.ts';
import { isWordCharacter, isWrittenWithoutSpaces } from './characters.ts';
import { canonicalOf, skeletonOf, squeezedOf } from './fold.ts';

/** Where a text is looked at: as it is meant, as it looks, with all but letters and digits left out, out of its code. */
export type Channel = 'canonical' | 'skeleton' | 'squeezed' | 'decoded';

/** Ways to write a term backwards, in ROT13, or upside down; each makes the automaton larger by the list once more. */
export type View = 'plain' | 'reversed' | 'rot13' | 'turned';

export type Term = {
  readonly text: string;
  /**
   * Where the term must end at the edge of a word: on both sides (`word`, the default), at its beginning (`prefix`), at
   * its end (`suffix`), nowhere (`anywhere`). An end that is no letter or digit, or of a script that is written without
   * spaces, needs no edge.
   */
  readonly boundary?: 'word' | 'prefix' | 'suffix' | 'anywhere';
};

export type TermList = {
  readonly terms: readonly Term[];
  /** All four unless told. The canonical channel alone finds no disguise at all. */
  readonly channels?: readonly Channel[];
  /** Besides `plain`, which is always there. Terms of fewer than 6 letters have no other view. */
  readonly views?: readonly Exclude<View, 'plain'>[];
};

/** A term in one of its views. */
export type Entry = {
  /** Index of the list, and of the term in it. */
  readonly list: number;
  readonly term: number;
  readonly view: View;
  readonly channels: ReadonlySet<Channel>;
  /** Whether a letter or digit may not stand right before it, or right behind it. */
  readonly aloneBefore: boolean;
  readonly aloneAfter: boolean;
  readonly canonical: string;
  readonly skeleton: string;
  readonly squeezed: string;
  /** Between its words. */
  readonly spaces: number;
};

export type TermIndex = {
  readonly lists: number;
  readonly entries: readonly Entry[];
  /** Strings of both automata are entries by their index; behind the last entry the first one has its hints. */
  readonly skeleton: Automaton;
  readonly squeezed: Automaton;
  /** The entries of the squeezed automaton's strings. */
  readonly squeezedEntries: readonly Entry[];
  /** Units of the longest skeleton. */
  readonly longest: number;
};

export type TermsCompiled =
  | { readonly ok: true; readonly index: TermIndex }
  | { readonly ok: false; readonly problem: string };

/** What a compile takes at most; more is refused. Together: about 3 s and 300 MB while it compiles, and 60 MB after it. */
export const termLimits = { terms: 200_000, units: 3_000_000, termLength: 200 };

/** Squeezed forms shorter than this would be found in too much that is harmless. */
export const squeezedAtLeast = 6;
const viewsAtLeast = 6;

/**
 * Compiles all lists of a policy at once, and with them hints: strings in skeleton letters without spaces, of which a
 * text is only asked whether they are in it. Refuses, with what is wrong and what to do, a term without letter and digit or
 * of more than 200 characters, and more than 200,000 terms or 3,000,000 characters; a problem never quotes a term.
 */
export function compileTerms(lists: readonly TermList[], hints: readonly string[] = []): TermsCompiled {
  const count = lists.reduce((sum, { terms }) => sum + terms.length, 0);
  if (count > termLimits.terms) {
    return refused(`${count} terms; write at most ${termLimits.terms} in all lists together, or use a list of hashes`);
  }
  const entries: Entry[] = [];
  for (const [list, { terms, channels, views = [] }] of lists.entries()) {
    const looked: ReadonlySet<Channel> = new Set(channels ?? ['canonical', 'skeleton', 'squeezed', 'decoded']);
    for (const [term, written] of terms.entries()) {
      const place = `term ${term + 1} of list ${list + 1}`;
      if (written.text.length > termLimits.termLength) {
        return refused(`${place} is too long; write at most ${termLimits.termLength} characters`);
      }
      const plain = entryOf(written, list, term, looked);
      if (plain === undefined) return refused(`${place} has no letter and no digit; write a word`);
      entries.push(plain);
      for (const view of views) {
        const other = viewed(plain, view);
        if (other !== undefined) entries.push(other);
      }
    }
  }
  const skeletons = entries.map(({ skeleton }) => skeleton);
  const squeezedEntries = entries.filter(({ squeezed }) => squeezed !== '');
  if (statesAtMost(skeletons) > termLimits.units) {
    return refused(`the terms have more than ${termLimits.units} characters; write fewer, or use a list of hashes`);
  }
  return {
    ok: true,
    index: {
      lists: lists.length,
      entries,
      skeleton: buildAutomaton([...skeletons, ...hints], skeletons.length),
      squeezed: buildAutomaton(squeezedEntries.map(({ squeezed }) => squeezed)),
      squeezedEntries,
      longest: skeletons.reduce((most, { length }) => Math.max(most, length), 0),
    },
  };
}

function refused(problem: string): TermsCompiled {
  return { ok: false, problem };
}

function entryOf(term: Term, list: number, at: number, channels: ReadonlySet<Channel>): Entry | undefined {
  const canonical = canonicalOf(term.text).trim();
  const skeleton = skeletonOf(term.text).trim();
  if (!hasWord(skeleton)) return undefined;
  const squeezed = channels.has('squeezed') ? squeezedOf(term.text) : '';
  const { boundary = 'word' } = term;
  return {
    list,
    term: at,
    view: 'plain',
    channels,
    aloneBefore: (boundary === 'word' || boundary === 'prefix') && standsAlone([...skeleton][0]),
    aloneAfter: (boundary === 'word' || boundary === 'suffix') && standsAlone([...skeleton].at(-1)),
    canonical,
    skeleton,
    spaces: skeleton.split(' ').length - 1,
    // A number squeezed is a word of letters, and would find words.
    squeezed: lettersIn(skeleton) >= 4 && squeezed.length >= squeezedAtLeast ? squeezed : '',
  };
}

function hasWord(text: string): boolean {
  return [...text].some((letter) => isWordCharacter(letter.codePointAt(0) ?? 0));
}

function standsAlone(letter: string | undefined): boolean {
  const codePoint = letter?.codePointAt(0) ?? 0;
  return isWordCharacter(codePoint) && !isWrittenWithoutSpaces(codePoint);
}

function lettersIn(text: string): number {
  return text.match(/\p{L}/gu)?.length ?? 0;
}

function viewed(plain: Entry, view: Exclude<View, 'plain'>): Entry | undefined {
  if (lettersIn(plain.skeleton) < viewsAtLeast || !plain.channels.has('skeleton')) return undefined;
  const skeleton = written(plain.skeleton, view);
  if (skeleton === plain.skeleton) return undefined;
  const turnsRound = view !== 'rot13';
  return {
    ...plain,
    view,
    aloneBefore: turnsRound ? plain.aloneAfter : plain.aloneBefore,
    aloneAfter: turnsRound ? plain.aloneBefore : plain.aloneAfter,
    canonical: '',
    skeleton,
    squeezed: '',
  };
}

function written(skeleton: string, view: Exclude<View, 'plain'>): string {
  switch (view) {
    case 'reversed':
      return [...skeleton].reverse().join('');
    case 'rot13':
      return skeleton.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97));
    case 'turned':
      return skeletonOf(
        [...skeleton]
          .reverse()
          .map((letter) => upsideDown[letter] ?? letter)
          .join(''),
      );
    default:
      return view satisfies never;
  }
}

// As generators of upside-down text write them.
const upsideDown: Readonly<Record<string, string>> = {
  a: 'ɐ',
  b: 'q',
  c: 'ɔ',
  d: 'p',
  e: 'ǝ',
  f: 'ɟ',
  g: 'ƃ',
  h: 'ɥ',
  i: 'ᴉ',
  j: 'ɾ',
  k: 'ʞ',
  m: 'ɯ',
  n: 'u',
  p: 'd',
  q: 'b',
  r: 'ɹ',
  t: 'ʇ',
  u: 'n',
  v: 'ʌ',
  w: 'ʍ',
  y: 'ʎ',
};
