// Runs a real peer as a child process of a test: its output is kept, it is ended by its id, nothing is left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type Daemon = {
  readonly pid: number;
  /** What it printed, the newest half megabyte or so. */
  log(): string;
  /** The exit code, once it has ended; -1 after a signal. */
  readonly ended: Promise<number>;
  /** SIGTERM, and SIGKILL after 3 s. Resolves when the process is gone. */
  stop(): Promise<void>;
};

/**
 * Starts `command` and resolves when `ready` says so, asked every 50 ms; throws with its log when it ends before that
 * or when `within` milliseconds (10,000) have passed.
 */
export async function startDaemon(
  command: string,
  args: readonly string[],
  options: {
    readonly ready: (log: string) => boolean | Promise<boolean>;
    readonly within?: number;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Daemon> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd && { cwd: options.cwd }),
    env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: options.cwd ?? '/', ...options.env },
  });
  let log = '';
  let running = true;
  const keep = (piece: Buffer) => {
    log += piece.toString();
    if (log.length > 1_048_576) log = log.slice(524_288);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = exitOf(child).then((code) => {
    running = false;
    process.off('exit', kill);
    return code;
  });
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);

  const stop = async () => {
    if (!running) return;
    child.kill('SIGTERM');
    const late = setTimeout(kill, 3_000);
    await ended;
    clearTimeout(late);
  };
  const until = Date.now() + (options.within ?? 10_000);
  while (!(await options.ready(log))) {
    if (running && Date.now() < until) {
      await wait(50);
      continue;
    }
    await stop();
    throw new Error(`${command} did not get ready:\n${log.slice(-8_000)}`);
  }
  return { pid: child.pid ?? 0, log: () => log, ended, stop };
}

// Each process takes from a range of its own, so that tests that run side by side do not take each other's.
const portsAProcess = 100;
const firstPort = 20_000 + (process.pid % 127) * portsAProcess;
let nextPort = 0;

/**
 * A TCP port of 127.0.0.1 that was free a moment ago; for programs that cannot choose one themselves. It lies below the
 * range from which Linux takes ports for outgoing connections, which would else be handed out before the program starts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % portsAProcess);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code] = await Promise.race([once(child, 'exit'), once(child, 'error').then((): [number] => [-1])]);
  return typeof code === 'number' ? code : -1;
}
