// Finds many strings in one pass: Aho and Corasick's automaton (CACM 18:6, 1975) as a double array (Aoe, IEEE TSE 15:9, 1989).

export type Automaton = {
  /** Unit of text → its class; 0: it is in no string. */
  readonly classes: Uint16Array;
  /** Of state s at 2s: where its edges begin; at 2s + 1: the state that the edge to s begins at. */
  readonly edges: Int32Array;
  readonly fail: Int32Array;
  /** The first string that ends here, or -1; the others follow by `alike`. */
  readonly ends: Int32Array;
  /** String → the next one that is spelt alike, or -1. */
  readonly alike: Int32Array;
  /** The nearest state with an end that is a proper suffix of this one; 0: none. */
  readonly shorter: Int32Array;
  /** What ends at a state, itself or by a shorter one: `speaksOfTerm`, `speaksOfHint`, both or nothing. */
  readonly speaks: Uint8Array;
  /** Units from the root: how much of the text a state says, so that a state carried over from an earlier text is known. */
  readonly depth: Uint16Array;
};

/** The bits of `speaks`: a string before `hintsFrom`, and one from there on. */
export const speaksOfTerm = 1;
export const speaksOfHint = 2;

/** How many states the automaton of these strings has at most: one, and one for each unit of each string. */
export function statesAtMost(strings: readonly string[]): number {
  return strings.reduce((sum, text) => sum + text.length, 1);
}

/**
 * Compiles the strings; empty ones are never found. Takes about 25 bytes and a microsecond for each unit of theirs; the
 * caller bounds how many there are, and how long (65,535 units). Those from the index `hintsFrom` on are told apart in
 * `speaks`.
 */
export function buildAutomaton(strings: readonly string[], hintsFrom = strings.length): Automaton {
  return placed(trieOf(strings), strings.length, hintsFrom);
}

type Found = (string: number, end: number) => void;

/**
 * Tells of every string that ends somewhere in `text`, in the order of the ends: which, and the place behind its last
 * unit. At most two steps a unit, whatever the text says; overlapping strings are all told.
 */
export function scan(automaton: Automaton, text: Uint16Array, length: number, found: Found): void {
  const { classes, edges, fail, speaks } = automaton;
  let state = 0;
  for (let i = 0; i < length; i++) {
    const kind = classes[text[i] ?? 0] ?? 0;
    if (kind === 0) {
      state = 0;
      continue;
    }
    for (;;) {
      const next = (edges[state << 1] ?? 0) + kind;
      if (edges[(next << 1) | 1] === state) {
        state = next;
        break;
      }
      if (state === 0) break;
      state = fail[state] ?? 0;
    }
    if (speaks[state] !== 0) tell(automaton, state, i + 1, found);
  }
}

/** One unit further, from any state. */
export function step({ classes, edges, fail }: Automaton, from: number, unit: number): number {
  const kind = classes[unit] ?? 0;
  return kind === 0 ? 0 : target({ edges, fail }, from, kind);
}

function tell({ ends, alike, shorter }: Automaton, from: number, end: number, found: Found): void {
  for (let state = from; state !== 0; state = shorter[state] ?? 0) {
    for (let string = ends[state] ?? -1; string >= 0; string = alike[string] ?? -1) found(string, end);
  }
}

// The trie by first child and next sibling, children in the order of their classes.
type Trie = {
  readonly classes: Uint16Array;
  readonly classCount: number;
  readonly states: number;
  readonly child: Int32Array;
  readonly sibling: Int32Array;
  readonly kind: Uint16Array;
  readonly ends: Int32Array;
  readonly alike: Int32Array;
};

function trieOf(strings: readonly string[]): Trie {
  const { classes, classCount } = classesOf(strings);
  const most = statesAtMost(strings);
  const trie = {
    child: new Int32Array(most),
    sibling: new Int32Array(most),
    kind: new Uint16Array(most),
    ends: new Int32Array(most).fill(-1),
    alike: new Int32Array(strings.length).fill(-1),
  };
  let states = 1;
  // In the order of their spelling a new child is always the last one, so that no list of children is searched.
  const spelling = (i: number) => strings[i] ?? '';
  const order = Array.from(strings, (_, i) => i).sort((a, b) =>
    spelling(a) < spelling(b) ? -1 : spelling(a) > spelling(b) ? 1 : b - a,
  );
  const last = new Int32Array(most);
  for (const i of order) {
    const text = spelling(i);
    if (text === '') continue;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const kind = classes[text.charCodeAt(at)] ?? 0;
      let next = last[state] ?? 0;
      if (next === 0 || trie.kind[next] !== kind) {
        const made = states++;
        trie.kind[made] = kind;
        if (next === 0) trie.child[state] = made;
        else trie.sibling[next] = made;
        last[state] = made;
        next = made;
      }
      state = next;
    }
    trie.alike[i] = trie.ends[state] ?? -1;
    trie.ends[state] = i;
  }
  return { classes, classCount, states, ...trie };
}

