// Stream features, written and read (RFC 6120 §4.3.2, XEP-0478; xmpp-boundary H15 to H20).
import type { XmlElement } from '../xml/element.ts';
import { streamNs } from './header.ts';

export const tlsNs = 'urn:ietf:params:xml:ns:xmpp-tls';
export const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';
const limitsNs = 'urn:xmpp:stream-limits:0';

export type StreamLimits = { readonly maxBytes: number; readonly idleSeconds: number };

/** Before TLS: STARTTLS, required, and nothing else (H15). */
export function featuresBeforeTls(): string {
  return `<stream:features><starttls xmlns="${tlsNs}"><required/></starttls></stream:features>`;
}

/** After TLS, to a peer whose certificate is already proved (H16). Dialback's feature would stand here. */
export function featuresBeforeAuthentication(): string {
  return `<stream:features><mechanisms xmlns="${saslNs}"><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`;
}

/** After authentication (H17). The feature of stream management (XEP-0198) would stand here. */
export function featuresAfterAuthentication(limits: StreamLimits): string {
  return (
    `<stream:features><limits xmlns="${limitsNs}"><max-bytes>${limits.maxBytes}</max-bytes>` +
    `<idle-seconds>${limits.idleSeconds}</idle-seconds></limits></stream:features>`
  );
}

export type Features = {
  readonly startTls: boolean;
  /** SASL EXTERNAL is among the mechanisms; all others are ignored (A10), and so is an empty list (H19). */
  readonly external: boolean;
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
    maxBytes: Number.isSafeInteger(maxBytes) && maxBytes >= 10_000 ? maxBytes : undefined,
  };
}

function child(parent: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return parent?.children.find((each) => each.ns === ns && each.name === name);
}
