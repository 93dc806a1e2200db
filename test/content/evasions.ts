// Ways to write a term so that a person reads it and a simple list does not: those of the table of evasions, and more.

import type { PartOfText } from '@sallyport/shared/content/rules.ts';
import { armenian, cherokee, cyrillic, greek, leet, raised, smallCaps, stroked, symbols, turned } from './alphabets.ts';

/** What is said, in order: the last message is the one that is judged. Parts of it where it has several. */
export type Said = { readonly before?: readonly string[]; readonly parts: readonly PartOfText[] };

export type Evasion = {
  readonly name: string;
  /** `monitor`: only a score below what blocks; a rule that monitors sees it. */
  readonly caughtBy: 'block' | 'monitor';
  readonly write: (term: string) => Said;
};

const body = (text: string): Said => ({ parts: [{ part: 'body', text }] });
const inSentence = (written: string): Said => body(`please read ${written} before noon`);

const each = (change: (letter: string, at: number) => string) => (term: string) =>
  inSentence([...term].map(change).join(''));
const between = (separator: string) => (term: string) => inSentence([...term].join(separator));
const mapped = (table: Readonly<Record<string, string>>) => each((letter) => table[letter] ?? letter);
/** The 26 letters from a code point on. */
const shifted = (first: number, others: Readonly<Record<string, string>> = {}) =>
  each((letter) =>
    /[a-z]/.test(letter) ? (others[letter] ?? String.fromCodePoint(first + letter.charCodeAt(0) - 97)) : letter,
  );
const encoded = (change: (bytes: Buffer) => string) => (term: string) => inSentence(change(Buffer.from(term)));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const middle = (term: string) => Math.floor(term.length / 2);

const block = (name: string, write: Evasion['write']): Evasion => ({ name, caughtBy: 'block', write });
const monitor = (name: string, write: Evasion['write']): Evasion => ({ name, caughtBy: 'monitor', write });

