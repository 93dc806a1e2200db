// TLS handshakes by the hundred, each of which costs us a signature and the attacker a few bytes (xmpp-boundary L7).
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { until } from '../pair/whole-site.ts';
import { startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();

/** The first words of a TLS client, as they stand on the wire. */
async function clientHello(): Promise<Buffer> {
  const heard = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => socket.on('error', () => {}).once('data', (bytes) => heard.resolve(bytes)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connectTls({ port, host: '127.0.0.1', servername: 'in.example', rejectUnauthorized: false });
  client.on('error', () => {});
  const bytes = await heard.promise;
  client.destroy();
  server.close();
  return bytes;
}

test('seven hundred handshakes that are never finished: above the budget they are cut, and nobody is held up', async () => {
  const hello = await clientHello();
  let answered = 0;
  const one = async () => {
    const socket: Socket = connect(site.lab.proxy.directTls, '127.0.0.1');
    socket.on('error', () => {});
    socket.once('data', () => {
      answered += 1;
      socket.destroy();
    });
    socket.write(hello);
    await new Promise((resolve) => socket.once('close', resolve));
  };
  let since: number | undefined;
  let over = 0;
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      since ??= Date.now();
      for (let i = 0; i < 14; i++) await Promise.all(Array.from({ length: 50 }, one));
      over = Date.now();
    }),
  );
  const budget = 200 + ((over - (since ?? over)) / 1000) * 100;
  assert.ok(answered > 100 && answered <= budget + 10, `${answered} of 700 were answered, the budget was ${budget}`);
});

test('a moment later a partner gets in, and garbage in the place of a handshake is nothing', async () => {
  for (const bytes of ['\x16\x03\x01\xff\xff', 'GET / HTTP/1.1\r\n\r\n', '\x80\x2e\x01\x00\x02', '\0'.repeat(5_000)]) {
    const socket = connect(site.lab.proxy.directTls, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.end(Buffer.from(bytes, 'latin1'));
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await until('a partner gets in', () =>
    site.openStream().then(
      (peer) => {
        peer.socket.destroy();
        return true;
      },
      () => false,
    ),
  );
  await site.onlyDelivered();
});
