// Frames of all kinds, for the tests of their writer and their reader.
import fc from 'fast-check';

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
/** A frame from inside, as its writer gets it. */
export const frame = some({
  offered: lists(
    some({ seq: count, id: text, again: flag, packet: packet.map(([around, content]) => ({ ...around, ...content })) }),
  ),
  asked: lists(some({ seq: count, id: text })),
  taken: lists(some({ seq: count })),
  settled: lists(some({ seq: count, state: fc.constantFrom('DELIVERED', 'REFUSED', 4, 77), publicText: text })),
  hello: fc.option(some({ clockMs: fc.maxSafeInteger(), software: text, credit: fc.nat(2 ** 32 - 1) })),
});
