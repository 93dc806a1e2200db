// A private dnsmasq (Debian's 2.90) that is the authority for what a test says, on loopback; it forwards nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startDaemon } from '../daemon.ts';

export type Dnsmasq = {
  readonly port: number;
  /** The queries, one a line. */
  log(): string;
  stop(): Promise<void>;
};

/**
 * Starts it with these records, as its own options say them: `srv-host=NAME,TARGET,PORT,PRIORITY,WEIGHT`,
 * `host-record=NAME,ADDRESS`. Other names below `example` do not exist.
 */
export async function startDnsmasq(records: readonly string[]): Promise<Dnsmasq> {
  const folder = await mkdtemp(join(tmpdir(), 'dnsmasq-'));
  const port = await freePort();
  const args = [
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--user='],
    ...['--no-resolv', '--no-hosts', '--local=/example/', `--port=${port}`],
    ...['--listen-address=127.0.0.1', '--bind-interfaces', '--log-facility=-', '--log-queries'],
    ...records.map((record) => `--${record}`),
  ];
  const daemon = await startDaemon('dnsmasq', args, { cwd: folder, ready: (log) => log.includes('started, version') });
  return {
    port,
    log: daemon.log,
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
