// From our plain messages to the objects of sip.js, with every header that its core asks for parsed beforehand, so
// that its grammar never sees a byte from outside (sip-dialect §13.2, 1 and 8).
import { IncomingRequestMessage, IncomingResponseMessage, NameAddrHeader, URI } from 'sip.js/lib/core/index.js';
import { header, headers, listed, type SipMessage, type SipRequest, type SipResponse } from '../wire/message.ts';
import { readNameAddress, uriHost } from '../wire/name-address.ts';

/** A URI that is printed as it was read. The one of sip.js decodes and encodes again, and throws on `%25zz`. */
export class VerbatimUri extends URI {
  readonly text: string;

  constructor(text: string) {
    super('sip', '', uriHost(text) || 'invalid');
    this.text = text;
  }

  override clone(): URI {
    return this;
  }

  override toRaw(): string {
    return this.text;
  }

  override toString(): string {
    return this.text;
  }
}

/** A request for the core; undefined where From, To or Contact are not addresses. */
export function bridgeRequest(request: SipRequest, uri: URI): IncomingRequestMessage | undefined {
  const message = new IncomingRequestMessage();
  if (!fill(message, request)) return undefined;
  message.method = request.method;
  message.ruri = uri;
  // Rule 2 and 3 of RFC 3261 §17.2.3: the core matches by this text alone.
  message.viaBranch = `${request.branch} ${request.sentBy}`;
  for (const via of headers(request, 'via')) message.addHeader('Via', via);
  return message;
}

/** A response for the core; undefined where From, To or Contact are not addresses. */
export function bridgeResponse(response: SipResponse): IncomingResponseMessage | undefined {
  const message = new IncomingResponseMessage();
  if (!fill(message, response)) return undefined;
  message.statusCode = response.status;
  message.reasonPhrase = response.reason;
  message.method = response.cseqMethod;
  message.viaBranch = response.branch;
  const via = header(response, 'via');
  if (via !== undefined) message.addHeader('Via', via);
  return message;
}

function fill(message: IncomingRequestMessage | IncomingResponseMessage, from: SipMessage): boolean {
  const sender = address(from.from);
  const recipient = address(from.to);
  const contactText = header(from, 'contact');
  const contact = contactText === undefined ? undefined : address(contactText);
  if (sender === undefined || recipient === undefined) return false;
  // Without a Contact that can be read there is no dialog, but somebody's phone rings all the same.
  const ringing = from.kind === 'response' && from.status < 200;
  if (contactText !== undefined && contact === undefined && !ringing) return false;
  message.from = sender;
  message.fromTag = from.fromTag;
  message.to = recipient;
  message.toTag = from.toTag;
  if (from.toTag !== '') recipient.setParam('tag', from.toTag);
  message.callId = from.callId;
  message.cseq = from.cseq;
  // Bodies are judged by us; to the core every offer and answer is the same one.
  message.body = from.body.length > 0 ? 'v=0' : '';
  message.data = '';
  message.headers = {
    From: [{ raw: from.from, parsed: sender }],
    To: [{ raw: from.to, parsed: recipient }],
    'Call-ID': [{ raw: from.callId }],
    'Content-Type': [{ raw: 'application/sdp', parsed: 'application/sdp' }],
  };
  if (contactText !== undefined && contact !== undefined)
    message.headers.Contact = [{ raw: contactText, parsed: contact }];
  for (const route of listed(from, 'record-route')) message.addHeader('Record-Route', route);
  return true;
}

function address(value: string): NameAddrHeader | undefined {
  const read = readNameAddress(value);
  return read === undefined ? undefined : new NameAddrHeader(new VerbatimUri(read.uri), '', {});
}
