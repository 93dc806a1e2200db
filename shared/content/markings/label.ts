// The marking that a text is, all of it, and the text that a marking is: what people read in place of a security label.
import { casedOf } from '../cased.ts';
import { type Marking, rankOf } from './marking.ts';
import { findMarkings } from './parse-markings.ts';

/** The marking that the text is; undefined where it says anything besides, more than one marking, or none. */
export function markingOf(text: string): Marking | undefined {
  const upper = text.toUpperCase();
  const ascii = /^[\x00-\x7f]*$/.test(upper);
  const [first, ...others] = findMarkings(casedOf({ text: upper, ascii }));
  if (first === undefined || others.length > 0) return undefined;
  const rest = upper.slice(0, first.start) + upper.slice(first.end);
  return /[\p{L}\p{N}]/u.test(rest) ? undefined : first.marking;
}

/**
 * The marking as it is written: `UK OFFICIAL-SENSITIVE RECIPIENTS ONLY`, `TLP:AMBER`, `SECRET//SI`. Undefined for one that no
 * text says: whatever this gives, `markingOf` reads as the same marking.
 */
export function markingText(marking: Marking): string | undefined {
  const { scheme, level, caveats, releasableTo } = marking;
  // Asked several times for each message of a partner that speaks labels, and the same few are said again and again.
  const key = `${scheme} ${level}\n${caveats.join('\n')}\n\n${releasableTo?.join('\n') ?? '-'}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = textOf(marking);
  if (text === undefined) return undefined;
  if (texts.size >= textsAtMost) texts.clear();
  texts.set(key, text);
  return text;
}

const texts = new Map<string, string>();
const textsAtMost = 1000;

function textOf(marking: Marking): string | undefined {
  const { caveats, releasableTo: nations } = marking;
  const [head = '', ...spare] = headsOf(marking);
  if (head !== '' && caveats.length === 0 && nations === undefined && isSame(markingOf(head), marking)) return head;
  const inUk = [...caveats, ...(nations === undefined ? [] : [`${nations.join('/')} EYES ONLY`])];
  const inNato = [...caveats, ...(nations === undefined ? [] : [`RELEASABLE TO ${nations.join(', ')}`])];
  const inUs = [...caveats, ...(nations === undefined ? [] : [`REL TO ${nations.join(', ')}`])];
  return [head, ...spare]
    .filter((one) => one !== '')
    .flatMap((one) => [[one, ...inUk].join(' '), [one, ...inNato].join(' '), [one, ...inUs].join('//')])
    .find((text) => isSame(markingOf(text), marking));
}

// The words of scheme and level; the US have none for a marking without anything behind it but its portion mark.
function headsOf({ scheme, level }: Marking): readonly string[] {
  const words = level.replace('-', ' ').toUpperCase();
  switch (scheme) {
    case 'tlp':
      return [`TLP:${level.toUpperCase()}`];
    case 'uk':
      return [level === 'restricted' ? 'UK OFFICIAL-SENSITIVE' : `UK ${words}`];
    case 'us':
      return level === 'restricted' ? ['CUI'] : [words, `(${words === 'TOP SECRET' ? 'TS' : words.charAt(0)})`];
    case 'nato':
      return [level === 'top-secret' ? 'COSMIC TOP SECRET' : `NATO ${words}`];
    case 'eu':
      return [`EU ${words}`];
    case 'plain':
      return [words];
    default:
      return scheme satisfies never;
  }
}

function isSame(read: Marking | undefined, { scheme, level, caveats, releasableTo }: Marking): boolean {
  if (read === undefined || read.scheme !== scheme || rankOf(read.level) !== rankOf(level)) return false;
  if (read.caveats.join() !== [...caveats].sort().join()) return false;
  return read.releasableTo?.join() === (releasableTo === undefined ? undefined : [...releasableTo].sort().join());
}
