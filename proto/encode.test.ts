// What our writer of frames writes is read as what the loader's own writer writes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { Boundary } from './boundary.ts';
import { frame } from './frames.fixtures.ts';
import type { FromInside } from './generated/sallyport/boundary/v1/FromInside.ts';

const { requestDeserialize: read, requestSerialize: write } = Boundary.service.Exchange;
const file = new URL('boundary.proto', import.meta.url).pathname;
const loaded = loadSync(file, { longs: Number, enums: String, bytes: Buffer, defaults: true, oneofs: true });
const service = loaded['sallyport.boundary.v1.Boundary'];
const theirs = service !== undefined && 'Exchange' in service ? service.Exchange : undefined;

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
