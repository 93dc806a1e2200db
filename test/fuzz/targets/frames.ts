// Frames of the wall (proto/boundary.proto): whatever bytes a taken-over proxy puts into one.
import assert from 'node:assert/strict';
import { Boundary } from '../../../proto/boundary.ts';
import { settlementFromWire } from '../../../shared/link/frame.ts';
import { packetFromWire, packetToWire } from '../../../shared/packet-on-the-wire.ts';
import type { Target } from '../target.ts';

const { requestSerialize, responseDeserialize, requestDeserialize } = Boundary.service.Exchange;

export const frames: Target = {
  name: 'frames',
  words: [
    ...['\x12', '\x22', '\x0a', '\x08', '\x10\x01', '\x1a', '\x52', '\x5a', '\x62', '\x6a', '\x72', '\x7a', '\x82\x01'],
    ...[
      '\x8a\x01',
      '\x92\x01',
      '\x9a\x01',
      '\xa2\x01',
      '\xaa\x01',
      '\xb2\x01',
      '\xba\x01',
      '\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
    ],
    ...['ann@out.example', 'bob@in.example', '__proto__', 'constructor', 'https://a.example/', '\x12\x00', '\x18\x00'],
  ],
  claim(input) {
    const frame = decoded(input);
    if (frame === undefined) return;
    for (const settled of frame.settled) {
      const read = settlementFromWire(settled);
      if (read?.state === 'refused') assert.notEqual(read.refusal.code, '');
    }
    for (const { id, packet } of frame.offered) {
      const believed = packetFromWire(id, packet);
      if (!believed.passed) {
        assert.notEqual(believed.refusal.code, 'internal-fault', believed.refusal.note);
        continue;
      }
      const offered = [{ seq: 1, id, packet: packetToWire(believed.subject) }];
      const again = packetFromWire(id, requestDeserialize(requestSerialize({ offered })).offered[0]?.packet);
      assert.ok(again.passed, 'what is believed once is believed again');
      assert.deepEqual(again.subject, believed.subject);
    }
  },
};

// gRPC ends the call where its decoder throws: that is its refusal.
function decoded(input: Buffer) {
  try {
    return responseDeserialize(input);
  } catch {
    return undefined;
  }
}
