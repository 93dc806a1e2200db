// The text that a MESSAGE carries, whatever form its writer's client chose for it. sip-dialect §5.5.
import { isAscii, isUtf8 } from 'node:buffer';
import { textFromHtml } from './html.ts';
import { type MediaType, readMediaType } from './media-type.ts';
import { readParts } from './multipart.ts';
import { textFromRtf } from './rtf.ts';

export type ReadText =
  | { readonly ok: true; readonly text: string }
  /** `why` is for the log: it never contains anything of the body. */
  | { readonly ok: false; readonly status: 415 | 400; readonly why: string };

const largestBody = 262_144;
const deepestNesting = 3;
const ranks: readonly string[] = ['text/plain', 'text/html', 'text/rtf'];

/**
 * Reads the body of a MESSAGE as plain text with LF line ends. Taken are text/plain (UTF-8, US-ASCII, ISO-8859-1,
 * windows-1252), text/html and text/rtf (converted), multipart/alternative and multipart/related (one part is taken:
 * plain before html before rtf). Status 415: another type or character set; 400: malformed, or over 256 KiB.
 * Takes linear time, and the text is never longer than the body has bytes.
 */
export function readText(contentType: string, body: Uint8Array): ReadText {
  if (body.length > largestBody) return malformed('the body is over 256 KiB');
  const media = readMediaType(contentType);
  if (media === undefined) return malformed('the content type is malformed');
  if (!media.essence.startsWith('multipart/')) return readSingle(media, body);
  const found: (Single | undefined)[] = ranks.map(() => undefined);
  const trouble = collect(media, body, 1, found);
  if (trouble !== undefined) return trouble;
  const best = found.find((one) => one !== undefined);
  return best === undefined ? unsupported('no part is text') : readSingle(best.media, best.body);
}

type Single = { readonly media: MediaType; readonly body: Uint8Array };

type Trouble = ReadText & { readonly ok: false };

/** Puts the first part of each rank into `found`, nested ones too. */
function collect(
  media: MediaType,
  body: Uint8Array,
  depth: number,
  found: (Single | undefined)[],
): Trouble | undefined {
  if (media.essence !== 'multipart/alternative' && media.essence !== 'multipart/related') {
    return unsupported('this kind of multipart is not taken');
  }
  if (depth > deepestNesting) return malformed('the parts are nested too deeply');
  const parts = readParts(media, body);
  if (parts === undefined) return malformed('the multipart body is malformed');
  for (const part of parts) {
    if (part.media.essence.startsWith('multipart/')) {
      const trouble = collect(part.media, part.body, depth + 1, found);
      if (trouble !== undefined) return trouble;
      continue;
    }
    const rank = ranks.indexOf(part.media.essence);
    if (rank >= 0) found[rank] ??= part;
  }
  return undefined;
}

function readSingle(media: MediaType, body: Uint8Array): ReadText {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  switch (media.essence) {
    case 'text/plain': {
      const text = decode(media, bytes);
      return typeof text === 'string' ? { ok: true, text: withLineFeeds(text) } : text;
    }
    case 'text/html': {
      const text = decode(media, bytes);
      return typeof text === 'string' ? { ok: true, text: textFromHtml(text) } : text;
    }
    case 'text/rtf': {
      const text = textFromRtf(bytes);
      return text === undefined ? malformed('the RTF is malformed') : { ok: true, text };
    }
    default:
      return unsupported('this type is not taken');
  }
}

/** RFC 3261 §7.4.1: without a charset, text is UTF-8. ISO-8859-1 is read as windows-1252, as everybody does. */
function decode(media: MediaType, bytes: Buffer): string | Trouble {
  switch ((media.parameters.get('charset') ?? 'utf-8').toLowerCase()) {
    case 'utf-8':
    case 'utf8': {
      if (!isUtf8(bytes)) return malformed('the text is not UTF-8');
      const text = bytes.toString('utf8');
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
    case 'us-ascii':
      return isAscii(bytes) ? bytes.toString('latin1') : malformed('the text is not US-ASCII');
    case 'iso-8859-1':
    case 'windows-1252':
      return isAscii(bytes) ? bytes.toString('latin1') : new TextDecoder('windows-1252').decode(bytes);
    default:
      return unsupported('this character set is not taken');
  }
}

function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

function malformed(why: string): Trouble {
  return { ok: false, status: 400, why };
}

function unsupported(why: string): Trouble {
  return { ok: false, status: 415, why };
}
