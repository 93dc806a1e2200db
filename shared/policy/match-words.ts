// Finds many words in a text in one pass: Aho and Corasick's automaton (CACM 18:6, 1975) in typed arrays.
import { isWordCharacter, isWrittenWithoutSpaces, normalise } from './normalise.ts';

export type Word = {
  /** Normalised. */
  readonly word: string;
  /** What is told of a match; the smallest one wins. */
  readonly rank: number;
};

export type Matcher = (text: string) => number | undefined;

/**
 * Compiles the words. The matcher returns the smallest rank among the words that stand in a text, or undefined. A word
 * must stand alone: no letter or digit right before or after it, except at an end that is not a letter or digit itself
 * or is of a script that is written without spaces. Text that is ASCII is matched without making a string of it.
 */
export function compileWords(words: readonly Word[]): Matcher {
  if (words.length === 0) return () => undefined;
  const automaton = build(words);
  let buffer = new Uint16Array(4_096);
  return (text) => {
    // One slot more than the text, so that there is always something to look at behind its end.
    if (buffer.length < text.length + 1) buffer = new Uint16Array(text.length * 2);
    let length = foldAscii(text, buffer);
    if (length < 0) {
      const normal = normalise(text);
      if (buffer.length < normal.length + 1) buffer = new Uint16Array(normal.length * 2);
      for (let i = 0; i < normal.length; i++) buffer[i] = normal.charCodeAt(i);
      length = normal.length;
    }
    return scan(automaton, buffer, length);
  };
}

type Automaton = {
  /** Unit of text → its class; 0: it is in no word. */
  readonly classes: Uint16Array;
  readonly classCount: number;
  /** The rows of the first states in full: where a text mostly is. */
  readonly denseStates: number;
  readonly dense: Int32Array;
  /** All other edges: open addressing, key = state * classCount + class, -1 is free. */
  readonly keys: Float64Array;
  readonly targets: Int32Array;
  readonly mask: number;
  readonly fail: Int32Array;
  /** The next shorter word that ends here, as a state; 0: none. */
  readonly shorter: Int32Array;
  /** Of states that end a word: its length in units, its rank, and which of its ends must stand alone. */
  readonly lengths: Uint16Array;
  readonly ranks: Int32Array;
  readonly edges: Uint8Array;
};

const aloneBefore = 1;
const aloneAfter = 2;
const denseCells = 4_000_000;

function build(words: readonly Word[]): Automaton {
  const classes = new Uint16Array(65_536);
  let classCount = 1;
  let most = 1;
  for (const { word } of words) {
    most += word.length;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      if (classes[unit] === 0) classes[unit] = classCount++;
    }
  }
  const children: Map<number, number>[] = [new Map()];
  const lengths = new Uint16Array(most);
  const ranks = new Int32Array(most);
  const edges = new Uint8Array(most);
  for (const { word, rank } of words) {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      const kind = classes[word.charCodeAt(i)] ?? 0;
      const row = children[state];
      let next = row?.get(kind);
      if (next === undefined) {
        next = children.length;
        children.push(new Map());
        row?.set(kind, next);
      }
      state = next;
    }
    if (lengths[state] !== 0) ranks[state] = Math.min(ranks[state] ?? rank, rank);
    else {
      lengths[state] = word.length;
      ranks[state] = rank;
      edges[state] = edgesOf(word);
    }
  }
  return link(children, { classes, classCount, lengths, ranks, edges });
}

// Breadth first: failure links, links to the next shorter word, full rows for the states nearest to the root.
function link(
  trie: readonly ReadonlyMap<number, number>[],
  known: Pick<Automaton, 'classes' | 'classCount' | 'lengths' | 'ranks' | 'edges'>,
): Automaton {
  const states = trie.length;
  const order = new Int32Array(states);
  const renamed = new Int32Array(states);
  for (let head = 0, tail = 1; head < tail; head++) {
    renamed[order[head] ?? 0] = head;
    for (const child of trie[order[head] ?? 0]?.values() ?? []) order[tail++] = child;
  }
  const { classCount } = known;
  const capacity = 2 ** Math.ceil(Math.log2(states * 2 + 2));
  const pick = <A extends Uint16Array | Int32Array | Uint8Array>(from: A, to: A): A => {
    for (let i = 0; i < states; i++) to[i] = from[order[i] ?? 0] ?? 0;
    return to;
  };
  const automaton: Automaton = {
    classes: known.classes,
    classCount,
    denseStates: Math.max(1, Math.min(states, Math.floor(denseCells / classCount))),
    dense: new Int32Array(Math.max(1, Math.min(states, Math.floor(denseCells / classCount))) * classCount),
    keys: new Float64Array(capacity).fill(-1),
    targets: new Int32Array(capacity),
    mask: capacity - 1,
    fail: new Int32Array(states),
    shorter: new Int32Array(states),
    lengths: pick(known.lengths, new Uint16Array(states)),
    ranks: pick(known.ranks, new Int32Array(states)),
    edges: pick(known.edges, new Uint8Array(states)),
  };
  for (let state = 0; state < states; state++) {
    const fail = automaton.fail[state] ?? 0;
    const dense = state < automaton.denseStates;
    // A full row begins as that of the state's failure link, which is nearer to the root and so complete already.
    if (dense && state > 0) {
      automaton.dense.copyWithin(state * classCount, fail * classCount, (fail + 1) * classCount);
    }
    automaton.shorter[state] = automaton.lengths[fail] === 0 ? (automaton.shorter[fail] ?? 0) : fail;
    for (const [kind, oldName] of trie[order[state] ?? 0] ?? []) {
      const child = renamed[oldName] ?? 0;
      automaton.fail[child] = state === 0 ? 0 : step(automaton, fail, kind);
      if (dense) automaton.dense[state * classCount + kind] = child;
      else insert(automaton, state * classCount + kind, child);
    }
  }
  return automaton;
}

