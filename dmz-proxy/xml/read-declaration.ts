// The optional XML declaration at the start of a stream (RFC 6120 §11.5 to §11.8, xmpp-boundary P2, P3).
import type { StreamCondition } from '@sallyport/shared/refusals.ts';

export type Declaration =
  /** Not enough characters yet. */
  | { readonly state: 'more' }
  /** The root may follow at this index. */
  | { readonly state: 'read'; readonly length: number }
  | { readonly state: 'broken'; readonly condition: StreamCondition; readonly note: string };

const longest = 256;
const opening = '<?xml';
const form =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])([a-zA-Z0-9_.:-]+)\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])([A-Za-z][A-Za-z0-9._-]*)\3)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(yes|no)\5)?[ \t\r\n]*\?>$/;

/**
 * Reads the declaration, if there is one, from the first characters of a stream. A byte order mark counts as text
 * before the root. Called again with more characters while it says `more`; it never wants more than 256.
 */
export function readDeclaration(head: string): Declaration {
  if (head === '' || head === '<') return { state: 'more' };
  if (!head.startsWith('<')) {
    return /^[ \t\r\n]/.test(head)
      ? { state: 'read', length: 0 }
      : broken('not-well-formed', 'text or a byte order mark before the root');
  }
  if (head[1] !== '?') return { state: 'read', length: 0 };
  if (head.length <= opening.length) {
    return opening.startsWith(head) ? { state: 'more' } : broken('restricted-xml', 'a processing instruction');
  }
  if (!/^<\?xml[ \t\r\n]/.test(head)) return broken('restricted-xml', 'a processing instruction');
  const end = head.indexOf('?>');
  if (end < 0 && head.length < longest) return { state: 'more' };
  if (end < 0 || end + 2 > longest) return broken('not-well-formed', 'an XML declaration without an end');
  return check(head.slice(0, end + 2));
}

function check(declaration: string): Declaration {
  const [, , version, , encoding, , standalone] = form.exec(declaration) ?? [];
  if (version === undefined) return broken('not-well-formed', 'a malformed XML declaration');
  if (version !== '1.0') return broken('not-well-formed', 'a version of XML other than 1.0');
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
    return broken('unsupported-encoding', 'a declared encoding other than UTF-8');
  }
  if (standalone === 'no') return broken('restricted-xml', 'a document that needs an outside declaration');
  return { state: 'read', length: declaration.length };
}

function broken(condition: StreamCondition, note: string): Declaration {
  return { state: 'broken', condition, note };
}
