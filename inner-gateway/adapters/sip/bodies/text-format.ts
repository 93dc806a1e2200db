// The Ms-Text-Format header: the first message of a conversation, shown by the client before it picks up. sip-dialect §5.2.
import { readText } from './text.ts';

const longestValue = 32_768;
const bodyPattern = /;[ \t]*ms-body[ \t]*=[ \t]*(?:"([A-Za-z0-9+/]*={0,2})"|([A-Za-z0-9+/]*={0,2}))[ \t]*(?=;|$)/i;

/**
 * The header's value for a text. The text is never shortened: a client that answers `ms-text-format` has taken it
 * as delivered. Who does not want a long header leaves the header out.
 */
export function printTextFormat(text: string): string {
  return `text/plain; charset=UTF-8;ms-body=${Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'utf8').toString('base64')}`;
}

/** The text in an Ms-Text-Format value, read as the body of a MESSAGE is; undefined where there is none, or over 32 KiB. */
export function readTextFormat(value: string): string | undefined {
  if (value.length > longestValue) return undefined;
  const found = bodyPattern.exec(value);
  const encoded = found?.[1] ?? found?.[2];
  if (found === null || encoded === undefined) return undefined;
  const contentType = value.slice(0, found.index) + value.slice(found.index + found[0].length);
  const read = readText(contentType, Buffer.from(encoded, 'base64'));
  return read.ok ? read.text : undefined;
}
