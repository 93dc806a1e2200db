// Proves which offers are taken as an instant messaging session (sip-dialect §5.1, §5.8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printOffer, readOffer } from './sdp.ts';

const offer = (media: string, more = 'a=accept-types:text/plain multipart/alternative TEXT/HTML\r\n') =>
  Buffer.from(`v=0\r\no=- 0 0 IN IP4 172.24.1.9\r\ns=session\r\nc=IN IP4 172.24.1.9\r\nt=0 0\r\n${media}\r\n${more}`);
const types = (contentType: string, body: Buffer) => {
  const read = readOffer(contentType, body);
  return read.ok ? read.acceptTypes : read.status;
};

test('both forms of an instant messaging offer are taken, with their types', () => {
  const expected = ['text/plain', 'multipart/alternative', 'text/html'];
  assert.deepEqual(types('application/sdp', offer('m=message 5060 sip null')), expected);
  assert.deepEqual(types('application/SDP; x=y', offer('m=x-ms-message 5060 sip sip:juliet@xmpp.test')), expected);
  assert.deepEqual(types('application/sdp', offer('m=message 5060 sip null', '')), ['text/plain']);
});

test('what is no offer of instant messages alone is 488', () => {
  for (const media of ['m=audio 5060 RTP/AVP 0', 'm=message 5060 TCP/MSRP *', 'm=applicationsharing 1 x y', '']) {
    assert.equal(types('application/sdp', offer(media)), 488, media);
  }
  assert.equal(types('application/sdp', offer('m=message 5060 sip null\r\nm=audio 1 RTP/AVP 0')), 488);
  assert.equal(types('application/sdp', Buffer.alloc(0)), 488);
  assert.equal(types('', Buffer.alloc(0)), 488);
  assert.equal(types('multipart/mixed;boundary=x', offer('m=message 5060 sip null')), 488);
  assert.equal(types('application/sdp', offer(`m=message 5060 sip null\r\na=${'x'.repeat(17_000)}`)), 488);
  assert.equal(types('application/sdp', offer('m=message 5060 sip null', `a=accept-types:${'a/b '.repeat(80)}x`)), 488);
});

test('the offer may be one of several alternatives', () => {
  const body = Buffer.from(
    `--x\r\nContent-Type: application/other\r\n\r\nz\r\n--x\r\nContent-Type: application/sdp\r\n\r\n${offer('m=message 5060 sip null')}\r\n--x--\r\n`,
  );
  assert.deepEqual(types('multipart/alternative;boundary=x', body), [
    'text/plain',
    'multipart/alternative',
    'text/html',
  ]);
});

test('our own offer reads as an offer, and no peer URI can break its lines', () => {
  const printed = printOffer({ peerUri: 'sip:romeo@sfb.test', address: '0.0.0.0', port: 5061 });
  assert.match(printed, /\r\nm=message 5061 sip sip:romeo@sfb\.test\r\n/);
  assert.match(printed, /\r\nc=IN IP4 0\.0\.0\.0\r\n/);
  assert.match(printOffer({ address: '::1', port: 5061 }), /\r\nc=IN IP6 ::1\r\n/);
  assert.match(printOffer({ peerUri: 'sip:a\r\nm=audio', address: '0.0.0.0', port: 1 }), /m=message 1 sip null\r\n/);
  assert.ok(readOffer('application/sdp', Buffer.from(printed)).ok);
});

test('no body makes the reader throw', () => {
  fc.assert(
    fc.property(fc.constantFrom('application/sdp', 'multipart/alternative;boundary=x'), fc.string(), (type, body) => {
      void readOffer(type, Buffer.from(`v=0\r\nm=message 1 sip null\r\na=accept-types:${body}`));
      void readOffer(type, Buffer.from(body));
    }),
    { numRuns: 3000 },
  );
});
