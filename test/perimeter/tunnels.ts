// Carries connections between a test and a namespace: a namespace holds sockets apart, a Unix path does not. The
// neighbours of a test so stand at addresses of other hosts. As a program it runs on such a host, until its input ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type End = { readonly host: string; readonly port: number } | { readonly path: string };
/** Where `to` is a list, connections take turns. */
export type Tunnel = { readonly name: string; readonly listen: End; readonly to: readonly End[] };
export type Tunnels = {
  /** Cuts every connection of that tunnel in the middle of whatever it carries. */
  readonly cut: (name: string) => void;
  readonly stop: () => Promise<void>;
};

/** Opens them in this process. */
export async function openTunnels(tunnels: readonly Tunnel[]): Promise<Tunnels> {
  const open = new Map<string, Set<Socket>>(tunnels.map(({ name }) => [name, new Set()]));
  const servers = await Promise.all(tunnels.map((tunnel) => openOne(tunnel, open.get(tunnel.name) ?? new Set())));
  const cut = (name: string) => {
    for (const socket of open.get(name) ?? []) sever(socket);
  };
  return {
    cut,
    async stop() {
      for (const name of open.keys()) cut(name);
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    },
  };
}

/** Opens them in a process of their own that `command` starts, such as one on another host. */
export async function startTunnels(command: readonly string[], tunnels: readonly Tunnel[]): Promise<Tunnels> {
  const [program = '', ...rest] = [...command, process.execPath];
  const child = spawn(program, [...rest, import.meta.filename, JSON.stringify(tunnels)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error(`tunnels did not open: ${tunnels.map(({ name }) => name).join(', ')}`);
    }),
  ]);
  return {
    cut: (name) => void child.stdin.write(`${name}\n`),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

async function openOne({ listen, to }: Tunnel, open: Set<Socket>): Promise<Server> {
  let turn = 0;
  const server = createServer((near) => {
    const place = to[turn++ % to.length];
    if (place === undefined) return near.destroy();
    const far = connect(place);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', (broken) => {
        open.delete(one);
        if (broken) sever(other);
        else other.destroy();
      });
      one.pipe(other);
    }
    return near;
  });
  server.listen(listen);
  await once(server, 'listening');
  return server;
}

function sever(socket: Socket): void {
  // A Unix socket knows no reset, and one that is still connecting would wait with it.
  if (socket.connecting || socket.remoteFamily === undefined) socket.destroy(new Error('cut'));
  else socket.resetAndDestroy();
}

if (import.meta.main) {
  const opened = await openTunnels(JSON.parse(process.argv[2] ?? '[]'));
  process.stdout.write('open\n');
  for await (const name of createInterface({ input: process.stdin })) opened.cut(name);
  await opened.stop();
}
