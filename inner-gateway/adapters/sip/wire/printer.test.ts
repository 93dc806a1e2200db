// What we print is one line a value, whatever the value holds (RFC 3261 §7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printRequest, quotable } from './printer.ts';

test('no value can start a line of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\r', '\n', '\0', '\u2028', 'a', ':', ' ') }), (value) => {
      const text = printRequest('MESSAGE', `sip:${value}@x`, [['Subject', value]]);
      assert.equal(text.split(/[\r\n\0\u2028]+/).length, 4);
      assert.equal(text.endsWith('\r\nContent-Length: 0\r\n\r\n'), true);
    }),
  );
});

test('the length of a body is counted in bytes', () => {
  const text = printRequest('MESSAGE', 'sip:a@b', [], { type: 'text/plain', text: 'ü🌻' });
  assert.equal(text, 'MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nü🌻');
});

test('a reason cannot leave its quotes', () => {
  assert.equal(quotable('a"b\\c\r\nd'), "a'b'c d");
  assert.equal(quotable('x'.repeat(500)).length, 200);
});
