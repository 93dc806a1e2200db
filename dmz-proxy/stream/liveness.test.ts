// When a silent partner is asked, and when it is given up (xmpp-boundary L5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveness } from './liveness.ts';

const times = { ping: 300_000, pong: 30_000 };

/** What is said second by second while the partner was last heard at `heard`. */
function story(until: number, heard: (now: number) => number): string[] {
  const liveness = createLiveness(0, times);
  const said: string[] = [];
  for (let now = 0; now <= until; now += 1_000) {
    const verdict = liveness.check(now, () => heard(now));
    if (verdict !== 'alive') said.push(`${verdict} ${now / 1_000}`);
    if (verdict === 'dead') break;
  }
  return said;
}

test('a partner that says nothing is asked after five minutes and after ten, and then it is dead', () => {
  assert.deepEqual(
    story(2_000_000, () => 0),
    ['ask 300', 'ask 600', 'dead 630'],
  );
});

test('any word is an answer, and the next question is five minutes from it', () => {
  assert.deepEqual(
    story(1_000_000, (now) => (now >= 310_000 ? 310_000 : 0)),
    ['ask 300', 'ask 610', 'ask 910', 'dead 940'],
  );
  assert.deepEqual(
    story(1_500_000, (now) => (now >= 620_000 ? 620_000 : 0)),
    ['ask 300', 'ask 600', 'ask 920', 'ask 1220', 'dead 1250'],
    'one miss is forgotten',
  );
});

test('a partner that talks is never asked', () => {
  assert.deepEqual(
    story(3_000_000, (now) => now - (now % 240_000)),
    [],
  );
});