export const evasions: readonly Evasion[] = [
  block('plain', (term) => inSentence(term)),
  block('case: capitals', (term) => inSentence(term.toUpperCase())),
  block(
    'case: mixed',
    each((letter, at) => (at % 2 === 0 ? letter.toUpperCase() : letter)),
  ),
  block('full-width', shifted(0xff41)),
  block('math bold', shifted(0x1d41a)),
  block('math bold italic', shifted(0x1d482)),
  block('math script bold', shifted(0x1d4ea)),
  block('math fraktur bold', shifted(0x1d586)),
  block('math double-struck', shifted(0x1d552)),
  block('math monospace', shifted(0x1d68a)),
  block('circled', shifted(0x24d0)),
  block('parenthesized', shifted(0x249c)),
  block('NBSP and em-space for spaces', (term) => inSentence(term.replaceAll(' ', '\u00a0\u2003'))),
  block('ZWSP', between('\u200b')),
  block('ZWJ', between('\u200d')),
  block('ZWNJ', between('\u200c')),
  block('word joiner', between('\u2060')),
  block('byte order mark', between('\ufeff')),
  block('soft hyphen', between('\u00ad')),
  block('variation selectors', between('\ufe0f')),
  block('variation selectors of the supplement', between('\u{e0101}')),
  block('tag characters', between('\u{e0041}')),
  block('Hangul filler', between('\u3164')),
  block('Hangul choseong filler', between('\u115f')),
  block('braille blank', between('\u2800')),
  block('C1 controls', between('\u0086')),
  block('combining grapheme joiner', between('\u034f')),
  block('bidi embedding inside the word', (term) => inSentence(`${term.slice(0, 3)}\u202a${term.slice(3)}\u202c`)),
  block('bidi isolate inside the word', (term) => inSentence(`${term.slice(0, 3)}\u2066${term.slice(3)}\u2069`)),
  block('reversed under RLO', (term) => inSentence(`\u202e${[...term].reverse().join('')}\u202c`)),
  block('Cyrillic homoglyphs', mapped(cyrillic)),
  block('Greek homoglyphs', mapped(greek)),
  block('Armenian homoglyphs', mapped(armenian)),
  block('Cherokee homoglyphs', mapped(cherokee)),
  block(
    'Cyrillic and Greek mixed',
    each((letter, at) => (at % 2 === 0 ? cyrillic : greek)[letter as 'a'] ?? letter),
  ),
  block('one homoglyph', (term) => inSentence(term.replace(/[aceiop]/, (letter) => cyrillic[letter as 'a']))),
  block('Greek capitals', (term) =>
    inSentence(term.toUpperCase().replaceAll('N', 'Ν').replaceAll('H', 'Η').replaceAll('T', 'Τ').replaceAll('A', 'Α')),
  ),
  block(
    'accents',
    each((letter) => (/[aeiouncsz]/.test(letter) ? `${letter}\u0301`.normalize('NFC') : letter)),
  ),
  block(
    'strike-through combining',
    each((letter) => `${letter}\u0336`),
  ),
  block(
    'piled marks',
    each((letter) => `${letter}\u0316\u0303\u0350\u036f`),
  ),
  block('letters with strokes', mapped(stroked)),
  block('superscript letters', mapped(raised)),
  block('leet digits', mapped(leet)),
  block('leet signs', mapped(symbols)),
  block(
    'leet digits and signs',
    each((letter, at) => (at % 2 === 0 ? leet : symbols)[letter as 'a'] ?? letter),
  ),
  block('d.o.t.s', between('.')),
  block('s p a c e s', between(' ')),
  block('wide spaces', between('  ')),
  block('dashes', between('-')),
  block('under_scores', between('_')),
  block('asterisks', between('*')),
  block('slashes', between('/')),
  block('middle dots', between('·')),
  block('emoji between letters', between('🔥')),
  block(
    'mixed separators',
    each((letter, at) => `${letter}${['.', '-', '_', '*'][at % 4]}`),
  ),
  block('one dot in the middle', (term) => inSentence(`${term.slice(0, middle(term))}.${term.slice(middle(term))}`)),
  block('newline split', (term) => inSentence(`${term.slice(0, middle(term))}\n${term.slice(middle(term))}`)),
  block('a line for each letter', between('\n')),
  block(
    'stretched letters',
    each((letter) => (/[a-z]/.test(letter) ? letter.repeat(3) : letter)),
  ),
  block('one stretched letter', (term) => inSentence(term.replace(/[aeiou]/, (letter) => letter.repeat(5)))),
  block('stretched, dotted and in capitals', (term) =>
    inSentence([...term.toUpperCase()].map((letter) => `${letter}${letter}`).join('.')),
  ),
  block('capital I for l', (term) => inSentence(term.replaceAll('l', 'I'))),
  block('l for i', (term) => inSentence(term.replaceAll('i', 'l'))),
  block('rn for m, vv for w, cl for d', (term) =>
    inSentence(term.replaceAll('m', 'rn').replaceAll('w', 'vv').replaceAll('d', 'cl')),
  ),
  block(
    'base64',
    encoded((bytes) => bytes.toString('base64')),
  ),
  block(
    'base64 for URLs',
    encoded((bytes) => bytes.toString('base64url')),
  ),
  block('base64 of a sentence', (term) => body(base64(`the ${term} is at sea`))),
  block('base64 in a path', (term) => inSentence(`https://x.example/files/${base64(term)}`)),
  block('base64 twice', (term) => inSentence(base64(base64(`the ${term}`)))),
  block('base64 of UTF-16', (term) => inSentence(Buffer.from(term, 'utf16le').toString('base64'))),
  block('base64 of leet', (term) =>
    inSentence(base64(term.replaceAll('e', '3').replaceAll('o', '0').replaceAll('a', '4').replaceAll('i', '1'))),
  ),
  block(
    'hex',
    encoded((bytes) => bytes.toString('hex')),
  ),
  block(
    'hex with spaces',
    encoded((bytes) => [...bytes].map(hex).join(' ')),
  ),
  block(
    'hex with 0x',
    encoded((bytes) => [...bytes].map((byte) => `0x${hex(byte)}`).join(', ')),
  ),
  block(
    'hex with \\x',
    encoded((bytes) => [...bytes].map((byte) => `\\x${hex(byte)}`).join('')),
  ),
  block('hex of base64', (term) => inSentence(Buffer.from(base64(term)).toString('hex'))),
  block(
    '%xx',
    encoded((bytes) => [...bytes].map((byte) => `%${hex(byte)}`).join('')),
  ),
  block('one %xx', (term) =>
    inSentence(
      `https://x.example/${encodeURIComponent(term.slice(0, 2))}%${hex(term.charCodeAt(2))}${encodeURIComponent(term.slice(3))}`,
    ),
  ),
  block(
    '%xx twice',
    encoded((bytes) => [...bytes].map((byte) => `%25${hex(byte)}`).join('')),
  ),
  block(
    'HTML entities',
    each((letter) => `&#${letter.charCodeAt(0)};`),
  ),
  block(
    'HTML entities in hex',
    each((letter) => `&#x${hex(letter.charCodeAt(0))};`),
  ),
  block('one HTML entity', (term) => inSentence(`${term.slice(0, 1)}&#${term.charCodeAt(1)};${term.slice(2)}`)),
  block('an empty entity inside', (term) => inSentence(`${term.slice(0, 3)}&zwnj;${term.slice(3)}`)),
  block(
    'quoted-printable',
    encoded((bytes) => [...bytes].map((byte) => `=${hex(byte).toUpperCase()}`).join('')),
  ),
  block('quoted-printable line break', (term) => inSentence(`${term.slice(0, 4)}=\r\n${term.slice(4)}`)),
  block(
    '\\u escapes',
    each((letter) => `\\u00${hex(letter.charCodeAt(0))}`),
  ),
  block('small caps', mapped(smallCaps)),
  block('regional indicators', shifted(0x1f1e6)),
  block('regional indicators with spaces', (term) =>
    inSentence(
      [...term]
        .map((letter) => (letter === ' ' ? ' ' : String.fromCodePoint(0x1f1e6 + letter.charCodeAt(0) - 97)))
        .join(' '),
    ),
  ),
  block('negative squared', shifted(0x1f170)),
  block('negative circled', shifted(0x1f150)),
  block('squared', shifted(0x1f130)),
  block('upside-down', (term) =>
    inSentence(
      [...term]
        .reverse()
        .map((letter) => turned[letter] ?? letter)
        .join(''),
    ),
  ),
  block('ROT13', (term) =>
    inSentence(term.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97))),
  ),
  block('reversed', (term) => inSentence([...term].reverse().join(''))),
  block('split over two messages', (term) => ({
    before: [`look at ${term.slice(0, middle(term))}`],
    ...body(`${term.slice(middle(term))} please`),
  })),
  block('two letters in each message', (term) => {
    const pieces = term.match(/.{1,2}/g) ?? [];
    return { before: pieces.slice(0, -1), ...body(pieces.at(-1) ?? '') };
  }),
  block('split over subject and body', (term) => ({
    parts: [
      { part: 'subject', text: term.slice(0, middle(term)) },
      { part: 'body', text: term.slice(middle(term)) },
    ],
  })),
  block('in the body of another language', (term) => ({
    parts: [
      { part: 'body', text: 'hello' },
      { part: 'body', text: `bonjour ${term}` },
    ],
  })),
  block('in an id', (term) => ({
    parts: [
      { part: 'body', text: 'hello' },
      { part: 'id', text: `x-${term}-1` },
    ],
  })),
  block('in a thread, encoded', (term) => ({
    parts: [
      { part: 'body', text: 'hello' },
      { part: 'thread', text: base64(term) },
    ],
  })),
  block('in a nick', (term) => ({ parts: [{ part: 'nick', text: term }] })),
  block('in a status', (term) => ({ parts: [{ part: 'status', text: `busy with ${term}` }] })),
  block('in a card', (term) => ({ parts: [{ part: 'card', text: `Department of ${term}` }] })),
  monitor('split in two words', (term) => inSentence(`${term.slice(0, middle(term))} ${term.slice(middle(term))}`)),
  monitor('inside a longer word', (term) => inSentence(`x${term}x`)),
];
