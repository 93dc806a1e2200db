// Stanzas that must be refused, while nobody takes the refusals: they may neither pile up nor multiply (I10, §0.2).
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../pair/whole-site.ts';
import { body, heardBy, startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const refused = (i: number) =>
  `<message from="ann@out.example/desk" to="nobody@in.example" id="${i}">${body('x'.repeat(2_000))}</message>`;

test('an error is smaller than what it refuses, and repeats none of it', async () => {
  const heard = heardBy(site);
  const peer = await site.openStream();
  peer.say(refused(1));
  await until('the refusal is told', () => heard().length > 0);
  const [error = ''] = heard();
  assert.match(error, /service-unavailable/);
  assert.ok(error.length < 700, `${error.length} characters`);
  assert.doesNotMatch(error, /xxx/);
  peer.socket.destroy();
});

// The last test of this file: Ann's server does not come back.
test('twenty thousand refusals for a partner that takes no connection: a bounded queue, and a few attempts to reach it', async () => {
  const stream = await site.openStream();
  await site.neighbours.partners.get('out.example')!.stop();
  let attempts = 0;
  const wall = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  const { port } = site.lab.partners[0]!.listen;
  await new Promise<void>((resolve) => wall.listen(port, '127.0.0.1', resolve));
  const refuseMany = async (times: number) => {
    for (let i = 0; i < times; i++) {
      stream.say(Array.from({ length: 100 }, (_, n) => refused(i * 100 + n)).join(''));
      if (stream.socket.writableNeedDrain) await new Promise((resolve) => stream.socket.once('drain', resolve));
      await wait(10);
    }
  };
  try {
    // The queue fills in the first round; what grows in the second one would grow for ever.
    await refuseMany(100);
    await site.staysFlat(() => site.keepsAnswering(() => refuseMany(100)));
    assert.ok(attempts <= 6, `${attempts} attempts`);
    assert.deepEqual(site.delivered(), []);
  } finally {
    stream.socket.destroy();
    wall.close();
  }
});
