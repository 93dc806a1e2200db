// A text as a terminal may show it: nothing in it steers the terminal, and marks below it stand under the right letters.

/** What stands for one character of the text, and where that is in the text, in UTF-16 units. */
type Cell = { readonly shown: string; readonly width: number; readonly start: number; readonly end: number };

/** A place to be marked, with the word that stands behind its mark. */
export type Mark = { readonly start: number; readonly end: number; readonly word: string };

const columnsAtMost = 96;
const rowsAtMost = 200;
const marksAtMost = 12;

/**
 * The text in rows of at most 96 columns, each with its marks below: `^^^^ 1, 2`. Controls, directions and everything
 * that shows nothing are written as `\u{202e}`; wide letters count as two columns and combining marks as none, as most
 * terminals have it.
 */
export function drawn(text: string, marks: readonly Mark[]): readonly string[] {
  const rows = rowsOf(text);
  const lines: string[] = [];
  for (const row of rows.slice(0, rowsAtMost)) {
    lines.push(row.map(({ shown }) => shown).join(''));
    lines.push(...marksBelow(row, marks));
  }
  if (rows.length > rowsAtMost) lines.push(`… and ${rows.length - rowsAtMost} more rows`);
  return lines;
}

/** One line of text that is safe to print, cut to so many characters. */
export function safe(text: string, most = 400): string {
  const letters = [...text];
  const shown = letters.slice(0, most).map(shownAs).join('');
  return letters.length > most ? `${shown}… (${letters.length} characters)` : shown;
}

function rowsOf(text: string): readonly (readonly Cell[])[] {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let width = 0;
  let at = 0;
  for (const letter of text) {
    const shown = shownAs(letter);
    const cell = { shown, width: widthOf(letter, shown), start: at, end: at + letter.length };
    at = cell.end;
    if (width + cell.width > columnsAtMost) {
      rows.push(row);
      row = [];
      width = 0;
    }
    row.push(cell);
    width += cell.width;
    if (letter !== '\n') continue;
    rows.push(row);
    row = [];
    width = 0;
  }
  if (row.length > 0 || rows.length === 0) rows.push(row);
  return rows;
}

function marksBelow(row: readonly Cell[], marks: readonly Mark[]): readonly string[] {
  const first = row[0]?.start ?? 0;
  const last = row.at(-1)?.end ?? 0;
  const here = new Map<string, { readonly start: number; readonly end: number; readonly words: string[] }>();
  for (const { start, end, word } of marks) {
    if (end <= first || start >= last) continue;
    const place = `${start} ${end}`;
    const known = here.get(place);
    if (known === undefined) here.set(place, { start, end, words: [word] });
    else if (!known.words.includes(word)) known.words.push(word);
  }
  const lines = [...here.values()].toSorted((a, b) => a.start - b.start || b.end - a.end);
  const told = lines.slice(0, marksAtMost).map(({ start, end, words }) => {
    const line = row
      .map((cell) => (cell.start < end && cell.end > start ? '^' : ' ').repeat(cell.width))
      .join('')
      .trimEnd();
    return `${line} ${words.join(', ')}`;
  });
  return lines.length > marksAtMost ? [...told, `… and ${lines.length - marksAtMost} more marks`] : told;
}

const showsNothing = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u115f\u1160\u3164\uffa0]/u;

function shownAs(letter: string): string {
  if (letter === '\n') return '\\n';
  if (letter === '\t') return '\\t';
  return showsNothing.test(letter) ? `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}` : letter;
}

const wide =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

function widthOf(letter: string, shown: string): number {
  if (shown !== letter) return shown.length;
  if (/\p{M}/u.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}
