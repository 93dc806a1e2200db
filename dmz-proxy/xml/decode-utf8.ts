// Strict UTF-8 across segments (RFC 6120 §11.6, xmpp-boundary P1): what is not UTF-8 is an error, never replaced.
import { Buffer, isAscii, isUtf8 } from 'node:buffer';

export type Decoded = {
  /** The characters that are complete by now. */
  readonly text: string;
  /** How many bytes they took. */
  readonly bytes: number;
  /** What follows the text is not UTF-8; the decoder is of no further use. */
  readonly broken: boolean;
};

export type Utf8Decoder = { readonly decode: (chunk: Uint8Array) => Decoded };

/** Makes a decoder that keeps the unfinished character at the end of a chunk (three bytes at most) for the next one. */
export function createUtf8Decoder(): Utf8Decoder {
  let carried: Uint8Array = new Uint8Array(0);

  return {
    decode(chunk) {
      const bytes = carried.length === 0 ? view(chunk) : Buffer.concat([carried, chunk]);
      if (isAscii(bytes)) {
        if (carried.length > 0) carried = new Uint8Array(0);
        return { text: bytes.toString('latin1'), bytes: bytes.length, broken: false };
      }
      const tail = unfinished(bytes);
      const whole = bytes.subarray(0, bytes.length - tail);
      if (!isUtf8(whole)) {
        const good = bytes.subarray(0, validPrefix(whole));
        return { text: good.toString('utf8'), bytes: good.length, broken: true };
      }
      carried = Uint8Array.from(bytes.subarray(whole.length));
      return { text: whole.toString('utf8'), bytes: whole.length, broken: false };
    },
  };
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

// How many bytes at the end may still become a character.
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    return charLength(byte) > back ? back : 0;
  }
  return 0;
}

function charLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

// The length of the longest prefix of whole, valid characters. Only ever asked once per stream.
function validPrefix(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - unfinished(prefix)))) good = middle;
    else bad = middle;
  }
  return good - unfinished(bytes.subarray(0, good));
}
