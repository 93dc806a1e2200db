// The dialogs of the front end's users, and how requests and answers in them are printed (RFC 3261 §12).
import { randomBytes } from 'node:crypto';
import { header, type SipMessage, tagOf } from './wire.ts';

export type Dialog = {
  readonly callId: string;
  readonly localTag: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Our Contact, which the gateway must use as Request-URI to the letter. */
  readonly contact: string;
  /** What the gateway must send as Route, in this order. */
  readonly routes: readonly string[];
  readonly conversationId: string;
  /** Our From value in it, with tag. */
  local: string;
  /** Our To value in it, with tag. */
  remote: string;
  remoteTag: string;
  /** The gateway's Contact. */
  target: string;
  localCseq: number;
  lastCseq: number;
  /** A request of the gateway's is not answered yet. */
  busy: boolean;
  acknowledged: boolean;
};

export type Place = { readonly fqdn: string; readonly port: number };

const ownAllow = 'INVITE, BYE, ACK, CANCEL, INFO, MESSAGE, UPDATE, OPTIONS, NOTIFY, REFER, BENOTIFY';

/** The route of this front end: two entries, as a pool behind a director writes them; new for every dialog. */
export function newRecordRoutes({ fqdn, port }: Place): readonly string[] {
  const opaque = () => randomBytes(9).toString('base64').replace(/[+/=]/g, '~');
  return [
    `<sip:${fqdn}:${port};transport=tls;ms-fe=${fqdn};opaque=state:F:Ci.R${opaque()};lr;ms-route-sig=aaU7Z-_${opaque()}>`,
    `<sip:${fqdn}:${port};transport=tls;opaque=state:T:F:Ci.r${opaque()};lr>;tag=0E9F${opaque()}`,
  ];
}

export function newBranch(): string {
  return `z9hG4bK${randomBytes(6).toString('hex').toUpperCase()}.${randomBytes(4).toString('hex').toUpperCase()}`;
}

/** The Vias of a request as the gateway sees them: ours, and below it that of the client, which has no branch. */
export function viasOf({ fqdn, port }: Place, branch: string): readonly string[] {
  return [
    `SIP/2.0/TLS ${fqdn}:${port};branch=${branch};branched=FALSE;ms-internal-info="aBc-_d"`,
    'SIP/2.0/TLS 172.24.1.9:2140;ms-received-port=2140;ms-received-cid=2B00',
  ];
}

export type Request = {
  readonly method: string;
  readonly uri: string;
  readonly vias: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  readonly recordRoutes: readonly string[];
  readonly maxForwards?: number;
  readonly more?: readonly string[];
  readonly type?: string;
  readonly body?: string;
};

export function printRequest(request: Request): string {
  let text = `${request.method} ${request.uri} SIP/2.0\r\n`;
  for (const route of request.recordRoutes) text += `Record-Route: ${route}\r\n`;
  for (const via of request.vias) text += `Via: ${via}\r\n`;
  text +=
    `Max-Forwards: ${request.maxForwards ?? 69}\r\nFrom: ${request.from}\r\nTo: ${request.to}\r\n` +
    `Call-ID: ${request.callId}\r\nCSeq: ${request.cseq} ${request.method}\r\n`;
  for (const line of request.more ?? []) text += `${line}\r\n`;
  const body = request.body ?? '';
  if (request.type !== undefined) text += `Content-Type: ${request.type}\r\n`;
  return `${text}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export type Answer = {
  readonly status: number;
  readonly reason: string;
  /** The tag of our side, where the request's To has none. */
  readonly tag?: string;
  readonly recordRoutes?: readonly string[];
  readonly more?: readonly string[];
  readonly type?: string;
  readonly body?: string;
};

/** An answer to a request of the gateway's, with what a front end adds to the top Via. */
export function printAnswer(request: SipMessage, answer: Answer): string {
  const to = header(request, 'to');
  const tag = answer.tag === undefined || tagOf(to) !== '' ? '' : `;tag=${answer.tag};epid=a4ac5a5f0f`;
  const via = header(request, 'via').replace(/(?=,|$)/, ';ms-received-port=52114;ms-received-cid=5E00');
  let text =
    `SIP/2.0 ${answer.status} ${answer.reason}\r\nVia: ${via}\r\nFrom: ${header(request, 'from')}\r\nTo: ${to}${tag}\r\n` +
    `Call-ID: ${header(request, 'call-id')}\r\nCSeq: ${header(request, 'cseq')}\r\n`;
  for (const route of answer.recordRoutes ?? []) text += `Record-Route: ${route}\r\n`;
  for (const line of answer.more ?? []) text += `${line}\r\n`;
  if (answer.status === 405 || request.method === 'OPTIONS') text += `Allow: ${ownAllow}\r\n`;
  if (answer.type !== undefined) text += `Content-Type: ${answer.type}\r\n`;
  const body = answer.body ?? '';
  return `${text}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
