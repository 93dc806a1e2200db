// The reader of SIP messages: whatever bytes come, however they are cut (RFC 3261 §7, §18.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { header, headers } from './message.ts';
import { printResponse, recordRoutes } from './printer.ts';
import { createReader, type Read } from './reader.ts';

const body = 'Grüße 🌻';
const message = [
  'MESSAGE sip:romeo@sfb.test;opaque=user:epid:qKP5_AAA;gruu SIP/2.0',
  'Via: SIP/2.0/TLS 10.1.2.3:5061;branch=z9hG4bK1A2B.9C0D;branched=FALSE;ms-internal-info="aBc-_d"',
  'Via: SIP/2.0/TLS 172.24.1.9:2140;ms-received-port=2140;ms-received-cid=2B00',
  'Record-Route: <sip:pool.sfb.test:5061;transport=tls;ms-fe=fe1.sfb.test;lr;ms-route-sig=aaU7Z-_~>;tag=0E9F==',
  'FROM: "Romeo, \\"M\\""<sip:romeo@sfb.test>;tag=7be9a6d0;epid=a4ac',
  't: <sip:juliet@xmpp.test>;TAG=AbC',
  'Call-ID: 2f5a',
  'CSeq: 7 MESSAGE',
  'c: text/plain;',
  ' charset=UTF-8',
  `l: ${Buffer.byteLength(body)}`,
  '',
  body,
].join('\r\n');

function readAll(...chunks: readonly (string | Buffer)[]): Read[] {
  const reader = createReader();
  const all: Read[] = [];
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    for (let read = reader.next(); read !== undefined; read = reader.next()) all.push(read);
  }
  return all;
}

function only(text: string) {
  const [read, ...more] = readAll(text);
  assert.deepEqual(more, []);
  assert.ok(read !== undefined);
  return read;
}

test('a message is read with compact names, folded lines, and values as they came', () => {
  const read = only(message);
  assert.ok(read.kind === 'message' && read.message.kind === 'request');
  const { message: found } = read;
  assert.equal(found.uri, 'sip:romeo@sfb.test;opaque=user:epid:qKP5_AAA;gruu');
  assert.deepEqual([found.fromTag, found.toTag, found.cseq, found.branch], ['7be9a6d0', 'AbC', 7, 'z9hG4bK1A2B.9C0D']);
  assert.equal(Buffer.from(found.body).toString(), body);
  assert.deepEqual(headers(found, 'content-type'), ['text/plain; charset=UTF-8']);
});

test('the response repeats Via, From, To and Record-Route to the letter', () => {
  const read = only(message);
  assert.ok(read.kind === 'message' && read.message.kind === 'request');
  const response = printResponse(read.message, 200, 'unused', recordRoutes(read.message));
  for (const line of message.split('\r\n').filter((each) => /^(Via|Record-Route|Call-ID|CSeq):/.test(each))) {
    assert.ok(response.includes(`\r\n${line}\r\n`), line);
  }
  assert.ok(response.includes('\r\nFrom: "Romeo, \\"M\\""<sip:romeo@sfb.test>;tag=7be9a6d0;epid=a4ac\r\n'));
  assert.ok(response.includes('\r\nTo: <sip:juliet@xmpp.test>;TAG=AbC\r\n'));
});

test('a header is found by any spelling of its name, and not by a part of it', () => {
  const more = 'SUBJECT \t: first\r\ns: second\r\nSubject-Matter: third\r\nSub: fourth\r\nX: \t\r\nl';
  const read = only(message.replace(/^l/m, more));
  assert.ok(read.kind === 'message');
  assert.deepEqual(headers(read.message, 'subject'), ['first', 'second']);
  assert.deepEqual([header(read.message, 'sub'), header(read.message, 'x')], ['fourth', '']);
  assert.equal(header(read.message, 'subject-'), undefined);
});

test('what ends a line somewhere, or is no blank before a colon, is not printed again and not taken for one', () => {
  for (const odd of ['\u0085', '\u2028', '\t']) {
    const read = only(message.replace('Romeo,', `Romeo${odd},`));
    assert.ok(read.kind === 'message' && read.message.kind === 'request');
    assert.equal(printResponse(read.message, 200, 'unused').includes(odd), false);
  }
  for (const [from, to] of [
    ['Call-ID:', 'Call-ID\u00a0:'],
    ['Call-ID: 2f', 'Call-ID: 2\rf'],
    ['Call-ID: 2f', 'Call-ID: 2\nf'],
  ] as const) {
    assert.equal(only(message.replace(from, to)).kind, 'malformed', JSON.stringify(to));
  }
});

test('however the bytes are cut, the same messages come out', () => {
  const bytes = Buffer.from(`\r\n${message}\r\n\r\n${message}${message}`);
  const whole = readAll(bytes).map((read) => read.kind);
  assert.deepEqual(whole, ['message', 'ping', 'message', 'message']);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }), (cuts) => {
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
      const read = readAll(...chunks);
      assert.deepEqual(
        read.map((each) => each.kind),
        whole,
      );
      const bodies = read.flatMap((each) =>
        each.kind === 'message' ? [Buffer.from(each.message.body).toString()] : [],
      );
      assert.deepEqual(bodies, [body, body, body]);
    }),
    { numRuns: 200 },
  );
});

test('no bytes make the reader throw', () => {
  const part = fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    ':',
    ' ',
    ';',
    '<',
    '>',
    '"',
    '\\',
    'Via',
    'From',
    'SIP/2.0',
    'l: 3',
    '\0',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 60 }), (parts) => {
      readAll(`MESSAGE sip:a@b SIP/2.0\r\n${parts.join('')}\r\n\r\n`);
      readAll(parts.join(''));
    }),
    { numRuns: 500 },
  );
});

test('one mutated byte never makes the reader throw', () => {
  const bytes = Buffer.from(message);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const mutated = Buffer.from(bytes);
      mutated[at] = value;
      readAll(mutated);
    }),
    { numRuns: 500 },
  );
});

test('a malformed message does not take the next one with it', () => {
  const kinds = readAll(message.replace('CSeq: 7 MESSAGE', 'CSeq: 7 INVITE') + message).map((read) => read.kind);
  assert.deepEqual(kinds, ['malformed', 'message']);
});

test('headers that never end are given up at 64 KiB, however slowly they come', () => {
  const reader = createReader();
  let read: Read | undefined;
  for (let i = 0; i < 70_000 && read === undefined; i++) {
    reader.push(Buffer.from('x'));
    read = reader.next();
  }
  assert.equal(read?.kind, 'broken');
  assert.equal(reader.next(), undefined);
  assert.equal(reader.buffered(), 0);
});
