// Start line and headers of a SIP message (RFC 3261 §7, §25): our own parser, the only one that sees hostile bytes.
import { type HeaderLines, isBlank, lower, valueAfter } from './header-lines.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { readVia } from './via.ts';

/** A message whose body is still to come. */
export type Draft = Writable<SipRequest> | Writable<SipResponse>;
type Writable<M> = Omit<M, 'body'> & { body: Uint8Array };

/** A head without fault. */
export type Head = { readonly contentLength: number; readonly message: Draft };

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
const longestName = 64;
const longestMethod = 32;
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/;
// The usual head: printable ASCII in lines that end with CRLF. One test for all three costs half of the one above.
const usual = /^(?:[ -~]*\r\n)*[ -~]*$/;
const unprintable = /[\t\x85\u2028\u2029]/;
const bareReturn = /\r(?!\n)/;

const noBody = new Uint8Array(0);

/** Parses a head (without the empty line that ends it). Lines that are folded become one; values stay as they came. */
export function parseHead(text: string): Head | BadHead {
  const isUsual = usual.test(text);
  let trouble = isUsual || !forbidden.test(text) ? '' : 'a control character, or text that is not UTF-8';
  if (!isUsual && bareReturn.test(text)) trouble ||= 'a line end that is not CRLF';
  const startEnd = text.indexOf('\r\n');
  const startLine = startEnd < 0 ? text : text.slice(0, startEnd);
  const starts: number[] = [];
  let count = 0;
  let from = '';
  let to = '';
  let callId = '';
  let cseq = '';
  let via = '';
  let length = '';
  let seen = 0;
  for (let at = startEnd < 0 ? text.length : startEnd + 2; at < text.length; ) {
    const start = at;
    // It goes on with the line before it.
    if (isBlank(text.charCodeAt(start))) return parseHead(text.replace(/\r\n[ \t]+/g, ' '));
    let lineFeed = text.indexOf('\n', start);
    while (lineFeed >= 0 && text.charCodeAt(lineFeed - 1) !== 13) {
      trouble ||= 'a line end that is not CRLF';
      lineFeed = text.indexOf('\n', lineFeed + 1);
    }
    const end = lineFeed < 0 ? text.length : lineFeed - 1;
    at = end + 2;
    count++;
    let nameEnd = start;
    while (isToken(text.charCodeAt(nameEnd))) nameEnd++;
    let colon = nameEnd;
    while (isBlank(text.charCodeAt(colon))) colon++;
    if (text.charCodeAt(colon) !== 58 || nameEnd === start || nameEnd - start > longestName) {
      trouble ||= 'a header line without a name that is a token';
      continue;
    }
    starts.push(start);
    const known = knownAs(text, start, nameEnd - start);
    if (known === 0) continue;
    if ((seen & known) !== 0) {
      if (known === contentLengthBit) return { why: 'Content-Length twice' };
      if (known !== viaBit) trouble ||= 'a header twice that stands once';
      continue;
    }
    seen |= known;
    const value = valueAfter(text, colon);
    if (known === fromBit) from = value;
    else if (known === toBit) to = value;
    else if (known === callIdBit) callId = value;
    else if (known === cseqBit) cseq = value;
    else if (known === contentLengthBit) length = value;
    else via = value;
  }
  if (count > maxHeaders) return { why: 'too many headers' };
  const lengthEnd = digitsEnd(length);
  if (lengthEnd === 0 || lengthEnd !== length.length || lengthEnd > 9)
    return { why: length === '' ? 'no Content-Length' : 'Content-Length is no number' };
  const contentLength = Number(length);
  const start = parseStart(startLine);
  const numberEnd = digitsEnd(cseq);
  const number = Number(cseq.slice(0, numberEnd));
  const cseqMethod = numberEnd === 0 || numberEnd > 10 ? '' : methodAfter(cseq, numberEnd);
  const topVia = readVia(via);
  if (start === undefined || cseqMethod === '' || topVia === undefined || callId === '' || from === '' || to === '') {
    return { why: trouble || 'a start line or a mandatory header is missing or broken', contentLength };
  }
  const fromTag = tagOf(from);
  const toTag = tagOf(to);
  if (fromTag === undefined || toTag === undefined) trouble ||= 'From or To is not an address';
  if (fromTag === '') trouble ||= 'From has no tag';
  if (callId.length > 512 || (fromTag ?? '').length > 256 || (toTag ?? '').length > 256 || /[\s]/.test(callId)) {
    trouble ||= 'a dialog identifier that is too long';
  }
  if (number >= 2 ** 31) trouble ||= 'CSeq out of range';
  if (start.kind === 'request' && start.method !== cseqMethod) trouble ||= 'CSeq names another method';
  const { sentBy } = topVia;
  const branch = topVia.branch || `none ${callId} ${fromTag ?? ''} ${number} ${via}`;
  const lines: HeaderLines = { text, starts, plain: trouble === '' && (isUsual || !unprintable.test(text)) };
  const message = messageOf(start, {
    lines,
    from,
    fromTag: fromTag ?? '',
    to,
    toTag: toTag ?? '',
    callId,
    cseq: number,
    cseqMethod,
    branch,
    sentBy,
  });
  return trouble === '' ? { contentLength, message } : { why: trouble, contentLength, message };
}

