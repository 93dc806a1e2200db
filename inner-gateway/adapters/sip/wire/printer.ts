// Prints SIP requests and responses (RFC 3261 §7). Whatever a value holds, it stays on its own line.
import { headers, type SipRequest } from './message.ts';

export type Field = readonly [name: string, value: string];
export type Body = { readonly type: string; readonly text: string };

/**
 * A request as text. Control characters in a value become blanks, so that no value can start a header of its own.
 * `printed` are header lines from `printLines`, for those that stay the same.
 */
export function printRequest(method: string, uri: string, fields: readonly Field[], body?: Body, printed = ''): string {
  return `${method} ${oneLine(uri)} SIP/2.0\r\n${printLines(fields)}${printed}${ending(body)}`;
}

/**
 * A response to a request: Via, From, To, Call-ID and CSeq as they came, then `fields`. `toTag` is added to To where
 * the request has none and the status is not 100.
 */
export function printResponse(
  request: SipRequest,
  status: number,
  toTag: string,
  fields: readonly Field[] = [],
  body?: Body,
): string {
  const same = request.lines.plain ? asItIs : oneLine;
  let text = `SIP/2.0 ${status} ${reasonOf(status)}\r\n`;
  for (const via of headers(request, 'via')) text += `Via: ${same(via)}\r\n`;
  const to = request.toTag === '' && status !== 100 ? `${request.to};tag=${toTag}` : request.to;
  text += `From: ${same(request.from)}\r\nTo: ${same(to)}\r\n`;
  text += `Call-ID: ${same(request.callId)}\r\nCSeq: ${request.cseq} ${request.cseqMethod}\r\n`;
  return `${text}${printLines(fields)}${ending(body)}`;
}

/** The Record-Route lines of a request, to be repeated in the response that makes a dialog (RFC 3261 §12.1.1). */
export function recordRoutes(request: SipRequest): Field[] {
  return headers(request, 'record-route').map((value): Field => ['Record-Route', value]);
}

/** The words that go with a status (RFC 3261 §21); they are for people who read traces. */
export function reasonOf(status: number): string {
  return reasons.get(status) ?? 'Refused';
}

/** A text that can stand in a quoted string, such as the reason of ms-diagnostics: at most 200 characters. */
export function quotable(text: string): string {
  return oneLine(text).replace(/["\\]/g, "'").slice(0, 200);
}

/** Header lines as text. */
export function printLines(fields: readonly Field[]): string {
  let text = '';
  for (const [name, value] of fields) text += `${name}: ${oneLine(value)}\r\n`;
  return text;
}

function ending(body: Body | undefined): string {
  if (body === undefined) return 'Content-Length: 0\r\n\r\n';
  const length = Buffer.byteLength(body.text);
  return `Content-Type: ${oneLine(body.type)}\r\nContent-Length: ${length}\r\n\r\n${body.text}`;
}

function asItIs(value: string): string {
  return value;
}

const controls = /[\0-\x1f\x7f\x85\u2028\u2029]/;

function oneLine(value: string): string {
  return controls.test(value) ? value.replace(/[\0-\x1f\x7f\x85\u2028\u2029]+/g, ' ') : value;
}

const reasons: ReadonlyMap<number, string> = new Map([
  [100, 'Trying'],
  [200, 'OK'],
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [410, 'Gone'],
  [415, 'Unsupported Media Type'],
  [416, 'Unsupported URI Scheme'],
  [420, 'Bad Extension'],
  [480, 'Temporarily Unavailable'],
  [481, 'Call/Transaction Does Not Exist'],
  [482, 'Loop Detected'],
  [484, 'Address Incomplete'],
  [487, 'Request Terminated'],
  [488, 'Not Acceptable Here'],
  [489, 'Bad Event'],
  [491, 'Request Pending'],
  [500, 'Server Internal Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
  [504, 'Server Time-out'],
  [513, 'Message Too Large'],
  [603, 'Decline'],
  [606, 'Not Acceptable'],
]);
