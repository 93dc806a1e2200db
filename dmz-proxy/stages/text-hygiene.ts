// Characters that hide, reorder or fake text are taken out of what a person wrote (xmpp-boundary §2.6; Unicode TR 9,
// TR 36, TR 51). Scripts that need joiners and direction keep what they need; emoji stay whole.

/** A text with directional controls that are not closed: whoever reads on reads in another order. */
export const unbalanced = Symbol('unbalanced');

const plain = /^[\n\t\x20-\x7e]*$/;
// All that the slow walk below looks at. A text without any of it is clean.
const notable =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\p{M}\p{Default_Ignorable_Code_Point}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u061c\u200e\u200f\u2028\u2029\ufff9-\ufffb]/u;
const mark = /\p{M}/u;
const letter = /\p{L}/u;
const pictograph = /\p{Extended_Pictographic}/u;
const emoji = /\p{Emoji}/u;
const emojiModifier = /\p{Emoji_Modifier}/u;
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Samaritan}\p{Script=Mandaic}]/u;
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Javanese}\p{Script=Balinese}]/u;
const invisible =
  /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb]/u;

const marksAtMost = 8;
const zeroWidthNonJoiner = 0x200c;
const zeroWidthJoiner = 0x200d;
const blackFlag = 0x1f3f4;
const cancelTag = 0xe007f;

/** The clean form of a text (the same string when nothing had to go), or `unbalanced`. */
export function cleanText(text: string): string | typeof unbalanced {
  if (plain.test(text) || !notable.test(text)) return text;
  const characters = Array.from(text.replace(/\r\n?|[\x85\u2028\u2029]/g, '\n'));
  if (!isBalanced(characters)) return unbalanced;
  return keepVisible(characters).join('');
}

function keepVisible(characters: readonly string[]): string[] {
  const keepsDirection = characters.some((character) => letter.test(character) && rightToLeft.test(character));
  const kept: string[] = [];
  let marks = 0;
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    const code = character.codePointAt(0) ?? 0;
    if (code === blackFlag) {
      const length = tagSequence(characters, i);
      kept.push(...characters.slice(i, i + length));
      i += length - 1;
      marks = 0;
    } else if (isVariationSelector(code)) {
      if (variesWell(kept.at(-1), code)) kept.push(character);
    } else if (mark.test(character) && !invisible.test(character)) {
      if (++marks <= marksAtMost) kept.push(character);
    } else if (staysAt(characters, i, code, kept, keepsDirection)) {
      // A joiner starts no new character, so that it cannot start the count again.
      if (code !== zeroWidthJoiner && code !== zeroWidthNonJoiner) marks = 0;
      kept.push(character);
    }
  }
  return kept;
}

function staysAt(
  characters: readonly string[],
  i: number,
  code: number,
  kept: readonly string[],
  keepsDirection: boolean,
): boolean {
  const next = characters[i + 1] ?? '';
  if (code === zeroWidthJoiner) return joinsEmoji(kept, next) || joinsLetters(kept.at(-1), next);
  if (code === zeroWidthNonJoiner) return joinsLetters(kept.at(-1), next);
  if (code === 0x200e || code === 0x200f || code === 0x061c) return keepsDirection;
  return !invisible.test(characters[i] ?? '');
}

// TR 51: pictograph, perhaps with a variation or a skin tone, joiner, pictograph.
function joinsEmoji(kept: readonly string[], next: string): boolean {
  if (!pictograph.test(next)) return false;
  const last = kept.at(-1) ?? '';
  const base = last === '\ufe0f' || emojiModifier.test(last) ? (kept.at(-2) ?? '') : last;
  return pictograph.test(base) || emojiModifier.test(base);
}

function joinsLetters(before: string | undefined, next: string): boolean {
  return before !== undefined && joining.test(before) && next !== '\u200c' && next !== '\u200d';
}

function isVariationSelector(code: number): boolean {
  return (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef) || isMongolianSelector(code);
}

function isMongolianSelector(code: number): boolean {
  return (code >= 0x180b && code <= 0x180d) || code === 0x180f;
}

function variesWell(before: string | undefined, code: number): boolean {
  if (before === undefined) return false;
  if (code === 0xfe0e || code === 0xfe0f) return emoji.test(before);
  return isMongolianSelector(code) && /\p{Script=Mongolian}/u.test(before);
}

// The flags of England, Scotland, Wales: a black flag, tag letters, the end of the tags. Anything else is a flag only.
function tagSequence(characters: readonly string[], start: number): number {
  let length = 1;
  while (isTagLetter(characters[start + length]?.codePointAt(0) ?? 0) && length <= 6) length++;
  return length > 1 && characters[start + length]?.codePointAt(0) === cancelTag ? length + 1 : 1;
}

function isTagLetter(code: number): boolean {
  return (code >= 0xe0030 && code <= 0xe0039) || (code >= 0xe0061 && code <= 0xe007a);
}

// Unicode TR 9: embeddings and overrides end with PDF, isolates with PDI, and all of them with the line.
function isBalanced(characters: readonly string[]): boolean {
  const open: ('embedding' | 'isolate')[] = [];
  for (const character of characters) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x202a || code === 0x202b || code === 0x202d || code === 0x202e) open.push('embedding');
    else if (code >= 0x2066 && code <= 0x2068) open.push('isolate');
    else if (code === 0x202c && open.pop() !== 'embedding') return false;
    else if (code === 0x2069 && open.pop() !== 'isolate') return false;
    else if (code === 0x0a && open.length > 0) return false;
  }
  return open.length === 0;
}
