// What a character is, as far as addresses ask: the generated tables, unpacked (RFC 5892, RFC 8264, RFC 5893, UTS 39).
import { bidiRuns, classRuns, joiningRuns, scriptRuns, scriptSets } from './generated/tables.ts';

type Table = { readonly indexes: Uint8Array; readonly values: readonly string[]; readonly rest: string };

const classes = unpack(classRuns);
const bidiClasses = unpack(bidiRuns);
const joiningTypes = unpack(joiningRuns);
const scripts = unpack(scriptRuns);
const sets = scriptSets.map((set) => set.split(' '));

/** The class of a character, one letter; generated/tables.ts says what each means. */
export function addressClass(character: string): string {
  return at(classes, character);
}

/** The first character of a text that is of none of these classes (their letters); undefined where there is none. */
export function firstOutside(text: string, allowed: string): string | undefined {
  for (let i = 0; i < text.length; i++) {
    const codePoint = text.codePointAt(i) ?? 0;
    if (!allowed.includes(valueAt(classes, codePoint))) return String.fromCodePoint(codePoint);
    if (codePoint > 0xffff) i++;
  }
  return undefined;
}

/** Bidi_Class, short name. Of characters that are in an address only. */
export function bidiClass(character: string): string {
  return at(bidiClasses, character);
}

/** Joining_Type: L, R, D, C, T, or N for none. */
export function joiningType(character: string): string {
  return at(joiningTypes, character);
}

/** The scripts that a character is of, with the joint sets of UTS 39 §5.1; `*` alone: of any. */
export function scriptsOf(character: string): readonly string[] {
  const letters = at(scripts, character);
  let index = 0;
  for (let i = 0; i < letters.length; i++) index = index * 26 + letters.charCodeAt(i) - 64;
  return sets[index - 1] ?? [];
}

/** Whether it is a virama: Canonical_Combining_Class 9, seen by where normalisation puts it between classes 8 and 10. */
export function isVirama(character: string): boolean {
  return (
    character !== eighth &&
    character !== tenth &&
    (character + eighth).normalize('NFD') === eighth + character &&
    (tenth + character).normalize('NFD') === character + tenth
  );
}

const eighth = '\u3099';
const tenth = '\u05b0';

// One octet a code point, up to where the last run starts, which is the rest of Unicode: 200 KB a table.
function unpack(text: string): Table {
  const runs = Array.from(text.matchAll(/([0-9a-z]+)([A-Z]+)/g), ([, length = '', value = '']) => ({
    length: Number.parseInt(length, 36),
    value,
  }));
  const values = [...new Set(runs.map(({ value }) => value))];
  const last = runs.pop();
  const indexes = new Uint8Array(runs.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const { length, value } of runs) {
    indexes.fill(values.indexOf(value), start, start + length);
    start += length;
  }
  return { indexes, values, rest: last?.value ?? '' };
}

function at(table: Table, character: string): string {
  return valueAt(table, character.codePointAt(0) ?? 0);
}

function valueAt({ indexes, values, rest }: Table, codePoint: number): string {
  const index = indexes[codePoint];
  return index === undefined ? rest : (values[index] ?? '');
}