// Written out, since this is done for every message: to spread it would cost as much as to read a third of the head.
function messageOf(start: Start, all: Omit<SipResponse, 'kind' | 'status' | 'reason' | 'body'>): Draft {
  const { lines, from, fromTag, to, toTag, callId, cseq, cseqMethod, branch, sentBy } = all;
  const body = noBody;
  if (start.kind === 'request') {
    const { kind, method, uri } = start;
    const transaction = `${branch} ${sentBy} ${method}`;
    return {
      kind,
      method,
      uri,
      transaction,
      lines,
      from,
      fromTag,
      to,
      toTag,
      callId,
      cseq,
      cseqMethod,
      branch,
      sentBy,
      body,
    };
  }
  const { kind, status, reason } = start;
  return { kind, status, reason, lines, from, fromTag, to, toTag, callId, cseq, cseqMethod, branch, sentBy, body };
}

type Start =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

const ok: Start = { kind: 'response', status: 200, reason: 'OK' };

function parseStart(line: string): Start | undefined {
  if (line === 'SIP/2.0 200 OK') return ok;
  if (line.startsWith('SIP/2.0 ')) {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/.exec(line);
    return match === null ? undefined : { kind: 'response', status: Number(match[1]), reason: match[2] ?? '' };
  }
  const match = /^([A-Za-z0-9.!%*_+`'~-]{1,32}) ([^\s<>"]{1,4096}) SIP\/2\.0$/.exec(line);
  return match === null ? undefined : { kind: 'request', method: match[1] ?? '', uri: match[2] ?? '' };
}

// The number that the text begins with, by where its digits end.
function digitsEnd(text: string): number {
  let at = 0;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

// The method of a CSeq, behind the blanks behind its number; empty where there is none.
function methodAfter(cseq: string, numberEnd: number): string {
  let start = numberEnd;
  while (isBlank(cseq.charCodeAt(start))) start++;
  let end = start;
  while (isToken(cseq.charCodeAt(end))) end++;
  if (start === numberEnd || end !== cseq.length || end - start > longestMethod) return '';
  return cseq.slice(start);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

// RFC 3261 §25.1: token. What is beyond a text, NaN, is none.
const tokens: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9.!%*_+`'~-]/.test(String.fromCharCode(code)),
);

function isToken(code: number): boolean {
  return code < 128 && tokens[code] === true;
}

const fromBit = 1;
const toBit = 2;
const callIdBit = 4;
const cseqBit = 8;
const contentLengthBit = 16;
const viaBit = 32;

// Which of the headers it is that every message needs, by a name of this length; 0: another one.
function knownAs(text: string, at: number, length: number): number {
  switch (length) {
    case 1:
      return shortBit(lower(text.charCodeAt(at)));
    case 2:
      return isName(text, at, 'to') ? toBit : 0;
    case 3:
      return isName(text, at, 'via') ? viaBit : 0;
    case 4:
      return isName(text, at, 'from') ? fromBit : isName(text, at, 'cseq') ? cseqBit : 0;
    case 7:
      return isName(text, at, 'call-id') ? callIdBit : 0;
    case 14:
      return isName(text, at, 'content-length') ? contentLengthBit : 0;
    default:
      return 0;
  }
}

// RFC 3261 §7.3.3: f, i, l, t, v.
function shortBit(code: number): number {
  switch (code) {
    case 102:
      return fromBit;
    case 105:
      return callIdBit;
    case 108:
      return contentLengthBit;
    case 116:
      return toBit;
    case 118:
      return viaBit;
    default:
      return 0;
  }
}

function isName(text: string, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (lower(text.charCodeAt(at + i)) !== name.charCodeAt(i)) return false;
  return true;
}
