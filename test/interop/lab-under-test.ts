// Starts the pair without neighbours (`test/lab/lab.ts --bare`), for real peers to be its neighbours.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { startDaemon } from '../daemon.ts';

const place = z.object({ host: z.string(), port: z.int() });
const lab = z.object({
  proxy: z.object({ host: z.string(), s2s: z.int(), metrics: z.int() }),
  gateway: z.object({ host: z.string(), sip: z.int(), fqdn: z.string(), metrics: z.int() }),
  partners: z.array(
    z.object({
      ...{ domain: z.string(), certFile: z.string(), keyFile: z.string(), caFile: z.string() },
      ...{ users: z.array(z.string()), listen: place },
    }),
  ),
  internalDomains: z.array(z.string()),
  frontEnd: z.object({
    ...{ domain: z.string(), fqdn: z.string(), certFile: z.string(), keyFile: z.string(), caFile: z.string() },
    ...{ users: z.array(z.string()), listen: place },
  }),
});

/** What a neighbour needs to know: the part of lab.json that we use. */
export type Lab = z.infer<typeof lab>;

export type LabUnderTest = {
  readonly lab: Lab;
  log(): string;
  /** Resolves when both processes say that they are ready; throws with the log when they do not within 10 s. */
  ready(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts proxy and gateway in a folder of their own and resolves when its lab.json is there. */
export async function startLab(): Promise<LabUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-'));
  const file = join(folder, 'lab.json');
  const program = join(import.meta.dirname, '..', 'lab', 'lab.ts');
  const daemon = await startDaemon(process.execPath, [program, '--bare', '--dir', folder, '--for', '120'], {
    ready: () => existsSync(file) && readLab(file) !== undefined,
    within: 30_000,
  });
  const read = readLab(file);
  if (!read) throw new Error('lab.json is gone');
  return {
    lab: read,
    log: daemon.log,
    ready: async () => {
      const until = Date.now() + 10_000;
      for (const { host, metrics } of [read.proxy, read.gateway]) {
        const url = `http://${host}:${metrics}/readyz`;
        while (
          !(await fetch(url).then(
            (answer) => answer.ok,
            () => false,
          ))
        ) {
          if (Date.now() > until) throw new Error(`${url} is not ready:\n${daemon.log().slice(-6_000)}`);
          await wait(100);
        }
      }
    },
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Certificate, key and CA as PEM texts. */
export function pemsOf(files: { readonly certFile: string; readonly keyFile: string; readonly caFile: string }) {
  const read = (path: string) => readFileSync(path, 'utf8');
  return { cert: read(files.certFile), key: read(files.keyFile), ca: read(files.caFile) };
}

function readLab(file: string): Lab | undefined {
  try {
    return lab.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
