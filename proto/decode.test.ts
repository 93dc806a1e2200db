// What our reader of frames reads, the loader reads alike; what it leaves alone, the loader decides.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { decoderOf } from './decode.ts';
import { frame } from './frames.fixtures.ts';

const file = new URL('boundary.proto', import.meta.url).pathname;
const loaded = loadSync(file, { longs: Number, enums: String, bytes: Buffer, defaults: true, oneofs: true });
const service = loaded['sallyport.boundary.v1.Boundary'];
const exchange = service !== undefined && 'Exchange' in service ? service.Exchange : undefined;
assert.ok(exchange !== undefined);
const { requestSerialize: write, requestDeserialize: theirs } = exchange;
const ours = decoderOf(loaded, 'sallyport.boundary.v1', 'FromInside');

/** Equal, or left alone; says whether it was read. */
function agrees(bytes: Buffer): boolean {
  const read = ours(bytes);
  if (read === undefined) return false;
  assert.deepEqual(read, theirs(bytes));
  return true;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('any frame is read as the loader reads it, and none that is written plainly is left to it', () => {
  fc.assert(
    fc.property(frame, (said) => {
      const bytes = write(said);
      // A number that needs more than 49 bits may be left, and a frame with one is.
      if (!agrees(bytes)) assert.match(JSON.stringify(theirs(bytes)), /\d{15}|-\d|\d{9}/);
    }),
    { numRuns: 500 },
  );
});

test('of broken frames nothing is read that the loader refuses or reads otherwise', () => {
  const change = fc.record({ at: fc.nat(), by: fc.nat(255), what: fc.constantFrom('set', 'cut', 'insert', 'remove') });
  let read = 0;
  fc.assert(
    fc.property(frame, fc.array(change, { minLength: 1, maxLength: 4 }), (said, changes) => {
      let bytes = Buffer.from(write(said));
      for (const { at, by, what } of changes) {
        const place = bytes.length === 0 ? 0 : at % bytes.length;
        const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)];
        if (what === 'cut') bytes = Buffer.from(before);
        else if (what === 'insert') bytes = Buffer.concat([before, Buffer.of(by), behind]);
        else bytes = Buffer.concat([before, what === 'set' ? Buffer.of(by) : Buffer.of(), behind.subarray(1)]);
      }
      if (agrees(bytes)) read += 1;
    }),
    { numRuns: 5_000 },
  );
  assert.ok(read > 100, `${read} of 5000 were read`);
});

test('of any bytes at all nothing is read otherwise', () => {
  const small = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x2a, 0, 1, 2, 3, 8, 0x80)), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(small, (each) => {
      agrees(Buffer.from(each));
    }),
    { numRuns: 5_000 },
  );
});

test('two frames in a row, which are one message to protobuf, are read as the loader reads them', () => {
  fc.assert(
    fc.property(frame, frame, (one, other) => {
      agrees(Buffer.concat([write(one), write(other)]));
    }),
  );
});

const packet = (content: string): Buffer => {
  const inner = hex(content);
  const around = Buffer.concat([Buffer.of(0x22, inner.length), inner]);
  return Buffer.concat([Buffer.of(0x12, around.length), around]);
};

test('what may be meant in more than one way is left to the loader', () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['a field that nobody knows', hex('7a 00')],
    ['a wire type that the field has not', hex('20 00')],
    ['a text as a number', packet('08 01')],
    ['a group', hex('13 14')],
    ['the end of a group', hex('14')],
    ['an end within a tag', hex('92')],
    ['an end within a length', hex('12 80')],
    ['a length beyond the end', hex('12 05 08')],
    ['a length beyond the message around it', hex('22 02 08 01 22 03 08 01 22 00').subarray(0, 8)],
    ['a tag of many bytes', hex('92 80 80 80 00 00')],
    ['a number of ten bytes', hex('22 0b 08 ff ff ff ff ff ff ff ff ff 01')],
    ['a number above 2^49', hex('22 09 08 80 80 80 80 80 80 80 01')],
    ['a text said twice', packet('0a 01 61 0a 01 62')],
    ['a number said twice', hex('22 04 08 01 08 02')],
    ['a message said twice', hex('32 00 32 00')],
    ['two members of a oneof', packet('7a 00 82 01 00')],
    ['one member of a oneof twice', packet('7a 00 7a 00')],
    ['the number 0', hex('02 00')],
  ];
  for (const [what, bytes] of cases) assert.equal(ours(bytes), undefined, what);
});

test('what looks odd and has one meaning is read like the loader does', () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['nothing', hex('')],
    ['an empty message', hex('12 00')],
    ['a number in more bytes than it needs', hex('22 04 08 81 80 00')],
    ['letters that are no UTF-8', packet('0a 04 61 ff c3 28')],
    ['a text with its zero', packet('0a 02 00 61')],
    ['a zero that is said', hex('22 02 08 00')],
    ['an enum of a number that no word has', hex('2a 04 08 01 10 63')],
    ['a member of a oneof that is empty', packet('82 01 00')],
    ['a truth of more than one', hex('12 02 18 05')],
  ];
  for (const [what, bytes] of cases) assert.ok(agrees(bytes), what);
});

test('texts that come again are one, and never another one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), maxLength: 70 }), { maxLength: 40 }),
      (texts) => {
        const offered = texts.map((each) => ({ packet: { from: each, to: each } }));
        assert.ok(agrees(write({ offered })));
      },
    ),
  );
});

test('what was read is not changed by what is read after it', () => {
  const first = ours(write({ offered: [{ seq: 1, id: 'one' }], taken: [{ seq: 7 }] }));
  const before = structuredClone(first);
  ours(write({ offered: [{ seq: 2, id: 'two' }], settled: [{ seq: 9 }] }));
  ours(hex('12 05 08'));
  assert.deepEqual(first, before);
});
