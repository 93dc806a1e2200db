// Stream features, written and read (RFC 6120 §4.3.2, XEP-0478; xmpp-boundary H15 to H20).
import type { XmlElement } from '../xml/element.ts';
import { streamNs } from './header.ts';
import { managementFeature, managementNs } from './stream-management.ts';

export const tlsNs = 'urn:ietf:params:xml:ns:xmpp-tls';
export const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';
const limitsNs = 'urn:xmpp:stream-limits:0';

export type StreamLimits = { readonly maxBytes: number; readonly idleSeconds: number };

/** Before TLS: STARTTLS, required, and nothing else (H15). */
export function featuresBeforeTls(): string {
  return `<stream:features><starttls xmlns="${tlsNs}"><required/></starttls></stream:features>`;
}

/** After TLS: EXTERNAL to a peer whose certificate is already proved, dialback where its entry allows it (H16). */
export function featuresBeforeAuthentication(
  limits: StreamLimits,
  offered: { readonly external: boolean; readonly dialback: boolean },
): string {
  const mechanisms = offered.external
    ? `<mechanisms xmlns="${saslNs}"><mechanism>EXTERNAL</mechanism></mechanisms>`
    : '';
  const dialback = offered.dialback ? '<dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback>' : '';
  return `<stream:features>${mechanisms}${dialback}${limitsFeature(limits)}</stream:features>`;
}

/** After authentication (H17), and only then stream management (B4). */
export function featuresAfterAuthentication(limits: StreamLimits): string {
  return `<stream:features>${limitsFeature(limits)}${managementFeature}</stream:features>`;
}

function limitsFeature({ maxBytes, idleSeconds }: StreamLimits): string {
  return `<limits xmlns="${limitsNs}"><max-bytes>${maxBytes}</max-bytes><idle-seconds>${idleSeconds}</idle-seconds></limits>`;
}

export type Features = {
  readonly startTls: boolean;
  /** SASL EXTERNAL is among the mechanisms; all others are ignored (A10), and so is an empty list (H19). */
  readonly external: boolean;
  /** Stream management in the one version that we speak (XEP-0198); urn:xmpp:sm:2 is ignored. */
  readonly streamManagement: boolean;
  /** The largest stanza that the peer takes, where it says so. */
  readonly maxBytes: number | undefined;
};

/** Reads a peer's features, a set in any order of which the unknown ones are ignored (H18). */
export function readFeatures(element: XmlElement): Features | undefined {
  if (element.ns !== streamNs || element.name !== 'features') return undefined;
  const mechanisms = child(element, saslNs, 'mechanisms');
  const maxBytes = Number(child(child(element, limitsNs, 'limits'), limitsNs, 'max-bytes')?.text.trim() || Number.NaN);
  return {
    startTls: child(element, tlsNs, 'starttls') !== undefined,
    external:
      mechanisms?.children.some(
        (each) => each.ns === saslNs && each.name === 'mechanism' && each.text.trim() === 'EXTERNAL',
      ) ?? false,
    streamManagement: child(element, managementNs, 'sm') !== undefined,
    maxBytes: Number.isSafeInteger(maxBytes) && maxBytes >= 10_000 ? maxBytes : undefined,
  };
}

function child(parent: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return parent?.children.find((each) => each.ns === ns && each.name === name);
}
