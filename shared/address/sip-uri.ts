// SIP addresses and JIDs, each from the other (RFC 7247 §6, XEP-0106, xmpp-boundary §3.1).
import { toAsciiDomain } from './domain-name.ts';
import { type Jid, parseJid } from './jid.ts';

const longestUri = 8192;
const rememberedAtMost = 20_000;
const longestRemembered = 512;

// RFC 3261 §25.1: user, an optional password, host and port, parameters, headers. Only `@` divides user and host:
// the grammar has no unescaped one elsewhere, so a second one makes the whole thing malformed.
const uriPattern =
  /^sips?:((?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+)(?::(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*)?@([A-Za-z0-9.-]+)(?::\d{1,5})?((?:;[^@?;\0-\x20\x7f]*)*)(?:\?[^@\0-\x20\x7f]*)?$/i;
const telephonePattern = /^\+[0-9().-]*$|;phone-context=/i;

const escapeOf: ReadonlyMap<string, string> = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
]);
const characterOf: ReadonlyMap<string, string> = new Map([
  ...[...escapeOf].map(([character, escaped]) => [escaped, character] as const),
  ['\\5c', '\\'],
]);
// In either case: preparation makes lower case of `\2F`, which then is an escape.
const toEscape = /[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/gi;
const toUnescape = /\\(?:20|22|26|27|2f|3a|3c|3e|40|5c)/g;
const toEncode = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;

const jids = new Map<string, Jid>();
const uris = new Map<string, string>();

/**
 * The JID of a `sip:` or `sips:` URI. Password, port, parameters and headers are dropped, but `gr` becomes the
 * resource. undefined (refusal code `jid-malformed`): another scheme, no user, a telephone number or `user=phone`,
 * percent-encoding that is not UTF-8, control characters, a leading or trailing space, too long after escaping, or an
 * address that would not come back as it was. The text is decoded exactly once. Remembered, 20,000 at most.
 */
export function sipToJid(uri: string): Jid | undefined {
  const known = jids.get(uri);
  if (known !== undefined) return known;
  const jid = readUri(uri);
  if (jid === undefined || jidToSip(jid) === undefined) return undefined;
  return remember(jids, uri, jid);
}

/**
 * The address of record of a JID, `sip:user@host`; the resource is not part of it. undefined where the JID has no
 * local part, or where the way back would not lead to the same JID.
 */
export function jidToSip(jid: Jid): string | undefined {
  const known = uris.get(jid.bare);
  if (known !== undefined) return known;
  if (jid.local === '') return undefined;
  const user = jid.local.replace(toUnescape, (found) => characterOf.get(found) ?? found);
  const uri = `sip:${user.replace(toEncode, encodeURIComponent)}@${toAsciiDomain(jid.domain)}`;
  return readUri(uri)?.bare === jid.bare ? remember(uris, jid.bare, uri) : undefined;
}

function readUri(uri: string): Jid | undefined {
  if (uri.length > longestUri) return undefined;
  const [, encodedUser, host, parameters] = uriPattern.exec(uri) ?? [];
  if (encodedUser === undefined || host === undefined || parameters === undefined) return undefined;
  if (telephonePattern.test(encodedUser)) return undefined;
  const user = decode(encodedUser);
  if (user === undefined || user.startsWith(' ') || user.endsWith(' ')) return undefined;
  // The last letter of an escape would take the mark: `>` with an acute accent became `\3é`.
  if (/[ "&'/:<>@\\]\p{M}/u.test(user)) return undefined;
  if (/;user=phone(?:;|$)/i.test(parameters)) return undefined;
  let resource = '';
  const gr = /;gr=([^;]*)/i.exec(parameters)?.[1];
  if (gr !== undefined && gr !== '') {
    const decoded = decode(gr);
    if (decoded === undefined) return undefined;
    resource = `/${decoded}`;
  }
  const local = user.replace(toEscape, (found) => escapeOf.get(found) ?? '\\5c');
  return parseJid(`${local}@${host}${resource}`);
}

/** Undoes one level of percent-encoding; undefined for what is not UTF-8 or has control characters. */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    const decoded = decodeURIComponent(text);
    return /[\0-\x1f\x7f-\x9f]/.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function remember<V>(cache: Map<string, V>, key: string, value: V): V {
  if (key.length > longestRemembered) return value;
  if (cache.size >= rememberedAtMost) cache.clear();
  cache.set(key, value);
  return value;
}
