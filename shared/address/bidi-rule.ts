// The Bidi rule: which texts with right-to-left letters read the same whatever stands beside them (RFC 5893 §2).
import { bidiClass } from './character-tables.ts';

/** Whether a text has right-to-left characters (Bidi_Class R, AL or AN), so that the rule is asked at all. */
export function readsRightToLeft(text: string): boolean {
  for (const character of text) {
    const found = bidiClass(character);
    if (found === 'R' || found === 'AL' || found === 'AN') return true;
  }
  return false;
}

/** Whether one label, or one local part, keeps all six conditions. */
export function keepsBidiRule(text: string): boolean {
  const classes = Array.from(text, bidiClass);
  const only = (allowed: ReadonlySet<string>) => classes.every((found) => allowed.has(found));
  const last = classes.findLast((found) => found !== 'NSM') ?? '';
  switch (classes[0]) {
    case 'R':
    case 'AL':
      return only(rightToLeft) && endsRightToLeft.has(last) && !(classes.includes('EN') && classes.includes('AN'));
    case 'L':
      return only(leftToRight) && (last === 'L' || last === 'EN');
    default:
      return false;
  }
}

const rightToLeft = new Set(['R', 'AL', 'AN', 'EN', 'ES', 'CS', 'ET', 'ON', 'BN', 'NSM']);
const leftToRight = new Set(['L', 'EN', 'ES', 'CS', 'ET', 'ON', 'BN', 'NSM']);
const endsRightToLeft = new Set(['R', 'AL', 'EN', 'AN']);
