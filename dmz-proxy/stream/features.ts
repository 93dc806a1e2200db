// Stream features, written and read (RFC 6120 §4.3.2, XEP-0478; xmpp-boundary H15 to H20).
import type { XmlElement } from '../xml/element.ts';
import { bidiFeature, offersBidi } from './bidi.ts';
import { streamNs } from './header.ts';
import { limitsIn, printLimits, type StreamLimits } from './stream-limits.ts';
import { managementFeature, managementNs } from './stream-management.ts';

export const tlsNs = 'urn:ietf:params:xml:ns:xmpp-tls';
export const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** Before TLS: STARTTLS, required, and nothing else (H15). */
export function featuresBeforeTls(): string {
  return `<stream:features><starttls xmlns="${tlsNs}"><required/></starttls></stream:features>`;
}

/**
 * After TLS: EXTERNAL to a peer whose certificate is already proved, dialback and bidi where its entry allows it (H16, B1).
 */
export function featuresBeforeAuthentication(
  limits: StreamLimits,
  offered: { readonly external: boolean; readonly dialback: boolean; readonly bidi: boolean },
): string {
  const mechanisms = offered.external
    ? `<mechanisms xmlns="${saslNs}"><mechanism>EXTERNAL</mechanism></mechanisms>`
    : '';
  const dialback = offered.dialback ? '<dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback>' : '';
  const bidi = offered.bidi ? bidiFeature : '';
  return `<stream:features>${mechanisms}${dialback}${bidi}${printLimits(limits)}</stream:features>`;
}

/** After authentication (H17), and only then stream management (B4). */
export function featuresAfterAuthentication(limits: StreamLimits): string {
  return `<stream:features>${printLimits(limits)}${managementFeature}</stream:features>`;
}

export type Features = {
  readonly startTls: boolean;
  /** SASL EXTERNAL is among the mechanisms; all others are ignored (A10), and so is an empty list (H19). */
  readonly external: boolean;
  /** Stream management in the one version that we speak (XEP-0198); urn:xmpp:sm:2 is ignored. */
  readonly streamManagement: boolean;
  readonly bidi: boolean;
  /** What the peer says of its own. */
  readonly limits: Partial<StreamLimits>;
  /** A feature that the peer requires and we do not know. */
  readonly requires: string | undefined;
};

// Whatever else the peer marks as required, we cannot do.
const known: ReadonlySet<string> = new Set([tlsNs, saslNs, managementNs, 'urn:xmpp:features:dialback']);

/** Reads a peer's features, a set in any order of which the unknown ones are ignored (H18). */
export function readFeatures(element: XmlElement): Features | undefined {
  if (element.ns !== streamNs || element.name !== 'features') return undefined;
  const mechanisms = child(element, saslNs, 'mechanisms');
  return {
    startTls: child(element, tlsNs, 'starttls') !== undefined,
    external:
      mechanisms?.children.some(
        (each) => each.ns === saslNs && each.name === 'mechanism' && each.text.trim() === 'EXTERNAL',
      ) ?? false,
    streamManagement: child(element, managementNs, 'sm') !== undefined,
    bidi: offersBidi(element),
    limits: limitsIn(element),
    requires: element.children.find(
      (each) => !known.has(each.ns) && each.children.some(({ ns, name }) => ns === each.ns && name === 'required'),
    )?.name,
  };
}

function child(parent: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return parent?.children.find((each) => each.ns === ns && each.name === name);
}
