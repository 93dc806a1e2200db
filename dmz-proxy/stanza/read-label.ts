// The security label of a message, in and out (XEP-0258, RFC 2634): what stands in it, read by the policy's own mapping, and
// the element that is made for a marking. Nothing of a label goes through unread.
import type { SecurityLabel } from '@sallyport/shared/packet.ts';
import { type Labels, usualLabels } from '@sallyport/shared/policy/label-schema.ts';
import { type LeavingLabel, readLabel, writtenLabel } from '@sallyport/shared/policy/read-label.ts';
import { pass, type Verdict } from '@sallyport/shared/verdict.ts';
import { xml } from '@xmpp/xml';
import type { XmlElement } from '../xml/element.ts';
import { printBuilt } from '../xml/print.ts';
import { malformed } from './malformed.ts';
import { essLabelNs, securityLabelNs } from './namespaces.ts';
import { unknownLabel } from './read-parts.ts';

const displayCharacters = 200;
const base64Characters = 5464;

/**
 * What the label says; undefined where it asks for the default. Refuses with `stanza-malformed` what breaks the form of
 * its rows (several labels in one, base64 that is none or of more than 4 KiB), and with `label-unknown` what the policy
 * cannot read, a display marking of more than 200 characters among it.
 */
export function readSecurityLabel(
  element: XmlElement,
  labels: Labels = usualLabels,
): Verdict<SecurityLabel | undefined> {
  let display = '';
  let primary: Label = 'default';
  const equivalents: (Uint8Array | 'unknown')[] = [];
  for (const child of element.children) {
    if (child.name === 'displaymarking') {
      display = child.text;
      continue;
    }
    const label = labelIn(child);
    if (label === 'malformed') return malformed(`${child.name}: it holds no one label`);
    if (child.name === 'label') primary = label;
    else if (label === 'default') return malformed('equivalentlabel: it holds no label');
    else equivalents.push(label);
  }
  if (display.length > displayCharacters) return unknownLabel('a display marking of more than 200 characters');
  const read = readLabel({ display, primary, equivalents }, labels);
  if (read === undefined) return unknownLabel('no label of the policy');
  return pass(read === 'default' ? undefined : read);
}

type Label = Uint8Array | 'unknown' | 'default';

function labelIn({ children: [first, ...others] }: XmlElement): Label | 'malformed' {
  if (others.length > 0) return 'malformed';
  if (first === undefined) return 'default';
  if (first.ns !== essLabelNs || first.name !== 'esssecuritylabel') return 'unknown';
  return first.children.length > 0 ? 'malformed' : bytesOf(first.text);
}

// White space may stand around it and in it (RFC 2045); signs of another alphabet, and what decodes to more than it says, may not.
function bytesOf(text: string): Uint8Array | 'malformed' {
  if (text.length > base64Characters) return 'malformed';
  const base64 = text.replace(/[ \t\r\n]+/g, '');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return 'malformed';
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : 'malformed';
}

/** The element for a message that leaves, printed; undefined where the policy has no label for its marking. */
export function printLabel(label: SecurityLabel, labels: Labels = usualLabels): string | undefined {
  const written = writtenLabel(label, labels);
  if (written === undefined) return undefined;
  const known = printed.get(written);
  if (known !== undefined) return known;
  const ess = xml('esssecuritylabel', { xmlns: essLabelNs }, Buffer.from(written.label).toString('base64'));
  const element = xml(
    'securitylabel',
    { xmlns: securityLabelNs },
    xml('displaymarking', {}, written.display),
    xml('label', {}, ess),
  );
  const text = printBuilt(element);
  printed.set(written, text);
  return text;
}

const printed = new WeakMap<LeavingLabel, string>();
