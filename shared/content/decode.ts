// Reads what stands in a text in code: base64 (RFC 4648), hex, percent (RFC 3986), quoted-printable (RFC 2045), entities, escapes.
import { isUtf8 } from 'node:buffer';
import { type Folded, codedRun as runAtLeast } from './fold.ts';

/** A text out of a code, and where it came from: character i of it out of `from[i]` to `to[i]` of the text. */
export type Decoded = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] };

/**
 * All that a text says in code, one level deep: each run of base64 or hex that is text by itself, and the whole text with
 * its escapes taken back. No code makes a text longer, so that what comes out is bounded by what goes in.
 */
export function decode(
  text: string,
  { digits, escaped, run }: Pick<Folded, 'digits' | 'escaped' | 'run'>,
): readonly Decoded[] {
  // Digits are in many texts, and seldom a code.
  hexPairs.lastIndex = 0;
  if (!escaped && !run && (digits < 4 || !hexPairs.test(text))) return noTexts;
  const texts: Decoded[] = [];
  const keep = (found: Decoded | undefined): void => {
    if (found !== undefined && found.text !== '') texts.push(found);
  };
  if (escaped) keep(unescaped(text));
  if (run) decodeRuns(text, keep);
  if (digits >= 4) {
    // Not matchAll, which makes the expression anew for each text.
    hexPairs.lastIndex = 0;
    for (let pairs = hexPairs.exec(text); pairs !== null; pairs = hexPairs.exec(text))
      keep(hexed(pairs[0], pairs.index));
  }
  return texts;
}

const noTexts: readonly Decoded[] = [];

// Pairs of hex digits with a sign between each two.
const hexPairs =
  /(?<![0-9A-Za-z])(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[ :,;.\n-]{1,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){4,}(?![0-9A-Za-z])/g;

const values = Int8Array.from({ length: 128 }, (_, at) => {
  const letter = String.fromCharCode(at);
  const plain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(letter);
  return plain >= 0 ? plain : letter === '-' ? 62 : letter === '_' ? 63 : -1;
});

function valueAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (values[code] ?? -1) : -1;
}

/** A run as long as this may go on in the next line. */
const brokenRun = 32;

function decodeRuns(text: string, keep: (found: Decoded | undefined) => void): void {
  for (let start = 0; start + runAtLeast <= text.length; ) {
    // Looked at from its last letter: most words are shorter than a run, and are stepped over in one.
    let gap = runAtLeast - 1;
    while (gap >= 0 && valueAt(text, start + gap) >= 0) gap--;
    if (gap >= 0) {
      start += gap + 1;
      continue;
    }
    let end = start + runAtLeast;
    while (end < text.length && valueAt(text, end) >= 0) end++;
    // A line break may stand in a long run, as mail programs put it there.
    while (end - start >= brokenRun && /[\r\n]/.test(text.charAt(end))) {
      const next = text.startsWith('\r\n', end) ? end + 2 : end + 1;
      let further = next;
      while (further < text.length && valueAt(text, further) >= 0) further++;
      if (further - next < 4) break;
      end = further;
    }
    keep(decodedRun(text, start, end));
    decodePieces(text, start, end, keep);
    start = end;
  }
}

// The signs of base64 also stand between words, in paths and names; what is between them may be a code by itself.
function decodePieces(text: string, start: number, end: number, keep: (found: Decoded | undefined) => void): void {
  for (let from = start, at = start; at <= end; at++) {
    if (at < end && !isSign(text.charCodeAt(at))) continue;
    if (at - from >= runAtLeast && at - from < end - start) keep(decodedRun(text, from, at));
    from = at + 1;
  }
}

/**
 * Whether a run of letters of base64, or what stands between two of its signs, may be a text in code; false for most words.
 * A long run may go on behind a line break, and so may always be one.
 */
export function mayDecode(text: string, start: number, end: number): boolean {
  if (end - start >= brokenRun || mayBegin(text, start)) return true;
  for (let from = start, at = start; at <= end; at++) {
    if (at < end && !isSign(text.charCodeAt(at))) continue;
    if (from > start && at - from >= runAtLeast && mayBegin(text, from)) return true;
    from = at + 1;
  }
  return false;
}

function mayBegin(text: string, at: number): boolean {
  return beginsHex(text, at) || beginsText(text, at);
}

function beginsHex(text: string, at: number): boolean {
  return (isHexDigit(text.charCodeAt(at)) && isHexDigit(text.charCodeAt(at + 1))) || text.startsWith('0x', at);
}

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

/** The signs of base64 that are no letters: + / _ and the hyphen. */
function isSign(code: number): boolean {
  return code === 43 || code === 47 || code === 95 || code === 45;
}

