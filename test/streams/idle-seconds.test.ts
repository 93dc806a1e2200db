// How often a partner hears from us that says how much silence it bears (XEP-0478; xmpp-boundary H21, L4).
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { openChannel } from '../../dmz-proxy/stream/channel.ts';
import { superviseStream } from '../../dmz-proxy/stream/supervise-stream.ts';
import { timesOf } from '../../dmz-proxy/stream/times.ts';
import { systemClock } from '../../shared/clock.ts';
import { credentialsOf, log, ours, partner, policyOf, settingsOf } from './setting.ts';

for (const [idleSeconds, afterMs] of [
  [60, 30_000],
  [3_600, 240_000],
  [undefined, 240_000],
] as const) {
  test(`a partner that bears ${idleSeconds ?? 'any'} seconds of silence hears a space after ${afterMs / 1000}`, async (t) => {
    const server = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const socket = connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    await new Promise((resolve) => socket.once('connect', resolve));
    t.after(() => {
      socket.destroy();
      server.close();
    });
    const channel = openChannel(socket, systemClock, { firstLevelBytes: 10_000 });
    const policy = policyOf(partner('out.example'));
    const supervised = superviseStream({
      channel,
      idleSeconds,
      times: timesOf(settingsOf('in.example').limits),
      bidi: false,
      chain: [],
      certificate: undefined,
      shown: { domain: 'in.example', generation: 1 },
      partner: partner('out.example'),
      policy: () => policy,
      credentials: credentialsOf(ours),
      clock: systemClock,
      log,
    });
    const start = channel.lastOutput();
    const before = socket.bytesWritten;
    supervised.check(start + afterMs - 1_000, () => {});
    assert.equal(socket.bytesWritten, before, 'not before its time');
    supervised.check(start + afterMs, () => {});
    assert.equal(socket.bytesWritten, before + 1, 'one space');
  });
}
