// One address may ask only so much (XEP-0205).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressLimits } from './address-limits.ts';

function limits(connections: number, attempts: number) {
  const time = { now: 1_000 };
  return { time, limits: createAddressLimits({ connections, attempts }, { now: () => time.now }) };
}

test('a connection that has left makes room for another', () => {
  const { limits: door } = limits(1, 100);
  assert.equal(door.enter('192.0.2.1'), true);
  assert.equal(door.enter('192.0.2.1'), false);
  assert.equal(door.enter('192.0.2.2'), true);
  door.leave('192.0.2.1');
  assert.equal(door.enter('192.0.2.1'), true);
});

test('attempts are counted by the minute, and failures count twice', () => {
  const { time, limits: door } = limits(100, 3);
  for (let i = 0; i < 2; i += 1) assert.equal(door.enter('192.0.2.1'), true);
  door.penalise('192.0.2.1');
  assert.equal(door.enter('192.0.2.1'), false);
  time.now += 59_999;
  assert.equal(door.enter('192.0.2.1'), false);
  time.now += 1;
  assert.equal(door.enter('192.0.2.1'), true);
});

test('all of an IPv6 /64 is one visitor, and a mapped IPv4 address is itself', () => {
  const { limits: door } = limits(1, 100);
  assert.equal(door.enter('2001:db8::1'), true);
  assert.equal(door.enter('2001:db8:0:0:1:2:3:4'), false);
  assert.equal(door.enter('2001:db8:0:1::1'), true);
  assert.equal(door.enter('::ffff:192.0.2.1'), true);
  assert.equal(door.enter('192.0.2.1'), false);
});

test('memory is bounded: those who left are forgotten first, then newcomers are refused', () => {
  const { limits: door } = limits(1, 100);
  const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  for (let i = 0; i < 20_000; i += 1) assert.equal(door.enter(address(i)), true);
  assert.equal(door.enter('192.0.2.1'), false);
  door.leave(address(7));
  assert.equal(door.enter('192.0.2.1'), true);
});
