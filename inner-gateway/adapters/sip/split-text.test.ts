// Long texts in parts (sip-dialect §5.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { partBytes, splitText } from './split-text.ts';

test('a text that fits stays whole', () => {
  assert.deepEqual(splitText('x'.repeat(partBytes)), ['x'.repeat(partBytes)]);
});

test('parts say their number, fit, and together are the text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('word ', '\n', '🌻', 'é', 'x'.repeat(100)), { minLength: 400, maxLength: 900 }),
      (pieces) => {
        const text = pieces.join('');
        const parts = splitText(text);
        if (parts.length === 1) return;
        const bare = parts.map((part) => part.replace(/^\[\d+\/\d+\] /, ''));
        assert.equal(bare.join(''), text);
        assert.ok(parts.every((part) => Buffer.byteLength(part) <= partBytes + 12));
      },
    ),
    { numRuns: 50 },
  );
});
