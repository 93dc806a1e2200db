// Splits a multipart body into its parts (RFC 2046 §5.1), within bounds.
import { type MediaType, readMediaType } from './media-type.ts';

export type Part = { readonly media: MediaType; readonly body: Uint8Array };

const mostParts = 16;
const largestHead = 4096;
const boundaryPattern = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const plainText: MediaType = { essence: 'text/plain', parameters: new Map() };

/**
 * The parts, with their transfer encoding undone, or undefined where the body is malformed: no boundary, no closing
 * delimiter, more than 16 parts, a head over 4 KiB, an unknown transfer encoding. Nested parts are left to the caller.
 */
export function readParts(media: MediaType, body: Uint8Array): readonly Part[] | undefined {
  const boundary = media.parameters.get('boundary');
  if (boundary === undefined || !boundaryPattern.test(boundary)) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Part[] = [];
  let from = -1;
  for (let at = nextDelimiter(bytes, delimiter, 0); at >= 0; at = nextDelimiter(bytes, delimiter, from)) {
    if (from >= 0) {
      const part = readPart(bytes.subarray(from, withoutLineEnd(bytes, from, at)));
      if (part === undefined || parts.length === mostParts) return undefined;
      parts.push(part);
    }
    const after = at + delimiter.length;
    if (bytes[after] === 0x2d && bytes[after + 1] === 0x2d) return parts;
    const lineEnd = bytes.indexOf(0x0a, after);
    if (lineEnd < 0) return undefined;
    from = lineEnd + 1;
  }
  return undefined;
}

/** Where the next delimiter stands at the start of a line and is not merely the beginning of a longer one. */
function nextDelimiter(bytes: Buffer, delimiter: Buffer, from: number): number {
  for (let at = bytes.indexOf(delimiter, from); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
    if (at > 0 && bytes[at - 1] !== 0x0a) continue;
    const next = bytes[at + delimiter.length];
    if (next === undefined || next === 0x0d || next === 0x0a || next === 0x20 || next === 0x09) return at;
    if (next === 0x2d && bytes[at + delimiter.length + 1] === 0x2d) return at;
  }
  return -1;
}

function withoutLineEnd(bytes: Buffer, from: number, at: number): number {
  const before = at > from && bytes[at - 1] === 0x0a ? at - 1 : at;
  return before > from && bytes[before - 1] === 0x0d ? before - 1 : before;
}

function readPart(part: Buffer): Part | undefined {
  const head = part.subarray(0, largestHead).toString('latin1');
  const end = /^\r?\n|\r?\n\r?\n/.exec(head);
  if (end === null) return undefined;
  let media: MediaType | undefined = plainText;
  let encoding = '8bit';
  for (const line of head
    .slice(0, end.index)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === 'content-type') media = readMediaType(line.slice(colon + 1));
    if (name === 'content-transfer-encoding')
      encoding = line
        .slice(colon + 1)
        .trim()
        .toLowerCase();
  }
  const body = decoded(encoding, part.subarray(end.index + end[0].length));
  return media === undefined || body === undefined ? undefined : { media, body };
}

function decoded(encoding: string, body: Buffer): Uint8Array | undefined {
  switch (encoding) {
    case '7bit':
    case '8bit':
    case 'binary':
      return body;
    case 'base64':
      return Buffer.from(body.toString('latin1'), 'base64');
    case 'quoted-printable':
      return Buffer.from(
        body
          .toString('latin1')
          .replace(/=[ \t]{0,64}\r?\n/g, '')
          .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      );
    default:
      return undefined;
  }
}
