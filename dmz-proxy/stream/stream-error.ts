// A stream error that a peer sent us (RFC 6120 §4.9): read for the log, and never followed elsewhere (N13).
import type { XmlElement } from '../xml/element.ts';
import type { Ending } from './ending.ts';
import { streamNs } from './header.ts';

const errorsNs = 'urn:ietf:params:xml:ns:xmpp-streams';

/** The ending that a peer's `<stream:error/>` is; undefined for any other element. Its text is not to be trusted. */
export function readStreamError(element: XmlElement): Extract<Ending, { kind: 'closed' }> | undefined {
  if (element.ns !== streamNs || element.name !== 'error') return undefined;
  const words = element.children.filter((child) => child.ns === errorsNs);
  const condition = (words.find((child) => child.name !== 'text')?.name ?? 'undefined-condition').slice(0, 64);
  const text = plain(words.find((child) => child.name === 'text')?.text ?? '');
  return {
    kind: 'closed',
    by: 'peer',
    condition,
    note: `the peer ended the stream: ${condition}${text === '' ? '' : ` (${text})`}`,
  };
}

/** Printable ASCII alone, 200 characters at most: it goes into logs and onto an operator's terminal (S14). */
export function plain(text: string): string {
  return text
    .replace(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, 200);
}
