// The marking that a security label carries (XEP-0258): its display marking, and the ESS label behind it (RFC 2634 §3).
import type { SecurityLabel } from '../../packet.ts';
import { casedOf } from '../cased.ts';
import { joinOf, type Level, type Marking } from './marking.ts';
import { findMarkings } from './parse-markings.ts';

export type LabelRead =
  | { readonly ok: true; readonly marking: Marking }
  /** Nothing that we know stands in it; whoever asks must treat it as the strictest. */
  | { readonly ok: false };

/**
 * Reads a label. Where the display marking and the ESS label both tell a level, the stricter one counts, so that a label
 * cannot be shown as less than it is. Categories of the ESS label that we do not know make it unknown.
 */
export function markingOfLabel(label: Pick<SecurityLabel, 'display' | 'label'>): LabelRead {
  const shown = shownMarking(label.display);
  if (label.label.length === 0) return shown === undefined ? { ok: false } : { ok: true, marking: shown };
  const ess = readEss(label.label);
  if (ess === undefined || ess.hasCategories) return { ok: false };
  if (shown === undefined) {
    if (ess.level === undefined) return { ok: false };
    return { ok: true, marking: { scheme: 'plain', level: ess.level, caveats: [] } };
  }
  if (shown.scheme === 'tlp') return { ok: true, marking: shown };
  const below: Marking = { scheme: shown.scheme, level: ess.level ?? 'unclassified', caveats: [] };
  return { ok: true, marking: joinOf<Marking>(shown, below) };
}

// All of it must be a marking, or it says something that we would not see.
function shownMarking(display: string | undefined): Marking | undefined {
  if (display === undefined) return undefined;
  const ascii = /^[\x00-\x7f]*$/.test(display);
  const cased = casedOf({ text: display.toUpperCase(), ascii });
  const [first, ...others] = findMarkings(cased);
  if (first === undefined || others.length > 0) return undefined;
  const rest = display.slice(0, first.start) + display.slice(first.end);
  return /[\p{L}\p{N}]/u.test(rest) ? undefined : first.marking;
}

// X.411 §8.5.9: 0 unmarked, 1 unclassified, 2 restricted, 3 confidential, 4 secret, 5 top secret; others are private.
const classifications: readonly Level[] = [
  'unclassified',
  'unclassified',
  'restricted',
  'confidential',
  'secret',
  'top-secret',
];

type Ess = { readonly level?: Level; readonly hasCategories: boolean };

/** ESSSecurityLabel ::= SET { policy OID, classification INTEGER, privacy mark, categories }, in DER; undefined: it is not. */
function readEss(der: Uint8Array): Ess | undefined {
  const outer = readElement(der, 0);
  if (outer === undefined || outer.tag !== 0x31 || outer.end !== der.length) return undefined;
  let level: Level | undefined;
  let hasCategories = false;
  let hasPolicy = false;
  for (let at = outer.start; at < outer.end; ) {
    const element = readElement(der, at);
    if (element === undefined || element.end > outer.end) return undefined;
    at = element.end;
    switch (element.tag) {
      case 0x06:
        hasPolicy = true;
        break;
      case 0x02: {
        const value = element.end - element.start === 1 ? (der[element.start] ?? 255) : 255;
        level = classifications[value];
        if (level === undefined) return undefined;
        break;
      }
      // The privacy mark: a PrintableString or a UTF8String.
      case 0x13:
      case 0x0c:
        break;
      case 0x31:
        hasCategories = true;
        break;
      default:
        return undefined;
    }
  }
  return hasPolicy ? { hasCategories, ...(level === undefined ? {} : { level }) } : undefined;
}

type Element = { readonly tag: number; readonly start: number; readonly end: number };

function readElement(der: Uint8Array, at: number): Element | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  let length = first;
  let start = at + 2;
  if (first > 0x80 && first <= 0x82) {
    length = 0;
    for (let i = 0; i < first - 0x80; i++) length = length * 256 + (der[start + i] ?? 0);
    start += first - 0x80;
  } else if (first >= 0x80) return undefined;
  const end = start + length;
  return end <= der.length ? { tag, start, end } : undefined;
}
