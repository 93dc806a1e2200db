// Starts dmz-proxy and inner-gateway as two processes on a site, waits until they talk, and ends them.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Daemon, startDaemon } from '../daemon.ts';
import type { Lab } from './lab-site.ts';

export type Half = 'proxy' | 'gateway';

export type Pair = {
  readonly pid: (half: Half) => number;
  /** What a half printed: JSON lines. */
  readonly log: (half: Half) => string;
  /** Ends a half: politely, or with SIGKILL. */
  readonly end: (half: Half, how?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  readonly start: (half: Half) => Promise<void>;
  /** Resolves when both are up and the link between them is. */
  readonly ready: () => Promise<void>;
  /** The exit code of a half that ended by itself or was ended. */
  readonly stop: () => Promise<void>;
};

const root = join(import.meta.dirname, '..', '..');
const programs = { proxy: 'dmz-proxy/main.ts', gateway: 'inner-gateway/main.ts' } as const;

/** What goes before node when a half starts. */
export type Command = readonly string[] | ((half: Half) => readonly string[]);

/** Starts both halves; with `command` pinned to a core, as another user, on another host. */
export async function startPair(lab: Lab, command: Command = []): Promise<Pair> {
  const running = new Map<Half, Daemon>();

  async function start(half: Half): Promise<void> {
    const before = typeof command === 'function' ? command(half) : command;
    const [program, ...rest] = [...before, process.execPath];
    const args = [...rest, '--disable-warning=ExperimentalWarning', join(root, programs[half]), lab.settings[half]];
    const daemon = await startDaemon(program ?? process.execPath, args, {
      ready: () => answers(lab[half].metrics, '/livez'),
      within: 20_000,
    });
    running.set(half, daemon);
    lab[half].pid = daemon.pid;
  }

  const started = await Promise.allSettled([start('proxy'), start('gateway')]);
  const failed = started.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all([...running.values()].map((daemon) => daemon.stop()));
    throw failed.reason;
  }
  return {
    pid: (half) => lab[half].pid,
    log: (half) => running.get(half)?.log() ?? '',
    async end(half, how = 'SIGTERM') {
      const daemon = running.get(half);
      if (daemon === undefined) return;
      if (how === 'SIGKILL') process.kill(daemon.pid, 'SIGKILL');
      await daemon.stop();
      await daemon.ended;
    },
    start,
    async ready() {
      const until = Date.now() + 20_000;
      for (const half of ['proxy', 'gateway'] as const) {
        while (!(await answers(lab[half].metrics, '/readyz'))) {
          if (Date.now() > until)
            throw new Error(`${half} is not ready:\n${running.get(half)?.log().slice(-6_000) ?? ''}`);
          await wait(50);
        }
      }
    },
    async stop() {
      await Promise.all([...running.values()].map((daemon) => daemon.stop()));
    },
  };
}

function answers(port: number, path: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}${path}`).then(
    (answer) => answer.ok,
    () => false,
  );
}
