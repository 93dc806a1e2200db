// Proves that the first message of a conversation survives its header (sip-dialect §5.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printTextFormat, readTextFormat } from './text-format.ts';

test('the header that a Skype client writes is read', () => {
  assert.equal(readTextFormat('text/plain; charset=UTF-8;msgr=WAAtAE0A/w;ms-body=SGVsbG8='), 'Hello');
  assert.equal(readTextFormat('text/html; charset=UTF-8; ms-body="PGI+SGVsbG88L2I+"'), 'Hello');
});

test('a text comes back as it was', () => {
  assert.equal(printTextFormat('Hello'), 'text/plain; charset=UTF-8;ms-body=SGVsbG8=');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const expected = text.replace(/\r\n?/g, '\n');
      assert.equal(readTextFormat(printTextFormat(expected)), expected.replace(/^\ufeff/, ''));
    }),
  );
});

test('a header without a readable text gives none', () => {
  for (const value of [
    '',
    'text/plain',
    'text/plain;ms-body',
    'text/plain;ms-body=*',
    'image/gif;ms-body=SGVsbG8=',
    'text/plain;ms-body=/w==',
  ]) {
    assert.equal(readTextFormat(value), undefined, value);
  }
  assert.equal(readTextFormat(printTextFormat('x'.repeat(30_000))), undefined);
});
