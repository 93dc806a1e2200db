// What an end of a stream says of its limits (XEP-0478): the largest stanza it takes, and how long it bears silence.
import type { XmlElement } from '../xml/element.ts';

const limitsNs = 'urn:xmpp:stream-limits:0';

export type StreamLimits = { readonly maxBytes: number; readonly idleSeconds: number };

export function printLimits({ maxBytes, idleSeconds }: StreamLimits): string {
  return `<limits xmlns="${limitsNs}"><max-bytes>${maxBytes}</max-bytes><idle-seconds>${idleSeconds}</idle-seconds></limits>`;
}

/**
 * The limits in features or in a bidi request. A size below 10,000 bytes is not believed (RFC 6120 §13.12), nor is a
 * silence of less than ten seconds: no stream could be kept alive under it.
 */
export function limitsIn(parent: XmlElement): Partial<StreamLimits> {
  const limits = parent.children.find((each) => each.ns === limitsNs && each.name === 'limits');
  const maxBytes = numberIn(limits, 'max-bytes');
  const idleSeconds = numberIn(limits, 'idle-seconds');
  return {
    ...(maxBytes !== undefined && maxBytes >= 10_000 ? { maxBytes } : {}),
    ...(idleSeconds !== undefined && idleSeconds >= 10 ? { idleSeconds } : {}),
  };
}

function numberIn(limits: XmlElement | undefined, name: string): number | undefined {
  const text = limits?.children.find((each) => each.ns === limitsNs && each.name === name)?.text.trim() ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
