// What a peer may say on a live stream besides stream management: stanzas, and an error (RFC 6120 §4.9, §8; P13).
import type { XmlElement } from '../xml/element.ts';
import { type Ending, streamError } from './ending.ts';
import { serverNs } from './header.ts';
import { readStreamError } from './stream-error.ts';

export function isStanza(element: XmlElement): boolean {
  return (
    element.ns === serverNs && (element.name === 'message' || element.name === 'presence' || element.name === 'iq')
  );
}

/** How a stream ends after an element that is no stanza: by the peer's own error, or by ours. */
export function notAStanza(element: XmlElement): Ending {
  return readStreamError(element) ?? streamError('unsupported-stanza-type', 'a first-level element of an unknown kind');
}
