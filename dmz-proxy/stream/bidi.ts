// One stream for both directions (XEP-0288): the words, and what a request says about the peer's limits (XEP-0478; B1, H21).
import type { XmlElement } from '../xml/element.ts';
import { limitsIn, printLimits, type StreamLimits } from './stream-limits.ts';

const bidiNs = 'urn:xmpp:bidi';
const featureNs = 'urn:xmpp:features:bidi';

/** Offered after TLS and before authentication, to partners whose entry says so. */
export const bidiFeature = `<bidi xmlns="${featureNs}"/>`;

/** Whether these features offer it. */
export function offersBidi(features: XmlElement): boolean {
  return features.children.some(({ ns, name }) => ns === featureNs && name === 'bidi');
}

/** The request, with the limits that we have for what comes back on this stream. */
export function printBidi(limits: StreamLimits): string {
  return `<bidi xmlns="${bidiNs}">${printLimits(limits)}</bidi>`;
}

/** What a request says of its sender's limits; undefined where the element is no request. */
export function readBidi(element: XmlElement): Partial<StreamLimits> | undefined {
  return element.ns === bidiNs && element.name === 'bidi' ? limitsIn(element) : undefined;
}
