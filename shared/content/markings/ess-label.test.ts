// ESS labels byte by byte: what is read, what is not, and that what is written is read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EssLabel, readEssLabel, writeEssLabel } from './ess-label.ts';

const base64 = (text: string) => readEssLabel(Buffer.from(text, 'base64'));
const hex = (text: string) => readEssLabel(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('the labels that XEP-0258 shows', () => {
  const policy = '1.1';
  assert.deepEqual(base64('MQYCAQQGASk='), { policy, classification: 4, privacyMark: '', categories: [] });
  assert.deepEqual(base64('MQMGASk='), { policy, classification: 0, privacyMark: '', categories: [] });
  assert.equal(base64('MRUCAgD9DA9BcXVhIChvYnNvbGV0ZSk='), undefined, 'one without a policy says nothing');
  const aqua = hex('31 18 02 02 00fd 06 01 29 0c 0f 417175612028 6f62736f6c65746529');
  assert.deepEqual(aqua, { policy, classification: 253, privacyMark: 'Aqua (obsolete)', categories: [] });
});

test('the fields may stand in any order, each once, and a set may have its length in two bytes', () => {
  assert.equal(hex('31 06 06 01 29 02 01 04')?.classification, 4);
  assert.equal(hex('31 81 06 06 01 29 02 01 04')?.classification, 4);
  assert.deepEqual(hex('31 15 06 01 29 31 10 30 0e 80 03 2a0304 a1 07 0c 05 4153434549')?.categories, [
    { type: '1.2.3.4', text: 'ASCEI' },
  ]);
});

test('what is not all of that is not read', () => {
  const bad = {
    nothing: '',
    'no set': '30 06 02 01 04 06 01 29',
    'something behind it': '31 06 02 01 04 06 01 29 00',
    'cut short': '31 06 02 01 04 06 01',
    'a length without end': '31 80 06 01 29 00 00',
    'a length of five bytes': '31 85 00 00 00 00 03 06 01 29',
    'a field that reaches over the end': '31 03 06 05 29',
    'two classifications': '31 09 02 01 01 02 01 05 06 01 29',
    'two policies': '31 06 06 01 29 06 01 2a',
    'two privacy marks': '31 09 06 01 29 0c 01 41 13 01 42',
    'two sets of categories': '31 07 06 01 29 31 00 31 00',
    'a negative classification': '31 06 02 01 ff 06 01 29',
    'a classification of 257': '31 07 02 02 01 01 06 01 29',
    'a classification with a zero in front': '31 07 02 02 00 04 06 01 29',
    'no classification in its field': '31 05 02 00 06 01 29',
    'an identifier that does not end': '31 03 06 01 a9',
    'an identifier with an empty group in front': '31 04 06 02 80 29',
    'an arc of forty bits': '31 09 06 07 2a ff ff ff ff ff 7f',
    'an empty identifier': '31 02 06 00',
    'a privacy mark that is not UTF-8': '31 06 06 01 29 0c 01 ff',
    'a privacy mark with a line end': '31 06 06 01 29 0c 01 0a',
    'a category that is a number': '31 10 06 01 29 31 0b 30 09 80 03 2a0304 a1 02 02 01'.replace(
      'a1 02 02 01',
      'a1 02 02 00',
    ),
    'a category without a value': '31 0a 06 01 29 31 07 30 05 80 03 2a0304',
    'a category with two values': '31 13 06 01 29 31 0e 30 0c 80 03 2a0304 a1 05 0c 01 41 0c 00',
    'another field': '31 06 06 01 29 04 01 00',
  };
  for (const [name, text] of Object.entries(bad)) assert.equal(hex(text), undefined, name);
  const long = (length: number) =>
    Buffer.concat([Buffer.from([0x31, 0x82, length >> 8, length & 255]), Buffer.alloc(length)]);
  assert.equal(readEssLabel(long(5000)), undefined);
});

const label: fc.Arbitrary<EssLabel> = fc.record({
  policy: fc
    .tuple(fc.constantFrom('0.9', '1.2', '2.16', '2.39'), fc.array(fc.nat(99_999_999), { minLength: 1, maxLength: 6 }))
    .map(([root, arcs]) => [root, ...arcs].join('.')),
  classification: fc.nat(256),
  privacyMark: fc.constantFrom('', 'IN CONFIDENCE', 'für die Leitung'),
  categories: fc.array(
    fc.record({ type: fc.constantFrom('1.2.3', '2.5.4.999'), text: fc.constantFrom('A', 'B C', 'x'.repeat(60)) }),
    {
      maxLength: 5,
    },
  ),
});

test('what is written is read again', () => {
  const sorted = (one: EssLabel) => ({
    ...one,
    categories: one.categories.map(({ type, text }) => `${type} ${text}`).sort(),
  });
  fc.assert(
    fc.property(label, (one) => {
      const read = readEssLabel(writeEssLabel(one));
      assert.deepEqual(read === undefined ? undefined : sorted(read), sorted(one));
    }),
  );
});

test('any bytes are read or not, and a changed byte never makes a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      readEssLabel(bytes);
    }),
  );
  fc.assert(
    fc.property(label, fc.nat(), fc.nat(255), (one, at, byte) => {
      const bytes = Uint8Array.from(writeEssLabel(one));
      bytes[at % bytes.length] = byte;
      readEssLabel(bytes);
    }),
  );
});
