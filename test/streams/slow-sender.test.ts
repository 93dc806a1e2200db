// A sender that drips: too few bytes a second inside of an element end its stream (xmpp-boundary L8).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openChannel } from '../../dmz-proxy/stream/channel.ts';
import { header } from './scripted-peer.ts';

/** A channel on a real socket with a clock of the test. */
async function channelOf(t: TestContext) {
  let now = 1_000;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const peer = connect(port, '127.0.0.1');
  const channel = openChannel(await accepted, { now: () => now }, { firstLevelBytes: 10_000 });
  const say = async (text: string) => {
    const had = channel.bytesIn();
    peer.write(text);
    while (channel.bytesIn() < had + text.length) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  t.after(() => {
    peer.destroy();
    channel.destroy();
    server.close();
  });
  return { channel, say, pass: (ms: number) => (now += ms), time: () => now };
}

const limits = { assembly: 30_000, idle: 900_000 };

test('fewer than 64 bytes a second inside of an element end the stream after ten seconds, more do not', async (t) => {
  for (const [bytes, expected] of [
    [600, 'ends'],
    [700, 'goes on'],
  ] as const) {
    const { channel, say, pass, time } = await channelOf(t);
    await say(header());
    assert.equal((await channel.next()).kind, 'open');
    const next = channel.next();
    await say(`<message a="${'x'.repeat(bytes - 12)}`);
    pass(9_900);
    channel.check(time(), limits);
    pass(200);
    channel.check(time(), limits);
    await say('"/>');
    const event = await next;
    assert.equal(event.kind === 'ends' ? 'ends' : 'goes on', expected, `${bytes} bytes`);
    if (event.kind === 'ends') {
      assert.ok(event.ending.kind === 'error' && event.ending.condition === 'connection-timeout');
    }
  }
});
