// The marks of the quarantine over the wall: held goes in, released goes out, and neither the other way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Packet, QuarantineMark } from '../../shared/packet.ts';
import { marksToWire, withMark } from '../../shared/wire/quarantine-marks.ts';
import {
  authority,
  gatewayUri,
  kept,
  linkFiles,
  message,
  openInside,
  openOutside,
  proxyUri,
  temporaryFolder,
  until,
} from './two-ends.ts';

const held: QuarantineMark = { state: 'held', rule: 'R1', incident: 'abc' };
const released: QuarantineMark = { state: 'released', incident: '0123456789abcdef' };
const inward = (id: string, quarantine: QuarantineMark): Packet => ({
  ...message(id, 'ann@out.example', 'bob@in.example', 'x'),
  quarantine,
});
const outward = (id: string, quarantine: QuarantineMark): Packet => ({
  ...message(id, 'bob@in.example', 'ann@out.example', 'x'),
  quarantine,
});

test('each mark arrives as it was made, in its direction, and is refused in the other', async (t) => {
  const folder = temporaryFolder();
  t.after(folder.remove);
  const arrivedOutside: Packet[] = [];
  const arrivedInside: Packet[] = [];
  const outside = await openOutside({
    files: linkFiles(folder, authority, 'proxy', proxyUri),
    receive(packet, _again, news) {
      arrivedOutside.push(packet);
      news.settled({ state: 'delivered' });
    },
  });
  t.after(outside.close);
  const inside = await openInside({
    files: linkFiles(folder, authority, 'gateway', gatewayUri),
    port: outside.port,
    accept: async (packet) => {
      arrivedInside.push(packet);
      return kept(packet);
    },
  });
  t.after(inside.stop);
  const codes: (string | undefined)[] = [];
  for (const packet of [inward('in-1', held), inward('in-2', released)]) {
    outside.toInside.send(packet, (end) => codes.push(end.state === 'refused' ? end.refusal.code : undefined));
  }
  await until('both have an end', () => codes.length === 2);
  assert.deepEqual(codes.toSorted(), ['origin-disbelieved', undefined]);
  assert.deepEqual(
    arrivedInside.map(({ id, quarantine }) => [id, quarantine]),
    [['in-1', held]],
  );
  const ends = [outward('out-1', released), outward('out-2', held)].map((packet) =>
    inside.deliver({ packet, again: false, written: () => {} }),
  );
  const [first, second] = await Promise.all(ends);
  assert.equal(first?.state, 'delivered');
  assert.ok(second?.state === 'refused' && second.refusal.code === 'origin-disbelieved');
  assert.deepEqual(
    arrivedOutside.map(({ id, quarantine }) => [id, quarantine]),
    [['out-1', released]],
  );
});

test('an end that takes no marks refuses both, and a packet without a mark stays as it is', () => {
  const { quarantine: _, ...plain } = inward('p', held);
  const none = { seq: 1, id: 'p', again: false, packet: null, held: null, released: '' };
  assert.deepEqual(withMark(plain, none, 'none'), { passed: true, subject: plain });
  assert.deepEqual(marksToWire(plain), {});
  assert.equal(withMark(plain, { ...none, released: 'x' }, 'none').passed, false);
  assert.equal(withMark(plain, { ...none, held: { rule: 'R', incident: 'i' } }, 'none').passed, false);
});
