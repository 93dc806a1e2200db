// The order of RFC 2782, drawn ten thousand times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderServices, type Service } from './order-services.ts';

const service = (name: string, priority: number, weight: number, tls: Service['tls'] = 'starttls'): Service => ({
  name,
  port: 5269,
  priority,
  weight,
  tls,
});
/** Mulberry32: the same numbers in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const names = (services: readonly Service[]) => services.map(({ name }) => name).join('');

test('a lower priority goes first, whatever its weight and however TLS begins', () => {
  const services = [service('c', 30, 65_535), service('a', 5, 0), service('b', 10, 9, 'direct'), service('d', 40, 1)];
  for (let i = 0; i < 100; i += 1) assert.equal(names(orderServices(services)), 'abcd');
  assert.deepEqual(orderServices([]), []);
});

test('inside one priority each is drawn as often as its weight says, both services in one pot', () => {
  const draws = 10_000;
  const services = [service('a', 1, 10), service('b', 1, 60, 'direct'), service('c', 1, 30), service('z', 1, 0)];
  const first = new Map<string, number>();
  const random = seeded(1);
  for (let i = 0; i < draws; i += 1) {
    const order = orderServices(services, random);
    assert.equal(order.length, 4);
    assert.equal(new Set(order).size, 4, 'each stands there once');
    const name = order[0]?.name ?? '';
    first.set(name, (first.get(name) ?? 0) + 1);
  }
  // Random 0 to 100 inclusive: 0 is z, 1 to 10 is a, 11 to 70 is b, 71 to 100 is c.
  for (const [name, share] of [
    ['z', 1 / 101],
    ['a', 10 / 101],
    ['b', 60 / 101],
    ['c', 30 / 101],
  ] as const) {
    const sigma = Math.sqrt(draws * share * (1 - share));
    const drawn = first.get(name) ?? 0;
    assert.ok(Math.abs(drawn - draws * share) < 3 * sigma, `${name} was first ${drawn} times`);
  }
});

test('equal weights of zero are all drawn', () => {
  const order = orderServices([service('a', 1, 0), service('b', 1, 0)], () => 0.999);
  assert.equal(order.length, 2);
});