// The more frequent a unit is, the smaller its class: the rows of the double array then overlap well.
function classesOf(strings: readonly string[]): { readonly classes: Uint16Array; readonly classCount: number } {
  const counts = new Uint32Array(65_536);
  const used: number[] = [];
  for (const text of strings) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (counts[unit] === 0) used.push(unit);
      counts[unit] = (counts[unit] ?? 0) + 1;
    }
  }
  used.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const classes = new Uint16Array(65_536);
  for (const [i, unit] of used.entries()) classes[unit] = i + 1;
  return { classes, classCount: used.length + 1 };
}

// So many places are tried for a row before it goes to the end of the array: this bounds the time for hostile lists.
const triesAtMost = 40;

function placed(trie: Trie, strings: number, hintsFrom: number): Automaton {
  const { states, classCount } = trie;
  let size = Math.max(1_024, states * 2) + classCount + 1;
  let edges = emptyEdges(size);
  let firstFree = 1;
  let top = 1;
  const place = new Int32Array(states);
  const order = new Int32Array(states);
  let tail = 1;
  const kinds = new Uint16Array(classCount);
  for (let head = 0; head < tail; head++) {
    const state = order[head] ?? 0;
    let count = 0;
    for (let next = trie.child[state] ?? 0; next !== 0; next = trie.sibling[next] ?? 0) {
      kinds[count++] = trie.kind[next] ?? 0;
      order[tail++] = next;
    }
    if (count === 0) continue;
    let lowest = kinds[0] ?? 0;
    let highest = lowest;
    for (let i = 1; i < count; i++) {
      lowest = Math.min(lowest, kinds[i] ?? 0);
      highest = Math.max(highest, kinds[i] ?? 0);
    }
    while (edges[(firstFree << 1) | 1] !== free) firstFree++;
    let at = Math.max(firstFree, lowest);
    let tries = 0;
    for (; tries < triesAtMost; at++) {
      if (edges[(at << 1) | 1] !== free) continue;
      tries++;
      if (fits(edges, at - lowest, kinds, count)) break;
    }
    const base = tries < triesAtMost ? at - lowest : top;
    if (base + highest + classCount + 1 >= size) {
      size = Math.max(size * 2, base + 2 * classCount + 2);
      edges = grown(edges, size);
    }
    const here = place[state] ?? 0;
    edges[here << 1] = base;
    for (let next = trie.child[state] ?? 0; next !== 0; next = trie.sibling[next] ?? 0) {
      const where = base + (trie.kind[next] ?? 0);
      edges[(where << 1) | 1] = here;
      place[next] = where;
      if (where >= top) top = where + 1;
    }
  }
  return linked(trie, order, place, edges.slice(0, (top + classCount + 1) * 2), strings, hintsFrom);
}

const free = -1;

function emptyEdges(size: number): Int32Array {
  const edges = new Int32Array(size * 2).fill(free);
  // A state without children looks for them where its class leads; nobody's parent is -1, and the root is nobody's child.
  for (let at = 0; at < size; at++) edges[at << 1] = 0;
  edges[1] = -2;
  return edges;
}

function grown(edges: Int32Array, size: number): Int32Array {
  const larger = emptyEdges(size);
  larger.set(edges);
  return larger;
}

function fits(edges: Int32Array, base: number, kinds: Uint16Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const where = ((base + (kinds[i] ?? 0)) << 1) | 1;
    // Beyond the array all is free.
    if (where < edges.length && edges[where] !== free) return false;
  }
  return true;
}

// Breadth first, so that what a link leads to is complete when it is needed.
function linked(
  trie: Trie,
  order: Int32Array,
  place: Int32Array,
  edges: Int32Array,
  strings: number,
  hintsFrom: number,
): Automaton {
  const size = edges.length / 2;
  const automaton = {
    classes: trie.classes,
    edges,
    fail: new Int32Array(size),
    ends: new Int32Array(size).fill(-1),
    alike: strings === 0 ? new Int32Array(0) : trie.alike,
    shorter: new Int32Array(size),
    speaks: new Uint8Array(size),
    depth: new Uint16Array(size),
  };
  const { fail, ends, alike, shorter, speaks, depth } = automaton;
  for (let head = 0; head < trie.states; head++) {
    const state = order[head] ?? 0;
    const here = place[state] ?? 0;
    if (here !== 0) {
      const suffix = fail[here] ?? 0;
      ends[here] = trie.ends[state] ?? -1;
      shorter[here] = ends[suffix] === -1 ? (shorter[suffix] ?? 0) : suffix;
      speaks[here] = speaks[shorter[here] ?? 0] ?? 0;
      for (let string = ends[here] ?? -1; string >= 0; string = alike[string] ?? -1)
        speaks[here] = (speaks[here] ?? 0) | (string < hintsFrom ? speaksOfTerm : speaksOfHint);
    }
    for (let next = trie.child[state] ?? 0; next !== 0; next = trie.sibling[next] ?? 0) {
      depth[place[next] ?? 0] = (depth[here] ?? 0) + 1;
      if (here !== 0) fail[place[next] ?? 0] = target(automaton, fail[here] ?? 0, trie.kind[next] ?? 0);
    }
  }
  return automaton;
}

function target({ edges, fail }: Pick<Automaton, 'edges' | 'fail'>, from: number, kind: number): number {
  for (let state = from; ; state = fail[state] ?? 0) {
    const next = (edges[state << 1] ?? 0) + kind;
    if (edges[(next << 1) | 1] === state) return next;
    if (state === 0) return 0;
  }
}
