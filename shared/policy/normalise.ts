// Writes text the way in which words are compared: NFKC, lower case, what cannot be seen left out, one space for many.

/**
 * The normal form of a text, for comparing only. Full-width, circled and mathematical letters become plain ones
 * (NFKC, UAX #15), characters that show nothing (Default_Ignorable_Code_Point, UAX #44; U+2800; controls) go away,
 * any white space becomes one space. Letters that look alike in other scripts stay what they are.
 */
export function normalise(text: string): string {
  return withoutHidden(withoutHidden(text).normalize('NFKC').toLowerCase())
    .normalize('NFKC')
    .replaceAll('ς', 'σ')
    .replaceAll(/\s+/g, ' ');
}

/** Whether a code point is a part of a word: letters, digits, and the marks that belong to them. */
export function isWordCharacter(codePoint: number): boolean {
  return wordPattern.test(String.fromCodePoint(codePoint));
}

/** Whether the script of this character is written without spaces, so that a word may stand inside other letters. */
export function isWrittenWithoutSpaces(codePoint: number): boolean {
  return spacelessPattern.test(String.fromCodePoint(codePoint));
}

const wordPattern = /[\p{L}\p{N}\p{M}]/u;
const spacelessPattern =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
const hidden = /[\p{Default_Ignorable_Code_Point}\u2800]|(?!\s)\p{Cc}/gu;

function withoutHidden(text: string): string {
  return text.replaceAll(hidden, '');
}
