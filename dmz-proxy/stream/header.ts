// Stream headers, read and written (RFC 6120 §4.7, §4.8; xmpp-boundary H1 to H14).
import { randomBytes } from 'node:crypto';
import { parseDomain } from '@sallyport/shared/address/jid.ts';
import type { XmlElement } from '../xml/element.ts';
import { escapeAttribute } from '../xml/print.ts';
import { ended, type Step, streamError, went } from './ending.ts';

export const streamNs = 'http://etherx.jabber.org/streams';
export const serverNs = 'jabber:server';

export type Header = {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly id: string | undefined;
  /** BCP 47, or empty where none was given or it was unusable (H13). */
  readonly lang: string;
};

/** Reads a header: namespaces (H1, H2) and version (H5). Addresses are judged by `readDomain`. */
export function readHeader(root: XmlElement, contentNs: string): Step<Header> {
  if (root.ns !== streamNs) return ended(streamError('invalid-namespace', 'the root is not of the stream namespace'));
  if (root.name !== 'stream') return ended(streamError('invalid-namespace', 'the root is not a stream'));
  if (contentNs !== serverNs) {
    const note = contentNs === 'jabber:client' ? 'a client dialled the port of servers' : 'no jabber:server content';
    return ended(streamError('invalid-namespace', note));
  }
  if (!speaksVersion1(root.attributes.version)) {
    return ended(streamError('unsupported-version', 'the peer does not speak XMPP 1.0'));
  }
  const lang = root.attributes['xml:lang'] ?? '';
  return went({
    to: root.attributes.to,
    from: root.attributes.from,
    id: root.attributes.id,
    lang: /^[A-Za-z0-9-]{1,35}$/.test(lang) ? lang : '',
  });
}

/** A domain of a header. Undefined: not one; `whole-address`: a localpart or a resource is with it (H8). */
export function readDomain(text: string): { domain: string } | 'whole-address' | undefined {
  if (text.includes('@') || text.includes('/')) return 'whole-address';
  const domain = parseDomain(text);
  return domain === undefined ? undefined : { domain };
}

/** Our header. `id` is left out on the header of an initiator. */
export function printHeader(header: { to?: string; from: string; id?: string }): string {
  const to = header.to === undefined ? '' : ` to="${escapeAttribute(header.to)}"`;
  const id = header.id === undefined ? '' : ` id="${escapeAttribute(header.id)}"`;
  return (
    '<?xml version="1.0"?><stream:stream xmlns="jabber:server" xmlns:stream="http://etherx.jabber.org/streams"' +
    ` xmlns:db="jabber:server:dialback" from="${escapeAttribute(header.from)}"${to}${id} version="1.0" xml:lang="en">`
  );
}

/** A new stream id: 160 random bits, a letter first so that it is an NMTOKEN and a name (H10). */
export function newStreamId(): string {
  return `s${randomBytes(20).toString('hex')}`;
}

// Major and minor are two numbers; leading zeros are ignored (RFC 6120 §4.7.5).
function speaksVersion1(version: string | undefined): boolean {
  const parts = /^(\d{1,9})\.(\d{1,9})$/.exec(version ?? '');
  return parts !== null && Number(parts[1]) >= 1;
}
