// Names that are made to be taken for others: scripts mixed beyond "Highly Restrictive" (UTS 39 §5.2, xmpp-boundary J9).
import { scriptsOf } from './character-tables.ts';

/** Why a prepared local part or label looks like another one, in words that complete "it …"; undefined: it does not. */
export function looksLikeAnother(text: string): string | undefined {
  const mixed = mixedScripts(text);
  if (mixed !== undefined) return `mixes ${mixed}`;
  // UTS 39 §5.4: nobody sees a dot that is put on a letter which has one.
  if (/\p{Soft_Dotted}\p{M}*\u0307/u.test(text)) return 'has a dot above a letter that has one already';
  return /^\p{M}/u.test(text) ? 'begins with a combining mark' : undefined;
}

// Written together are: one script, or Latin with what is written in Japan, in Korea, or with Bopomofo.
function mixedScripts(text: string): string | undefined {
  const of = Array.from(text, scriptsOf).filter((scripts) => scripts[0] !== '*');
  const first = of[0];
  if (first === undefined || first.some((script) => of.every((scripts) => scripts.includes(script)))) return undefined;
  const fits = (joint: string) => of.every((scripts) => scripts.includes('Latin') || scripts.includes(joint));
  if (fits('Jpan') || fits('Kore') || fits('Hanb')) return undefined;
  return [...new Set(of.map((scripts) => scripts[0] ?? ''))].slice(0, 4).join(' and ').replaceAll('_', ' ');
}
