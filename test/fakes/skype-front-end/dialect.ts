// What a Skype front end expects of a gateway, said as a list of complaints (sip-dialect §§2 to 5). Pure functions.
import { readTyping } from './bodies.ts';
import { addressOf, branchOf, cseqOf, entriesOf, header, hostOf, type SipMessage, tagOf, uriOf } from './wire.ts';

export type Expected = {
  readonly gatewayFqdn: string;
  readonly domain: string;
};

const once = ['max-forwards', 'from', 'to', 'call-id', 'cseq', 'content-length'];

/** Complaints about any request, in a dialog or not. */
export function complaintsOfRequest(request: SipMessage, expected: Expected): string[] {
  const found = complaintsOfHeaders(request, once);
  const via = entriesOf(header(request, 'via'))[0] ?? '';
  if (via.split(/[ ;]/)[0] !== 'SIP/2.0/TLS') found.push(`the top Via is not SIP/2.0/TLS: ${via}`);
  if (!branchOf(via).startsWith('z9hG4bK')) found.push(`the top Via has no branch of RFC 3261: ${via}`);
  if (hostOf(`sip:${via.split(' ')[1] ?? ''}`) !== expected.gatewayFqdn)
    found.push(`the Via does not name the gateway: ${via}`);
  if (cseqOf(request).method !== request.method) found.push(`the CSeq does not fit ${request.method}`);
  if (!/^\d{1,10}$/.test(header(request, 'cseq').split(' ')[0] ?? '')) found.push('the CSeq is not a number');
  if (!/^([1-9]|[1-6]\d|70)$/.test(header(request, 'max-forwards'))) found.push('Max-Forwards is not between 1 and 70');
  if (tagOf(header(request, 'from')) === '') found.push('From has no tag');
  const from = addressOf(uriOf(header(request, 'from')));
  if (request.method !== 'OPTIONS' && from === '') found.push(`From names no user: ${header(request, 'from')}`);
  if (from.endsWith(`@${expected.domain}`)) found.push(`From is one of our own users: ${from}`);
  if (/;gr\b/.test(header(request, 'from'))) found.push('From carries a gr parameter');
  if (request.body.length > 0 && header(request, 'content-type') === '') found.push('a body without Content-Type');
  found.push(...complaintsOfMethod(request, expected));
  return found;
}

function complaintsOfMethod(request: SipMessage, expected: Expected): string[] {
  const found: string[] = [];
  const inDialog = tagOf(header(request, 'to')) !== '';
  switch (request.method) {
    case 'INVITE':
      found.push(...complaintsOfContact(request, expected), ...complaintsOfSdp(request));
      if (inDialog) break;
      for (const name of ['ms-conversation-id', 'ms-text-format']) {
        if (header(request, name) === '') found.push(`an INVITE without ${name}`);
      }
      if (!entriesOf(header(request, 'supported')).includes('ms-sender'))
        found.push('an INVITE without Supported: ms-sender');
      break;
    case 'MESSAGE':
      if (!inDialog && header(request, 'contact') !== '') found.push('a MESSAGE outside of a dialog has a Contact');
      if (!/^text\/plain\s*;\s*charset="?utf-8"?\s*$/i.test(header(request, 'content-type'))) {
        found.push(`a MESSAGE is not text/plain; charset=UTF-8: ${header(request, 'content-type')}`);
      }
      if (request.body.length === 0) found.push('a MESSAGE without text');
      if (!Buffer.from(request.body.toString('utf8')).equals(request.body)) found.push('the text is not UTF-8');
      if (/[^\r]\n|^\n/.test(request.body.toString('utf8'))) found.push('a line of the text does not end with CRLF');
      break;
    case 'INFO':
      if (
        header(request, 'content-type').toLowerCase() !== 'application/xml' ||
        readTyping(request.body.toString()) === undefined
      ) {
        found.push('an INFO is not KeyboardActivity in application/xml');
      }
      break;
    default:
  }
  return found;
}

