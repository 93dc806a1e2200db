// A wire between gateway and proxy that a journey can cut: it copies bytes both ways, and reads none of them.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type LinkRelay = {
  readonly port: number;
  /** Cuts every connection in the middle of whatever it carries; new ones are taken as before. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
};

/** Listens on a port of 127.0.0.1 and passes every connection on to `target` there. */
export async function startLinkRelay(target: number): Promise<LinkRelay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    cut,
    async stop() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
