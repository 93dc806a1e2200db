// The offer and answer of an instant messaging session: SDP with `m=message <port> sip null`. sip-dialect §5.1, §5.2, §5.8.
import { readMediaType } from './media-type.ts';
import { readParts } from './multipart.ts';

export type Offer =
  | { readonly ok: true /** lower case, in the peer's order */; readonly acceptTypes: readonly string[] }
  | { readonly ok: false; readonly status: 488 };

const largestBody = 16_384;
const mostTypes = 64;
const refused: Offer = { ok: false, status: 488 };
const ours = 'text/plain text/html multipart/alternative application/im-iscomposing+xml';

/**
 * Reads the body of an INVITE. Only an offer of one single medium, instant messages over SIP, is taken
 * (`m=message` or the older `m=x-ms-message`); a second medium, MSRP, or no SDP at all is refused with 488.
 * The SDP may be a part of multipart/alternative. The address and port in it mean nothing and are not read.
 */
export function readOffer(contentType: string, body: Uint8Array): Offer {
  const media = readMediaType(contentType);
  if (media === undefined || body.length > largestBody) return refused;
  if (media.essence === 'application/sdp') return readSdp(body);
  if (media.essence !== 'multipart/alternative') return refused;
  const part = readParts(media, body)?.find((one) => one.media.essence === 'application/sdp');
  return part === undefined ? refused : readSdp(part.body);
}

/** The SDP of our own offer or answer. `peerUri` stands where the dialect otherwise writes `null`. */
export function printOffer(options: {
  readonly peerUri?: string;
  readonly address: string;
  readonly port: number;
}): string {
  const family = options.address.includes(':') ? 'IP6' : 'IP4';
  // A URI that could break the line is left out: nothing in the dialect depends on it.
  const peer = options.peerUri !== undefined && /^[!-~]+$/.test(options.peerUri) ? options.peerUri : 'null';
  return (
    `v=0\r\no=- 0 0 IN ${family} ${options.address}\r\ns=session\r\nc=IN ${family} ${options.address}\r\nt=0 0\r\n` +
    `m=message ${options.port} sip ${peer}\r\na=accept-types:${ours}\r\n`
  );
}

function readSdp(body: Uint8Array): Offer {
  const lines = Buffer.from(body.buffer, body.byteOffset, body.length)
    .toString('latin1')
    .split(/\r\n|\n|\r/);
  if (lines[0] !== 'v=0') return refused;
  const media = lines.filter((line) => line.startsWith('m='));
  if (media.length !== 1 || !/^m=(?:x-ms-)?message \d{1,5} sip(?: |$)/i.test(media[0] ?? '')) return refused;
  const types = lines.find((line) => line.startsWith('a=accept-types:'))?.slice('a=accept-types:'.length);
  const acceptTypes = (types ?? 'text/plain')
    .trim()
    .toLowerCase()
    .split(/[ \t]+/, mostTypes + 1);
  return acceptTypes.length > mostTypes ? refused : { ok: true, acceptTypes };
}