function insert(automaton: Automaton, key: number, target: number): void {
  let slot = slotOf(key, automaton.mask);
  while (automaton.keys[slot] !== -1) slot = (slot + 1) & automaton.mask;
  automaton.keys[slot] = key;
  automaton.targets[slot] = target;
}

function slotOf(key: number, mask: number): number {
  return (Math.imul(key | 0, 0x9e3779b1) >>> 7) & mask;
}

function step(automaton: Automaton, from: number, kind: number): number {
  const { classCount, denseStates, dense, keys, targets, mask, fail } = automaton;
  for (let state = from; ; state = fail[state] ?? 0) {
    if (state < denseStates) return dense[state * classCount + kind] ?? 0;
    const key = state * classCount + kind;
    for (let slot = slotOf(key, mask); keys[slot] !== -1; slot = (slot + 1) & mask) {
      if (keys[slot] === key) return targets[slot] ?? 0;
    }
  }
}

function scan(automaton: Automaton, text: Uint16Array, length: number): number | undefined {
  const { classes, lengths, ranks, edges, shorter } = automaton;
  let best = Number.POSITIVE_INFINITY;
  let state = 0;
  for (let i = 0; i < length; i++) {
    const kind = classes[text[i] ?? 0] ?? 0;
    state = kind === 0 ? 0 : step(automaton, state, kind);
    for (let found = lengths[state] === 0 ? (shorter[state] ?? 0) : state; found !== 0; found = shorter[found] ?? 0) {
      const rank = ranks[found] ?? 0;
      if (rank >= best) continue;
      const edge = edges[found] ?? 0;
      if ((edge & aloneBefore) !== 0 && isWordBefore(text, i - (lengths[found] ?? 0))) continue;
      if ((edge & aloneAfter) !== 0 && isWordAt(text, i + 1, length)) continue;
      if (rank === 0) return 0;
      best = rank;
    }
  }
  return best === Number.POSITIVE_INFINITY ? undefined : best;
}

function edgesOf(word: string): number {
  const first = word.codePointAt(0) ?? 0;
  const last = [...word].at(-1)?.codePointAt(0) ?? 0;
  return (mustStandAlone(first) ? aloneBefore : 0) | (mustStandAlone(last) ? aloneAfter : 0);
}

function mustStandAlone(codePoint: number): boolean {
  return isWordCharacter(codePoint) && !isWrittenWithoutSpaces(codePoint);
}

function isWordBefore(text: Uint16Array, at: number): boolean {
  if (at < 0) return false;
  const unit = text[at] ?? 0;
  const isLow = unit >= 0xdc00 && unit <= 0xdfff;
  return isLow && at > 0 ? isWordPair(text[at - 1] ?? 0, unit) : isWordUnit(unit);
}

function isWordAt(text: Uint16Array, at: number, length: number): boolean {
  if (at >= length) return false;
  const unit = text[at] ?? 0;
  const isHigh = unit >= 0xd800 && unit <= 0xdbff;
  return isHigh && at + 1 < length ? isWordPair(unit, text[at + 1] ?? 0) : isWordUnit(unit);
}

function isWordUnit(unit: number): boolean {
  return unit < 128 ? (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) : isWordCharacter(unit);
}

function isWordPair(high: number, low: number): boolean {
  return isWordCharacter(((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000);
}

// What normalise() makes of ASCII, in one pass: each code → what is written for it, 0 for nothing, 32 for white space.
const folded = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 32 || (code >= 9 && code <= 13)) return 32;
  if (code < 32 || code === 127) return 0;
  return code >= 65 && code <= 90 ? code + 32 : code;
});

/** Returns the number of units written, or -1 where the text is not ASCII. */
function foldAscii(text: string, into: Uint16Array): number {
  let length = 0;
  let afterSpace = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return -1;
    const unit = folded[code] ?? 0;
    if (unit === 0 || (unit === 32 && afterSpace)) continue;
    afterSpace = unit === 32;
    into[length++] = unit;
  }
  return length;
}
