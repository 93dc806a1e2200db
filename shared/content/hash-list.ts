// Lists whose file holds no plain word: HMAC-SHA-256 (RFC 2104) of each entry under a key that is kept elsewhere.
import { hash } from 'node:crypto';
import { isWordCharacter } from './characters.ts';
import { type Folded, skeletonOf } from './fold.ts';

export type HashList = {
  /** At least 32 bytes; whoever has the key and the list can try words. */
  readonly key: Uint8Array;
  /** In hex, as `keyedHash` makes them. */
  readonly digests: readonly string[];
  /** The entries are of 1 to so many words; each number of words is tried at each word of a text. At most 4. */
  readonly words: number;
  /** Lengths of the entries' prepared forms, where the author may tell them: all others are not even hashed. */
  readonly lengths?: readonly number[];
};

/** So many candidates of one text are hashed, about 3 µs each; beyond that the text is refused as too large to judge. */
export const hashesAtMost = 8_192;

export type FoundHash = { readonly start: number; readonly end: number };

/** Tells of every place; returns false where the text had more candidates than the bound, and was not seen to its end. */
export type HashFinder = (folded: Folded, found: (place: FoundHash) => void) => boolean;

/** The hash of an entry or of a text's words, in hex: of the words of its skeleton with one space between each two. */
export function keyedHash(key: Uint8Array, entry: string): string {
  return hasher(key)(wordsOf(skeletonOf(entry)).join(' '));
}

/** The length that `lengths` means. */
export function preparedLength(entry: string): number {
  return wordsOf(skeletonOf(entry)).join(' ').length;
}

/** Compiles a list; undefined where the key is shorter than 32 bytes or a digest is no SHA-256 in hex. */
export function compileHashes({ key, digests, words, lengths }: HashList): HashFinder | undefined {
  if (key.length < 32 || !digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))) return undefined;
  const known = new Set(digests);
  const sizes = lengths === undefined ? undefined : new Set(lengths);
  const hashed = hasher(key);
  const most = Math.min(4, Math.max(1, words));
  return (folded, found) => {
    let left = hashesAtMost;
    const tokens = tokensOf(folded);
    const { from, to } = folded.skeleton;
    for (let first = 0; first < tokens.length; first++) {
      let candidate = '';
      for (let count = 0; count < most && first + count < tokens.length; count++) {
        const token = tokens[first + count];
        if (token === undefined) break;
        candidate += count === 0 ? token.text : ` ${token.text}`;
        if (sizes !== undefined && !sizes.has(candidate.length)) continue;
        if (--left < 0) return false;
        if (known.has(hashed(candidate)))
          found({ start: from[tokens[first]?.start ?? 0] ?? 0, end: to[token.end - 1] ?? 0 });
      }
    }
    return true;
  };
}

// Two plain hashes over the prepared pads: what createHmac gives, in half of its time.
function hasher(key: Uint8Array): (candidate: string) => string {
  const short = key.length > 64 ? hash('sha256', key, 'buffer') : key;
  const inner = new Uint8Array(64).fill(0x36);
  const outer = new Uint8Array(64 + 32).fill(0x5c, 0, 64);
  for (const [i, byte] of short.entries()) {
    inner[i] = (inner[i] ?? 0) ^ byte;
    outer[i] = (outer[i] ?? 0) ^ byte;
  }
  return (candidate) => {
    outer.set(hash('sha256', Buffer.concat([inner, Buffer.from(candidate)]), 'buffer'), 64);
    return hash('sha256', outer, 'hex');
  };
}

type Token = { readonly text: string; readonly start: number; readonly end: number };

function tokensOf({ skeleton: { units, length } }: Folded): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < length; at++) {
    if (!isWordUnit(units[at] ?? 0)) continue;
    const start = at;
    while (at < length && isWordUnit(units[at] ?? 0)) at++;
    tokens.push({ text: String.fromCharCode(...units.subarray(start, Math.min(at, start + 256))), start, end: at });
  }
  return tokens;
}

function wordsOf(skeleton: string): readonly string[] {
  const units = Uint16Array.from({ length: skeleton.length }, (_, at) => skeleton.charCodeAt(at));
  const folded = { skeleton: { units, length: skeleton.length, from: new Uint32Array(0), to: new Uint32Array(0) } };
  return tokensOf({
    text: skeleton,
    ascii: false,
    squeezed: folded.skeleton,
    digits: 0,
    escaped: false,
    run: false,
    ...folded,
  }).map(({ text }) => text);
}

// Halves of a pair count as parts of a word: what is outside the BMP and not a letter is rare within words.
function isWordUnit(unit: number): boolean {
  return (unit >= 0xd800 && unit <= 0xdfff) || isWordCharacter(unit);
}
