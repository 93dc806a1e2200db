// Local parts and resources: UsernameCaseMapped and OpaqueString (RFC 8264, RFC 8265, RFC 7622 §3.3 and §3.4).
import { Buffer } from 'node:buffer';
import { keepsBidiRule, readsRightToLeft } from './bidi-rule.ts';
import { firstOutside } from './character-tables.ts';
import { keepsContextRules } from './context-rules.ts';
import { looksLikeAnother } from './mixed-scripts.ts';
import type { Prepared } from './prepared.ts';

const mostOctets = 1023;
// Classes of characters: IdentifierClass and FreeformClass (RFC 8264 §4.2, §4.3).
const inNames = 'IVUPCJ';
const inResources = 'IVUPCJF';
// Normalisation takes a time that grows with the square of such a run; UAX 15 §13 counts 30 as the most that text has.
const tooManyMarks = /\p{M}{31}/u;

/**
 * Prepares a local part (J3, J4): fullwidth and halfwidth forms, lower case, NFC, the Bidi rule, none of `"&'/:<>@`.
 * Refused as well: what software of RFC 3920 would prepare in another way (ß, final sigma, joiners), and what mixes
 * scripts. Preparing the result again gives the result.
 */
export function prepareLocal(text: string): Prepared {
  const local = caseMapped(text);
  if (local === undefined) return unusable(text, inNames);
  if (caseMapped(local) !== local) return { trouble: 'changes with each preparation' };
  if (/["&'/:<>@]/.test(local)) return { trouble: 'has one of "&\'/:<>@' };
  const different = firstOutside(local, 'IPC');
  if (different !== undefined) return { trouble: `has ${named(different)}, of which older servers make another name` };
  if (!keepsContextRules(local)) return { trouble: 'has a character that is allowed beside certain others only' };
  if (readsRightToLeft(local) && !keepsBidiRule(local)) return { trouble: 'mixes directions of writing' };
  const other = looksLikeAnother(local);
  if (other !== undefined) return { trouble: other };
  return fitting(local);
}

/** Prepares a resource (J7): any space is U+0020, NFC; case stays. */
export function prepareResource(text: string): Prepared {
  const resource = opaque(text);
  if (resource === undefined) return unusable(text, inResources);
  if (opaque(resource) !== resource) return { trouble: 'changes with each preparation' };
  if (!keepsContextRules(resource)) return { trouble: 'has a character that is allowed beside certain others only' };
  return fitting(resource);
}

/**
 * Width mapping, the IdentifierClass, case mapping and NFC, in this order (RFC 8265 §3.3); domain labels are mapped
 * alike (RFC 5895 §2). undefined: a character outside of the class, or more marks in a row than text has.
 */
export function caseMapped(text: string): string | undefined {
  // No other halfwidth or fullwidth form leads into the class. Each of these has one step to its own form.
  const wide = text.replace(/[\uff01-\uff9f]/g, (found) => found.normalize('NFKC'));
  if (wide === '' || firstOutside(wide, inNames) !== undefined || tooManyMarks.test(wide)) return undefined;
  return wide.toLowerCase().normalize('NFC');
}

function opaque(text: string): string | undefined {
  if (text === '' || firstOutside(text, inResources) !== undefined || tooManyMarks.test(text)) return undefined;
  return text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}

function fitting(text: string): Prepared {
  return Buffer.byteLength(text) > mostOctets ? { trouble: `has more than ${mostOctets} octets` } : { text };
}

function unusable(text: string, allowed: string): Prepared {
  if (text === '') return { trouble: 'is empty' };
  const found = firstOutside(text, allowed);
  return {
    trouble:
      found === undefined ? 'has more marks on one letter than text has' : `has ${named(found)}, which is in none`,
  };
}

function named(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
