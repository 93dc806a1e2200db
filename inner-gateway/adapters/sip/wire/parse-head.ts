// Start line and headers of a SIP message (RFC 3261 §7, §25): our own parser, the only one that sees hostile bytes.
import type { Header, SipMessage } from './message.ts';
import { parameter, readNameAddress } from './name-address.ts';

/** A head without fault, waiting for its body. */
export type Head = { readonly contentLength: number; readonly complete: (body: Uint8Array) => SipMessage };

/**
 * What is wrong with a head. `message` stands where enough was readable to answer a request with 400.
 * `contentLength` stands where the end of the message is known all the same; without it the connection has to end.
 */
export type BadHead = {
  readonly why: string;
  readonly message?: SipMessage;
  readonly contentLength?: number;
};

const maxHeaders = 256;
const singles = new Set(['from', 'to', 'call-id', 'cseq', 'content-length']);
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/;
const emptyBody = new Uint8Array(0);

/** Parses a head (without the empty line that ends it). Names become their long form in lower case; values stay. */
export function parseHead(text: string): Head | BadHead {
  const clean = !forbidden.test(text);
  const head = text.includes('\r\n ') || text.includes('\r\n\t') ? text.replace(/\r\n[ \t]+/g, ' ') : text;
  const firstEnd = head.indexOf('\r\n');
  const startLine = firstEnd < 0 ? head : head.slice(0, firstEnd);
  const headers: Header[] = [];
  let trouble = clean ? '' : 'a control character, or text that is not UTF-8';
  let from = '';
  let to = '';
  let callId = '';
  let cseq = '';
  let via = '';
  let length = '';
  let seen = 0;
  for (let at = firstEnd < 0 ? head.length : firstEnd + 2; at < head.length; ) {
    let end = head.indexOf('\r\n', at);
    if (end < 0) end = head.length;
    const lineFeed = head.indexOf('\n', at);
    const carriageReturn = head.indexOf('\r', at);
    if ((lineFeed >= 0 && lineFeed < end) || (carriageReturn >= 0 && carriageReturn < end)) {
      trouble ||= 'a line end that is not CRLF';
    }
    const colon = head.indexOf(':', at);
    if (colon <= at || colon > end) trouble ||= 'a header line without a name';
    else {
      const name = longName(head, at, colon);
      const value = trimmed(head, colon + 1, end);
      if (name === '') trouble ||= 'a header name that is not a token';
      headers.push({ name, value });
      const bit = bitOf(name);
      if (bit !== 0) {
        if ((seen & bit) !== 0 && singles.has(name)) {
          if (name === 'content-length') return { why: 'Content-Length twice' };
          trouble ||= `${name} twice`;
        } else if (bit === 1) from = value;
        else if (bit === 2) to = value;
        else if (bit === 4) callId = value;
        else if (bit === 8) cseq = value;
        else if (bit === 16) length = value;
        else if (bit === 32 && via === '') via = value;
        seen |= bit;
      }
    }
    at = end + 2;
  }
  if (headers.length > maxHeaders) return { why: 'too many headers' };
  if (!/^\d{1,9}$/.test(length)) return { why: length === '' ? 'no Content-Length' : 'Content-Length is no number' };
  const contentLength = Number(length);
  const start = parseStart(startLine);
  const sequence = /^(\d{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~-]{1,32})$/.exec(cseq);
  const topVia = parseVia(via);
  const fromAddress = readNameAddress(from);
  const toAddress = readNameAddress(to);
  if (start === undefined || sequence === null || topVia === undefined || callId === '' || from === '' || to === '') {
    return { why: trouble || 'a start line or a mandatory header is missing or broken', contentLength };
  }
  const fromTag = fromAddress === undefined ? '' : (parameter(fromAddress.parameters, 'tag') ?? '');
  const toTag = toAddress === undefined ? '' : (parameter(toAddress.parameters, 'tag') ?? '');
  const number = Number(sequence[1]);
  const cseqMethod = sequence[2] ?? '';
  if (fromAddress === undefined || toAddress === undefined) trouble ||= 'From or To is not an address';
  if (fromTag === '') trouble ||= 'From has no tag';
  if (callId.length > 512 || fromTag.length > 256 || toTag.length > 256 || /[\s]/.test(callId)) {
    trouble ||= 'a dialog identifier that is too long';
  }
  if (number >= 2 ** 31) trouble ||= 'CSeq out of range';
  if (start.kind === 'request' && start.method !== cseqMethod) trouble ||= 'CSeq names another method';
  const common = { headers, from, fromTag, to, toTag, callId, cseq: number, cseqMethod, sentBy: topVia.sentBy };
  const branch = topVia.branch || `none ${callId} ${fromTag} ${number} ${via}`;
  const complete = (body: Uint8Array): SipMessage =>
    start.kind === 'request' ? { ...start, ...common, branch, body } : { ...start, ...common, branch, body };
  return trouble === '' ? { contentLength, complete } : { why: trouble, contentLength, message: complete(emptyBody) };
}

type Start =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

function parseStart(line: string): Start | undefined {
  if (line.startsWith('SIP/2.0 ')) {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/.exec(line);
    return match === null ? undefined : { kind: 'response', status: Number(match[1]), reason: match[2] ?? '' };
  }
  const match = /^([A-Za-z0-9.!%*_+`'~-]{1,32}) ([^\s<>"]{1,4096}) SIP\/2\.0$/.exec(line);
  return match === null ? undefined : { kind: 'request', method: match[1] ?? '', uri: match[2] ?? '' };
}

function parseVia(via: string): { readonly sentBy: string; readonly branch: string } | undefined {
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*[A-Za-z]{2,8}\s+([^\s;,]+)/.exec(via);
  if (match === null) return undefined;
  const comma = via.indexOf(',');
  const branch = /;\s*branch\s*=\s*([^\s;,"]+)/i.exec(comma < 0 ? via : via.slice(0, comma))?.[1] ?? '';
  return { sentBy: match[1] ?? '', branch: branch.length > 256 ? '' : branch };
}

const compact = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

// The spellings that peers use, so that the usual name costs a look-up and no new string.
const spelled = new Map(
  (
    'Via From To Call-ID CSeq Contact Route Record-Route Max-Forwards Content-Type Content-Length User-Agent ' +
    'Supported Require Proxy-Require Allow Ms-Conversation-ID ms-diagnostics Server P-Asserted-Identity Call-Id ' +
    'Accept Session-Expires Ms-Text-Format Roster-Manager EndPoints Warning'
  )
    .split(' ')
    .map((name): [string, string] => [name, name.toLowerCase()]),
);

function longName(head: string, start: number, colon: number): string {
  const written = head.slice(start, colon);
  const known = spelled.get(written);
  if (known !== undefined) return known;
  const name = written.trimEnd().toLowerCase();
  if (!/^[a-z0-9.!%*_+`'~-]{1,64}$/.test(name)) return '';
  return name.length === 1 ? (compact.get(name) ?? name) : name;
}

function bitOf(name: string): number {
  switch (name) {
    case 'from':
      return 1;
    case 'to':
      return 2;
    case 'call-id':
      return 4;
    case 'cseq':
      return 8;
    case 'content-length':
      return 16;
    case 'via':
      return 32;
    default:
      return 0;
  }
}

function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && blank(text.charCodeAt(from))) from++;
  while (to > from && blank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function blank(code: number): boolean {
  return code === 32 || code === 9;
}
