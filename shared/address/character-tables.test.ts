// The generated tables against Node's own Unicode, code point by code point, and against answers known from the RFCs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressClass, bidiClass, isVirama, joiningType, scriptsOf } from './character-tables.ts';
import { unicodeVersion } from './generated/tables.ts';

const at = (codePoint: number) => String.fromCodePoint(codePoint);
const letterDigit = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
const exceptions: ReadonlyMap<number, string> = new Map([
  ...[0xdf, 0x3c2].map((each) => [each, 'V'] as const),
  ...[0x6fd, 0x6fe, 0xf0b, 0x3007].map((each) => [each, 'I'] as const),
  ...[0xb7, 0x375, 0x5f3, 0x5f4, 0x30fb].map((each) => [each, 'C'] as const),
  ...Array.from({ length: 10 }, (_, i) => [0x660 + i, 'C'] as const),
  ...Array.from({ length: 10 }, (_, i) => [0x6f0 + i, 'C'] as const),
  ...[0x640, 0x7fa, 0x302e, 0x302f, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303b].map((each) => [each, 'D'] as const),
  ...[0x200c, 0x200d].map((each) => [each, 'J'] as const),
]);

const oldHangul = [
  [0x1100, 0x11ff],
  [0xa960, 0xa97f],
  [0xd7b0, 0xd7ff],
] as const;
const ignorableBlocks = [
  [0x20d0, 0x20ff],
  [0x1d100, 0x1d24f],
] as const;

// The questions of RFC 5892 and RFC 8264 put to the regular expressions of this Node instead of to the database.
function isInDomains(character: string): boolean {
  return (
    /^[-0-9a-z]$/.test(character) ||
    (letterDigit.test(character) &&
      !/[\p{Changes_When_NFKC_Casefolded}\p{Default_Ignorable_Code_Point}\p{White_Space}]/u.test(character) &&
      !isWithin(character, oldHangul) &&
      !isWithin(character, ignorableBlocks))
  );
}

function isInNames(character: string): boolean {
  if (/^[!-~]$/.test(character)) return true;
  return letterDigit.test(character) && !isIgnored(character) && character.normalize('NFKC') === character;
}

function isInResources(character: string): boolean {
  if (/^[ -~]$/.test(character)) return true;
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(character) && !isIgnored(character);
}

function isIgnored(character: string): boolean {
  return (
    /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u.test(character) || isWithin(character, oldHangul)
  );
}

function isWithin(character: string, blocks: readonly (readonly [number, number])[]): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return blocks.some(([first, last]) => codePoint >= first && codePoint <= last);
}

test('the tables are of the Unicode that this Node knows', () =>
  assert.equal(process.versions.unicode, unicodeVersion));

test('each code point has the class that follows from RFC 5892 and RFC 8264', () => {
  const wrong: string[] = [];
  for (let codePoint = 0; codePoint <= 0x10_ffff; codePoint++) {
    const character = at(codePoint);
    const exception = exceptions.get(codePoint);
    const expected =
      exception ??
      (isInNames(character)
        ? isInDomains(character)
          ? 'I'
          : /\p{Changes_When_NFKC_Casefolded}/u.test(character)
            ? 'U'
            : 'P'
        : isInResources(character)
          ? 'F'
          : 'D');
    if (addressClass(character) !== expected)
      wrong.push(`${codePoint.toString(16)} ${addressClass(character)} ${expected}`);
  }
  assert.deepEqual(wrong.slice(0, 20), []);
});

test('known answers: in domains and names, in names alone, in resources alone, in none', () => {
  const known: Readonly<Record<string, readonly number[]>> = {
    I: [
      0x61, 0x30, 0x2d, 0xe0, 0x101, 0x138, 0x390, 0x3d7, 0x5d0, 0x6fd, 0xf0b, 0x13a0, 0x214e, 0x2184, 0x3005, 0x3007,
    ],
    V: [0xdf, 0x3c2],
    U: [0x41, 0xc4, 0x100, 0x130, 0x345, 0x1c89, 0x1f80, 0x2132, 0x2c60, 0xa640, 0xab70, 0x10400, 0x1e900],
    P: [0x21, 0x2e, 0x5f, 0x7e, 0x20d0, 0x1d165, 0x1d242],
    F: [
      0x20, 0xa0, 0xa1, 0xaa, 0x132, 0x149, 0x1c5, 0x2010, 0x20ac, 0x2126, 0x212a, 0x2163, 0x265a, 0x3000, 0xf900,
      0xfb01,
    ],
    D: [0, 0x1f, 0x7f, 0x85, 0xad, 0x34f, 0x378, 0x61c, 0x640, 0x6dd, 0x115f, 0x200b, 0x200e, 0x2028, 0x202e, 0x2060],
    C: [0xb7, 0x375, 0x5f3, 0x30fb, 0x660, 0x6f9],
    J: [0x200c, 0x200d],
  };
  for (const [letter, codePoints] of Object.entries(known)) {
    for (const codePoint of codePoints) assert.equal(addressClass(at(codePoint)), letter, codePoint.toString(16));
  }
  for (const codePoint of [0x2066, 0x3164, 0xd800, 0xe000, 0xfe0f, 0xfeff, 0xfffe, 0xe0001, 0xe0100, 0x10ffff]) {
    assert.equal(addressClass(at(codePoint)), 'D', codePoint.toString(16));
  }
});

test('known answers: direction, joining, scripts, viramas', () => {
  const bidi = {
    a: 'L',
    5: 'EN',
    '-': 'ES',
    '.': 'CS',
    א: 'R',
    ب: 'AL',
    '٣': 'AN',
    '۳': 'EN',
    '\u0301': 'NSM',
    '\u200d': 'BN',
  };
  for (const [character, expected] of Object.entries(bidi)) assert.equal(bidiClass(character), expected, character);
  const joining = { ب: 'D', ا: 'R', '\ua872': 'L', '\u064e': 'T', '\u0640': 'C', a: 'N' };
  for (const [character, expected] of Object.entries(joining))
    assert.equal(joiningType(character), expected, character);
  const scripts = { a: 'Latin', я: 'Cyrillic', ひ: 'Hiragana Jpan', 中: 'Han Hanb Jpan Kore', 5: '*', '-': '*' };
  for (const [character, expected] of Object.entries(scripts)) assert.equal(scriptsOf(character).join(' '), expected);
  for (const virama of ['\u094d', '\u09cd', '\u0d4d', '\u1039', '\u17d2', '\ua9c0', '\u{11046}'])
    assert(isVirama(virama));
  for (const other of ['a', '\u0915', '\u0301', '\u05b0', '\u3099', '\u093c']) assert(!isVirama(other), other);
});
