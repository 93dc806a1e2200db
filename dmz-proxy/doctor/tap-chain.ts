// The certificates of a TLS 1.2 handshake in the very order in which they were sent (RFC 5246 §7.4.2): Node sorts them, and
// only the bytes tell what the partner's other peers get to see. In TLS 1.3 they are encrypted, and this stays silent.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export type Tapped = {
  /** Stands for the socket; TLS is spoken through it. */
  readonly socket: Socket;
  /** DER, as sent; undefined where they could not be read. */
  readonly chain: () => readonly Uint8Array[] | undefined;
};

const keptAtMost = 131_072;
const certificatesAtMost = 16;
const handshakeRecord = 22;
const certificateMessage = 11;

/** Listens in on the first 128 KiB that the peer of `raw` says. */
export function tapChain(raw: Socket): Tapped {
  const kept: Buffer[] = [];
  let bytes = 0;
  const through = new Duplex({
    read: () => void raw.resume(),
    write: (chunk, _encoding, done) => void raw.write(chunk, done),
    final: (done) => {
      raw.end();
      done();
    },
    destroy: (error, done) => {
      raw.destroy();
      done(error);
    },
  });
  // Whoever speaks TLS through it hears of its end; an error has no other listener between two of them.
  through.on('error', () => {});
  raw.on('data', (chunk: Buffer) => {
    if (bytes < keptAtMost) kept.push(chunk);
    bytes += chunk.length;
    if (!through.push(chunk)) raw.pause();
  });
  raw.on('end', () => through.push(null));
  raw.on('error', (error) => through.destroy(error));
  raw.on('close', () => through.destroy());
  // A cast at the edge of node:tls: it takes any Duplex for a socket, and the stream's parts hand it on untouched.
  return { socket: through as Socket, chain: () => readChain(Buffer.concat(kept)) };
}

/** The certificates in what a server says in a TLS 1.2 handshake, in their order; undefined: none, or broken. */
export function readChain(said: Buffer): readonly Uint8Array[] | undefined {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= said.length && said[at] === handshakeRecord; ) {
    const end = at + 5 + said.readUInt16BE(at + 3);
    if (end > said.length) break;
    messages.push(said.subarray(at + 5, end));
    at = end;
  }
  const handshake = Buffer.concat(messages);
  for (let at = 0; at + 4 <= handshake.length; ) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (end > handshake.length) return undefined;
    if (handshake[at] === certificateMessage) return readList(handshake.subarray(at + 4, end));
    at = end;
  }
  return undefined;
}

function readList(body: Buffer): readonly Uint8Array[] | undefined {
  if (body.length < 3 || body.readUIntBE(0, 3) !== body.length - 3) return undefined;
  const list: Uint8Array[] = [];
  for (let at = 3; at < body.length; ) {
    if (at + 3 > body.length) return undefined;
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length || list.length >= certificatesAtMost) return undefined;
    list.push(Buffer.from(body.subarray(at + 3, end)));
    at = end;
  }
  return list;
}
