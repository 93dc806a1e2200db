// Characters that are allowed in the right company only (RFC 5892 appendix A, for PRECIS and IDNA alike).
import { addressClass, isVirama, joiningType } from './character-tables.ts';

/** Whether each character of the classes C and J has the neighbours that its rule asks for. */
export function keepsContextRules(text: string): boolean {
  const characters = Array.from(text);
  return characters.every((character, i) => {
    const found = addressClass(character);
    return (found !== 'C' && found !== 'J') || isAllowed(characters, i);
  });
}

function isAllowed(characters: readonly string[], i: number): boolean {
  const before = characters[i - 1] ?? '';
  const after = characters[i + 1] ?? '';
  switch (characters[i]) {
    case '\u200c': // A.1 zero width non-joiner
      return (before !== '' && isVirama(before)) || breaksAJoin(characters, i);
    case '\u200d': // A.2 zero width joiner
      return before !== '' && isVirama(before);
    case '\u00b7': // A.3 middle dot
      return before === 'l' && after === 'l';
    case '\u0375': // A.4 Greek lower numeral sign
      return /^\p{Script=Greek}/u.test(after);
    case '\u05f3': // A.5 and A.6 Hebrew geresh and gershayim
    case '\u05f4':
      return /^\p{Script=Hebrew}/u.test(before);
    case '\u30fb': // A.7 katakana middle dot
      return characters.some((each) => /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(each));
    default: // A.8 and A.9 Arabic-Indic digits, the two kinds not together
      return !(
        characters.some((each) => isWithin(each, '٠', '٩')) && characters.some((each) => isWithin(each, '۰', '۹'))
      );
  }
}

// Between a letter that would join to the left and one that would join to the right, marks aside.
function breaksAJoin(characters: readonly string[], i: number): boolean {
  const isMark = (character: string) => joiningType(character) === 'T';
  const left = characters.slice(0, i).findLast((each) => !isMark(each));
  const right = characters.slice(i + 1).find((each) => !isMark(each));
  return left !== undefined && right !== undefined && /[LD]/.test(joiningType(left)) && /[RD]/.test(joiningType(right));
}

function isWithin(character: string, first: string, last: string): boolean {
  return character >= first && character <= last;
}
