// The header that an appliance writes before it passes a client's bytes on (PROXY protocol v2), and such an appliance.
import { connect, createServer, type Socket } from 'node:net';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A header for a client at this IPv4 address. */
export function proxyHeader(client: string, tlvs = Buffer.alloc(0)): Buffer {
  const addresses = Buffer.from([...client.split('.').map(Number), 127, 0, 0, 1, 0x30, 0x39, 0x14, 0x95]);
  return proxyBytes(0x21, 0x11, Buffer.concat([addresses, tlvs]));
}

/** A header with these bytes; `length` is what it says of its block. */
export function proxyBytes(command: number, family: number, block: Buffer, length = block.length): Buffer {
  return Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 255]), block]);
}

/**
 * A load balancer in front of `port`: it writes `header()` before the bytes of each client, in one segment with the first
 * of them, or alone and at once.
 */
export async function openAppliance(port: number, header: () => Buffer, together = true) {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const behind = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    behind.pipe(client);
    if (!together) behind.write(header());
    client.once('data', (first: Buffer) => {
      behind.write(together ? Buffer.concat([header(), first]) : first);
      client.pipe(behind);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
