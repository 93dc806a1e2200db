// The SIP wire reader of the gateway (RFC 3261 §7, §18.3).
import assert from 'node:assert/strict';
import { header, splitList } from '../../../inner-gateway/adapters/sip/wire/message.ts';
import { readNameAddress } from '../../../inner-gateway/adapters/sip/wire/name-address.ts';
import { printResponse, recordRoutes } from '../../../inner-gateway/adapters/sip/wire/printer.ts';
import { createReader, type Read } from '../../../inner-gateway/adapters/sip/wire/reader.ts';
import { pieces, type Target } from '../target.ts';

function readAll(chunks: readonly Buffer[]): readonly Read[] {
  const reader = createReader();
  const all: Read[] = [];
  for (const chunk of chunks) {
    // A reader keeps what it is given, and a socket gives each piece once.
    reader.push(Buffer.from(chunk));
    for (let read = reader.next(); read !== undefined; read = reader.next()) all.push(read);
  }
  return all;
}

// Memory differs where pieces were joined; the bytes may not.
const plain = (reads: readonly Read[]) =>
  JSON.parse(
    JSON.stringify(reads, (_, value) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString('hex')
        : value?.type === 'Buffer'
          ? Buffer.from(value.data).toString('hex')
          : value,
    ),
  );

export const sipReader: Target = {
  name: 'sip-reader',
  words: [
    ...[
      '\r\n',
      '\r\n\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      ';',
      ',',
      '<',
      '>',
      '"',
      '\\"',
      '=',
      '@',
      'SIP/2.0',
      'SIP/2.0 200 OK',
    ],
    ...['MESSAGE sip:a@b SIP/2.0', 'Content-Length: 0', 'Content-Length: -1', 'l: 5', 'Content-Length: 99999999999'],
    ...[
      'Via: ',
      'v: ',
      'From: ',
      'f: ',
      'To: ',
      't: ',
      'Call-ID: ',
      'i: ',
      'CSeq: 1 MESSAGE',
      'CSeq: 4294967296 X',
      ';tag=',
    ],
    ...[
      'Record-Route: <sip:a;lr>',
      'Contact: *',
      '\r\n folded',
      ';branch=z9hG4bK',
      'sip:',
      'INVITE',
      'ACK',
      'CANCEL',
      'BYE',
    ],
  ],
  claim(input) {
    const whole = readAll([input]);
    assert.deepEqual(plain(readAll(pieces(input))), plain(whole), 'it reads the same however it is cut');
    for (const read of whole) {
      if (!('message' in read) || read.message === undefined) continue;
      const { message } = read;
      for (const name of ['from', 'to', 'contact', 'p-asserted-identity']) {
        const value = header(message, name);
        if (value !== undefined) splitList(value).map(readNameAddress);
      }
      if (message.kind !== 'request') continue;
      const response = printResponse(message, 400, 'unused', recordRoutes(message));
      const [again, ...more] = readAll([Buffer.from(response)]);
      assert.equal(more.length, 0, 'our response is one message');
      if (read.kind === 'message')
        assert.equal(again?.kind, 'message', `our response is SIP as we take it: ${response}`);
    }
  },
};
