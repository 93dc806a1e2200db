// What our writer of frames writes is read as what the loader's own writer writes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { Boundary } from './boundary.ts';
import type { FromInside } from './generated/sallyport/boundary/v1/FromInside.ts';

const { requestDeserialize: read, requestSerialize: write } = Boundary.service.Exchange;
const file = new URL('boundary.proto', import.meta.url).pathname;
const loaded = loadSync(file, { longs: Number, enums: String, bytes: Buffer, defaults: true, oneofs: true });
const service = loaded['sallyport.boundary.v1.Boundary'];
const theirs = service !== undefined && 'Exchange' in service ? service.Exchange : undefined;

const text = fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 90 }), fc.string({ maxLength: 90 }));
const count = fc.oneof(fc.constant(0), fc.nat(), fc.nat(300), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));
const flag = fc.boolean();
const lists = <T>(each: fc.Arbitrary<T>) => fc.array(each, { maxLength: 3 });
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [], noNullPrototype: true });
const said = fc.oneof(
  some({
    message: some({
      ...{ body: text, subject: text, thread: text, nick: text, originId: text },
      type: fc.constantFrom('CHAT', 'NORMAL', 'MESSAGE_TYPE_UNSPECIFIED'),
      chatState: fc.constantFrom('ACTIVE', 'GONE'),
      ...{ receiptRequested: flag, markable: flag },
      reply: fc.option(some({ to: text, id: text, quotedStart: fc.nat(), quotedEnd: count })),
      label: fc.option(some({ display: text, label: bytes, equivalents: lists(bytes) })),
      links: lists(some({ url: text, description: text })),
      otherLanguages: lists(some({ lang: text, text })),
    }),
  }),
  some({
    presence: some({
      availability: fc.constantFrom('AWAY', 'AVAILABLE'),
      statuses: lists(some({ lang: text, text })),
      priority: fc.maxSafeInteger(),
      ...{ idleSinceMs: count, avatarHash: bytes },
    }),
  }),
  fc.constant({ probe: {} }),
  some({ card: some({ fullName: text, emails: lists(some({ use: fc.constant('WORK'), value: text })) }) }),
  some({ reactions: some({ toId: text, emojis: lists(text) }) }),
);
const packet = fc.tuple(some({ from: text, to: text, atMs: count, lang: text, delayed: flag }), said);
const frame = some({
  offered: lists(
    some({ seq: count, id: text, again: flag, packet: packet.map(([around, content]) => ({ ...around, ...content })) }),
  ),
  asked: lists(some({ seq: count, id: text })),
  taken: lists(some({ seq: count })),
  settled: lists(some({ seq: count, state: fc.constantFrom('DELIVERED', 'REFUSED', 4, 77), publicText: text })),
  hello: fc.option(some({ clockMs: fc.maxSafeInteger(), software: text, credit: fc.nat(2 ** 32 - 1) })),
});

test('any frame is read as what the loader writes of it', () => {
  fc.assert(
    fc.property(frame, (each) => {
      const said = each as FromInside;
      assert.deepEqual(read(write(said)), read(theirs?.requestSerialize(said) ?? Buffer.alloc(0)));
    }),
    { numRuns: 500 },
  );
});

test('a frame stays as it is while others are written, also larger ones than there is room for', () => {
  const sizes = [10, 70_000, 10, 300_000, 5, 65_536, 40];
  const frames = sizes.map((size) => write({ goodbye: { reason: 'ä'.repeat(size) } }));
  for (const [i, each] of frames.entries()) assert.equal(read(each).goodbye?.reason.length, sizes[i]);
});

test('what the field cannot hold is a fault, and what is no field is left out', () => {
  const wrong = (each: object) => () => write(each as FromInside);
  assert.throws(wrong({ taken: [{ seq: '1' }] }), TypeError);
  assert.throws(wrong({ taken: [{ seq: 1.5 }] }), TypeError);
  assert.throws(wrong({ taken: { seq: 1 } }), TypeError);
  assert.throws(wrong({ settled: [{ state: 'PERHAPS' }] }), TypeError);
  assert.throws(wrong({ goodbye: { reason: 7 } }), TypeError);
  const odd = { goodbye: { reason: 'x', kind: 'y' } };
  assert.equal(read(write(odd)).goodbye?.reason, 'x');
});
