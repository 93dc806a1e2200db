// The measure itself is measured: every message arrives, and the figures are possible ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstMissing } from '../../peers/peers.ts';
import { cpuMicros } from './cpu-time.ts';
import { startForwarding } from './forwarding.ts';

const missing = firstMissing(['prosody', 'ejabberdctl']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

for (const forwarder of ['Prosody', 'ejabberd'] as const) {
  test(`${forwarder} forwards every message between two servers, and its CPU time is seen`, { skip }, async () => {
    await using stack = new AsyncDisposableStack();
    const forwarding = await startForwarding(forwarder, { window: 200 });
    stack.defer(forwarding.stop);
    const { messages, cpuMicrosA, cpuMicrosB, p50, p99 } = await forwarding.round(2_000);
    assert.equal(messages, 2_000);
    for (const micros of [cpuMicrosA, cpuMicrosB]) assert.ok(micros > 10 && micros < 2_000, `${micros} µs`);
    assert.ok(p50 > 0 && p50 <= p99 && p99 < 10_000, `${p50} ms, ${p99} ms`);
  });
}

test('the CPU time of a process grows when it works', () => {
  const before = cpuMicros(process.pid);
  const until = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < until);
  assert.ok(cpuMicros(process.pid) - before >= 40_000);
});
