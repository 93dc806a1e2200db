// Codes that are text by themselves, what only looks like a code, and the way back to where they stood.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decode } from './decode.ts';
import { createFolder } from './fold.ts';

const fold = createFolder();
const decoded = (text: string) => decode(text, fold(text)).map((found) => found.text);

test('each code is read, alone and within a sentence', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['bmlnaHRpbmdhbGU=', 'nightingale'],
    ['see bmlnaHRpbmdhbGU= there', 'nightingale'],
    ['bmlnaHRpbmdhbGU', 'nightingale'],
    ['https://x.example/a/bmlnaHRpbmdhbGU', 'nightingale'],
    ['key_bmlnaHRpbmdhbGU-x', 'nightingale'],
    ['w7ZmZmVudGxpY2g=', 'öffentlich'],
    ['bgBpAGcAaAB0AA==', 'night'],
    ['6e69676874696e67616c65', 'nightingale'],
    ['0x6e69676874', 'night'],
    ['6e 69 67 68 74', 'night'],
    ['0x6e, 0x69, 0x67, 0x68, 0x74', 'night'],
    ['nigh%74', 'night'],
    ['%C3%B6ffentlich', 'öffentlich'],
    ['n&#105;ght &amp; day', 'night & day'],
    ['n&#x69;ght', 'night'],
    ['ni=67ht', 'night'],
    ['ni=\r\nght', 'night'],
    ['\\u006eight', 'night'],
    ['\\u{6e}ight', 'night'],
    ['\\x6e\\x69ght', 'night'],
    ['%u006eight', 'night'],
  ];
  for (const [text, meant] of cases)
    assert.ok(decoded(text).includes(meant), `${text}: ${JSON.stringify(decoded(text))}`);
});

test('a long code is read across the line breaks that mail puts into it', () => {
  const long = Buffer.from('the nightingale sings at night, and nobody knows for whom it does').toString('base64');
  assert.deepEqual(decoded(`${long.slice(0, 64)}\r\n${long.slice(64)}`), [Buffer.from(long, 'base64').toString()]);
});

test('words, numbers and bytes that are no text are left alone', () => {
  for (const text of [
    'communication',
    'responsibilities',
    'deadbeefdeadbeef',
    '1234567890',
    'AAAAAAAAAAAA',
    'iVBORw0KGgoAAAANSUhEUg',
    '12 34 56 78 90',
  ]) {
    assert.deepEqual(
      decoded(text).filter((found) => /^[\x20-\x7e]+$/.test(found) && /[a-z]{4}/.test(found)),
      [],
      text,
    );
  }
});

test('what comes out is never longer than what goes in, and each character leads back to where it stood', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ maxLength: 12 }).map((text) => Buffer.from(text).toString('base64')),
    fc.string({ maxLength: 12 }).map((text) => Buffer.from(text).toString('hex')),
    fc.constantFrom('%41', '&amp;', '&#65;', '=\r\n', '=41', '\\u0041', '%', '&', '\u{1f600}', 'é', '%F0%9F%98%80'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join(' ');
      for (const { text: found, from, to } of decode(text, fold(text))) {
        assert.ok(found.length <= text.length);
        assert.deepEqual([from.length, to.length], [found.length, found.length]);
        for (let i = 0; i < found.length; i++) assert.ok(from[i]! < to[i]! && to[i]! <= text.length);
      }
    }),
    { numRuns: 500 },
  );
});