/** What a request inside of a dialog must repeat. */
export function complaintsInDialog(
  request: SipMessage,
  dialog: {
    readonly contact: string;
    readonly routes: readonly string[];
    readonly remoteTag: string;
    readonly remoteAddress: string;
    readonly localAddress: string;
    readonly lastCseq: number;
    readonly busy: boolean;
    readonly acknowledged: boolean;
  },
): string[] {
  const found: string[] = [];
  if (request.uri !== dialog.contact)
    found.push(`the Request-URI is not the Contact: ${request.uri} instead of ${dialog.contact}`);
  const routes = entriesOf(header(request, 'route')).map(uriOf);
  if (routes.join(' ') !== dialog.routes.map(uriOf).join(' ')) {
    found.push(
      `the Route set is not as recorded: ${routes.join(' ')} instead of ${dialog.routes.map(uriOf).join(' ')}`,
    );
  }
  if (tagOf(header(request, 'from')) !== dialog.remoteTag) found.push('the From tag is not that of the dialog');
  if (addressOf(uriOf(header(request, 'from'))) !== dialog.remoteAddress)
    found.push('From is not who the dialog is with');
  if (addressOf(uriOf(header(request, 'to'))) !== dialog.localAddress) found.push('To is not who the dialog is with');
  if (request.method === 'ACK') return found;
  if (cseqOf(request).number <= dialog.lastCseq)
    found.push(`the CSeq does not rise: ${cseqOf(request).number} after ${dialog.lastCseq}`);
  if (dialog.busy) found.push('a request before the answer to the one before it');
  if (!dialog.acknowledged && request.method !== 'BYE') found.push('a request before the ACK');
  return found;
}

/** Complaints about an answer to one of our requests. */
export function complaintsOfResponse(
  response: SipMessage,
  request: {
    readonly method: string;
    readonly vias: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly callId: string;
    readonly cseq: number;
    readonly recordRoutes: readonly string[];
  },
  expected: Expected,
): string[] {
  const found = complaintsOfHeaders(response, ['from', 'to', 'call-id', 'cseq', 'content-length']);
  const same = (name: string, value: string) => {
    if (header(response, name) !== value)
      found.push(`${name} is not repeated: ${header(response, name)} instead of ${value}`);
  };
  same('from', request.from);
  same('call-id', request.callId);
  same('cseq', `${request.cseq} ${request.method}`);
  if (entriesOf(header(response, 'via')).join(' ') !== request.vias.join(' ')) found.push('the Vias are not repeated');
  const to = header(response, 'to');
  if (tagOf(request.to) !== '') same('to', request.to);
  else if (!to.startsWith(request.to)) found.push(`To is not repeated: ${to}`);
  if (response.status > 100 && tagOf(to) === '') found.push(`${response.status} has no To tag`);
  if (response.status === 405 && header(response, 'allow') === '') found.push('405 has no Allow');
  if (response.status === 401 || response.status === 407) found.push(`${response.status} asks for credentials`);
  if (request.method === 'INVITE' && response.status > 100 && response.status < 300) {
    const routes = entriesOf(header(response, 'record-route')).join(' ');
    if (routes !== request.recordRoutes.join(' ')) found.push(`the Record-Routes are not repeated: ${routes}`);
    if (response.status >= 200) found.push(...complaintsOfContact(response, expected), ...complaintsOfSdp(response));
  }
  return found;
}

function complaintsOfHeaders(message: SipMessage, names: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    if (header(message, name) === '') found.push(`no ${name}`);
    if (message.repeated.includes(name)) found.push(`${name} more than once`);
  }
  for (const [name, value] of message.headers) {
    if (value === '') found.push(`the header ${name} is empty`);
  }
  return found;
}

function complaintsOfContact(message: SipMessage, expected: Expected): string[] {
  const contact = header(message, 'contact');
  const good = /<sips?:[^>]*;transport=tls\b/i.test(contact) && hostOf(uriOf(contact)) === expected.gatewayFqdn;
  return good ? [] : [`the Contact is not the gateway's FQDN with transport=tls: ${contact}`];
}

function complaintsOfSdp(message: SipMessage): string[] {
  const good =
    header(message, 'content-type').toLowerCase() === 'application/sdp' &&
    /^v=0\r\n/.test(message.body.toString()) &&
    /\r\nm=message \d+ sip (?:null|sip:\S+)\r\na=accept-types:text\/plain\b/.test(message.body.toString());
  return good ? [] : ['the SDP is not one of m=message over sip with text/plain'];
}
