// Frames that are small on the wire and large in memory are told before they are decoded.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Boundary } from './boundary.ts';

const { responseDeserialize: read, responseSerialize: write } = Boundary.service.Exchange;
const tooMany = /a frame of too many pieces/;

test('honest frames pass, the largest too', () => {
  const packet = {
    from: 'ann@out.example/desk',
    to: 'bob@in.example',
    message: {
      body: 'x'.repeat(10_000),
      otherLanguages: Array.from({ length: 16 }, () => ({ lang: 'en', text: 'y'.repeat(1_000) })),
      links: Array.from({ length: 16 }, () => ({ url: 'https://a.example/', description: 'z' })),
    },
  };
  const frame = write({
    offered: Array.from({ length: 32 }, (_, i) => ({ seq: i + 1, id: `b.${i}`, packet })),
    taken: Array.from({ length: 512 }, (_, i) => ({ seq: i + 1 })),
    settled: Array.from({ length: 512 }, (_, i) => ({ seq: i + 1, code: 'far-refuses', publicText: 'no' })),
    asked: Array.from({ length: 512 }, (_, i) => ({ seq: i + 1, id: `b.${i}` })),
  });
  assert.ok(frame.length > 500_000);
  assert.equal(read(frame).offered.length, 32);
});

test('a million empty pieces are refused, at the top and deep inside, texts as well', () => {
  const many = 1_000_000;
  const nothing = Array.from({ length: many }, () => ({}));
  assert.throws(() => read(write({ taken: nothing })), tooMany);
  assert.throws(() => read(write({ offered: [{ packet: { message: { links: nothing } } }] })), tooMany);
  assert.throws(
    () => read(write({ offered: [{ packet: { reactions: { emojis: Array.from({ length: many }, () => '') } } }] })),
    tooMany,
  );
});

test('8 MiB of anything are told within a second', () => {
  for (const byte of [0x00, 0x0a, 0x12, 0x80, 0xff]) {
    const bytes = Buffer.alloc(8 * 1024 * 1024, byte);
    const before = process.cpuUsage();
    try {
      read(bytes);
    } catch {
      // What is no message is refused by the decoder.
    }
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 1_000_000, `${user + system} µs for bytes of ${byte}`);
  }
});
