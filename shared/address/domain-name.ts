// Domains of addresses: one prepared form with U-labels, and the A-labels of DNS and TLS (RFC 5890 to 5893, RFC 7622 §3.2).
import { keepsBidiRule, readsRightToLeft } from './bidi-rule.ts';
import { firstOutside } from './character-tables.ts';
import { keepsContextRules } from './context-rules.ts';
import { looksLikeAnother } from './mixed-scripts.ts';
import { caseMapped } from './precis.ts';
import type { Prepared } from './prepared.ts';
import { fromPunycode, toPunycode } from './punycode.ts';

const longestLabel = 63;
const longestDomain = 253;
const plainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Prepares a domain (J5): one trailing dot removed, lower case, fullwidth and halfwidth forms, NFC, A-labels made
 * U-labels. Each label must be plain ASCII or a U-label of IDNA2008, the Bidi rule must hold for all once one label
 * reads from right to left. IP addresses, reserved labels (`--` in third place) and mixed scripts are refused.
 */
export function prepareDomain(text: string): Prepared {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '') return { trouble: 'is empty' };
  if (name.length > 4 * longestDomain) return { trouble: tooLong };
  const labels: string[] = [];
  for (const label of name.split('.')) {
    const prepared = isAscii(label) ? asciiLabel(label.toLowerCase()) : wideLabel(label);
    if ('trouble' in prepared) return prepared;
    labels.push(prepared.text);
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return { trouble: 'is an IP address, or ends like one' };
  const domain = labels.join('.');
  if (isAscii(domain)) return domain.length > longestDomain ? { trouble: tooLong } : { text: domain };
  if (toAsciiDomain(domain).length > longestDomain) return { trouble: tooLong };
  if (readsRightToLeft(domain) && !labels.every(keepsBidiRule)) return { trouble: 'mixes directions of writing' };
  return { text: domain };
}

/** A prepared domain with A-labels, for DNS, TLS and SIP: `xn--bcher-kva.example` for `bücher.example` (RFC 5890 §2.3.2). */
export function toAsciiDomain(domain: string): string {
  return isAscii(domain) ? domain : domain.split('.').map(toAsciiLabel).join('.');
}

const tooLong = `has more than ${longestDomain} octets, or more than ${longestLabel} in one label`;

function asciiLabel(label: string): Prepared {
  if (!plainLabel.test(label)) {
    return {
      trouble: label.length > longestLabel ? tooLong : 'has a label that is not of letters, digits and hyphens',
    };
  }
  if (!label.startsWith('--', 2)) return { text: label };
  if (!label.startsWith('xn--')) return { trouble: 'has a label with -- in the third place, which is reserved' };
  const decoded = fromPunycode(label.slice(4));
  if (decoded === undefined || isAscii(decoded)) return { trouble: `has ${label}, which is no A-label` };
  const trouble = troubleOf(decoded);
  if (trouble !== undefined) return { trouble };
  return toAsciiLabel(decoded) === label ? { text: decoded } : { trouble: `has ${label}, which is no A-label` };
}

// As it stands where that is a U-label: capitals of Cherokee are, and their small letters are not.
function wideLabel(label: string): Prepared {
  if (label.length > 4 * longestLabel) return { trouble: tooLong };
  const asItStands = troubleOf(label);
  if (asItStands === undefined) return { text: label };
  const mapped = caseMapped(label);
  if (mapped === undefined) return { trouble: asItStands };
  if (isAscii(mapped)) return asciiLabel(mapped);
  const trouble = troubleOf(mapped);
  return trouble === undefined ? { text: mapped } : { trouble };
}

/** Why a label that is not ASCII is no U-label (RFC 5891 §4.2, §5.4), or one that we refuse (J9). */
function troubleOf(label: string): string | undefined {
  if (firstOutside(label, 'IVCJ') !== undefined) return 'has a character that is in no domain';
  // INVARIANT: a run of marks is bounded before it is normalised; here by the length of a label.
  if (label.normalize('NFC') !== label) return 'is not in NFC';
  if (label.startsWith('-') || label.endsWith('-') || label.startsWith('--', 2)) return 'has a hyphen out of place';
  if (!keepsContextRules(label)) return 'has a character that is allowed beside certain others only';
  if (toAsciiLabel(label).length > longestLabel) return tooLong;
  return looksLikeAnother(label);
}

function toAsciiLabel(label: string): string {
  return isAscii(label) ? label : `xn--${toPunycode(label)}`;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