function decodedRun(text: string, start: number, end: number): Decoded | undefined {
  const isHex = beginsHex(text, start);
  if (!isHex && !beginsText(text, start)) return undefined;
  const compact = text.slice(start, end).replaceAll(/[\r\n]/g, '');
  const hex = isHex ? compact.replace(/^0x/, '') : '';
  const found =
    (hex.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(hex) ? textOf(Buffer.from(hex, 'hex')) : undefined) ??
    (compact.length % 4 === 1 ? undefined : textOf(Buffer.from(compact, 'base64')));
  if (found === undefined) return undefined;
  let padded = end;
  while (padded < end + 2 && text[padded] === '=') padded++;
  return spread(found, start, padded);
}

// Most words of eight letters decode to bytes that are no text, and the first two bytes tell so.
function beginsText(text: string, at: number): boolean {
  const second = valueAt(text, at + 1);
  const first = (valueAt(text, at) << 2) | (second >> 4);
  const next = ((second & 15) << 4) | (valueAt(text, at + 2) >> 2);
  if (first >= 0xc2) return (next & 0xc0) === 0x80;
  return isPlain(first) && (isPlain(next) || next >= 0xc2 || next === 0);
}

function isPlain(byte: number): boolean {
  return (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13);
}

function hexed(written: string, at: number): Decoded | undefined {
  const pairs = written.replaceAll(/0x|\\x/g, '').match(/[0-9A-Fa-f]{2}/g) ?? [];
  const text = textOf(Buffer.from(pairs.join(''), 'hex'));
  return text === undefined ? undefined : spread(text, at, at + written.length);
}

/** Text in UTF-8, or in UTF-16 as PowerShell writes it; undefined where the bytes are no text. */
function textOf(bytes: Buffer): string | undefined {
  const isWide = bytes.length > 1 && bytes[1] === 0 && bytes[0] !== 0;
  if (bytes.length === 0 || (!isWide && !isUtf8(bytes))) return undefined;
  const text = bytes.toString(isWide ? 'utf16le' : 'utf8');
  return /[\x00-\x08\x0e-\x1f\x7f\ufffd]/.test(text) || !text.isWellFormed() ? undefined : text;
}

function spread(text: string, start: number, end: number): Decoded {
  return { text, from: new Array<number>(text.length).fill(start), to: new Array<number>(text.length).fill(end) };
}

const escapes =
  /(?:%[0-9A-Fa-f]{2})+|(?:=[0-9A-Fa-f]{2})+|=\r?\n|%u[0-9A-Fa-f]{4}|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|(?:\\x[0-9A-Fa-f]{2})+|&#[0-9]{1,7};?|&#[xX][0-9A-Fa-f]{1,6};?|&[A-Za-z]{2,8};/g;

function unescaped(text: string): Decoded | undefined {
  let found = '';
  const from: number[] = [];
  const to: number[] = [];
  let last = 0;
  const add = (piece: string, start: number, end: number, exact: boolean): void => {
    for (let i = 0; i < piece.length; i++) {
      from.push(exact ? start + i : start);
      to.push(exact ? start + i + 1 : end);
    }
    found += piece;
  };
  for (const match of text.matchAll(escapes)) {
    const meant = meaning(match[0]);
    if (meant === undefined) continue;
    add(text.slice(last, match.index), last, match.index, true);
    last = match.index + match[0].length;
    add(meant, match.index, last, false);
  }
  if (last === 0) return undefined;
  add(text.slice(last), last, text.length, true);
  return { text: found, from, to };
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  zwj: '',
  zwnj: '',
  period: '.',
  colon: ':',
  dash: '-',
  hyphen: '-',
  lowbar: '_',
  num: '#',
  sol: '/',
  tab: '\t',
  newline: '\n',
};

function meaning(written: string): string | undefined {
  if (/^=\r?\n$/.test(written)) return '';
  if (written.startsWith('&#')) {
    const isHex = /^&#x/i.test(written);
    return characterOf(Number.parseInt(written.slice(isHex ? 3 : 2), isHex ? 16 : 10));
  }
  if (written.startsWith('&')) return entities[written.slice(1, -1).toLowerCase()];
  if (/^(?:%|\\)u/.test(written)) return characterOf(Number.parseInt(written.replaceAll(/[^0-9A-Fa-f]/g, ''), 16));
  return textOf(Buffer.from(written.replaceAll(/%|=|\\x/g, ''), 'hex'));
}

function characterOf(codePoint: number): string | undefined {
  return codePoint > 0 && codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : undefined;
}
