// A private jabberd2 (Debian's 2.7.0): its four daemons, own folder, own ports; streams between servers by dialback alone.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Daemon, freePort, startDaemon } from '../daemon.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import { jabberdConfiguration } from './jabberd-configuration.ts';
import type { Pems, XmppServer, XmppServerOptions } from './xmpp-server.ts';

/** It has dialback always; a component could join its router, which no test needs. */
export type JabberdOptions = Omit<XmppServerOptions, 'component' | 'dialback'>;

/**
 * Starts it, with its accounts, and resolves when all four daemons are at work. Its log is that of s2s. Its folder goes
 * with it when it stops.
 */
export async function startJabberd(options: JabberdOptions): Promise<XmppServer> {
  const folder = await mkdtemp(join(tmpdir(), 'jabberd-'));
  const dns = await startDnsServer(options.hosts, options.zone);
  const ports = {
    routerPort: await freePort(),
    c2sPort: await freePort(),
    s2sPort: options.s2sPort ?? (await freePort()),
  };
  const running = new Map<DaemonName, Daemon>();
  let log = '';
  const startOne = async (name: DaemonName) => {
    running.set(name, await runDaemon(name, folder, dns.port, options.core));
  };
  const endOne = async (name: DaemonName) => {
    const daemon = running.get(name);
    running.delete(name);
    await daemon?.stop();
    if (name === 's2s') log = log.slice(-524_288) + (daemon?.log() ?? '');
  };
  // The router comes first and goes last, or the others look for it.
  const start = async () => {
    for (const name of daemonNames) await startOne(name);
  };
  const end = async () => {
    for (const name of daemonNames.toReversed()) await endOne(name);
  };
  const stop = async () => {
    await end();
    await dns.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeCertificates(folder, options.certs);
    await mkdir(join(folder, 'data'));
    for (const [file, text] of jabberdConfiguration(folder, options.domain, ports))
      await writeFile(join(folder, file), text);
    writeAccounts(join(folder, 'accounts.db'), options);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: () => running.get('s2s')?.pid ?? 0,
    ...{ c2sPort: ports.c2sPort, s2sPort: ports.s2sPort, componentPort: 0, directTlsPort: 0 },
    log: () => log + (running.get('s2s')?.log() ?? ''),
    questions: dns.questions,
    end,
    start,
    // On SIGHUP it opens its log file anew, no more; its people stay where they are, at c2s and sm.
    renew: async (certs) => {
      await writeCertificates(folder, certs);
      await endOne('s2s');
      await startOne('s2s');
    },
    stop,
  };
}

const daemonNames = ['router', 'sm', 's2s', 'c2s'] as const;
type DaemonName = (typeof daemonNames)[number];

const readyLines: Readonly<Record<DaemonName, string>> = {
  router: 'listening for incoming connections',
  sm: 'sm ready for sessions',
  s2s: 'ready for connections',
  c2s: 'ready for connections',
};

// Its resolver, udns, asks the name servers of /etc/resolv.conf, unless the environment names others, and their port.
function runDaemon(name: DaemonName, folder: string, dnsPort: number, core: number | undefined): Promise<Daemon> {
  const command = [`jabberd2-${name}`, '-c', join(folder, `${name}.xml`)];
  const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', `${core}`, ...command];
  return startDaemon(program, args, {
    cwd: folder,
    env: {
      PATH: `${process.env.PATH ?? ''}:/usr/sbin`,
      ...{ NAMESERVERS: '127.0.0.1', RES_OPTIONS: `port:${dnsPort}` },
    },
    ready: (log) => log.includes(readyLines[name]),
  });
}

function writeAccounts(file: string, { domain, users }: JabberdOptions): void {
  const accounts = new DatabaseSync(file);
  accounts.exec('CREATE TABLE authreg (username TEXT NOT NULL, realm TEXT NOT NULL, password TEXT)');
  const add = accounts.prepare('INSERT INTO authreg VALUES (?, ?, ?)');
  for (const { name, password } of users) add.run(name, domain, password);
  accounts.close();
}

async function writeCertificates(folder: string, { cert, key, ca }: Pems): Promise<void> {
  await writeFile(join(folder, 'ca.pem'), ca);
  await writeFile(join(folder, 'cert.pem'), `${cert}${key}`, { mode: 0o600 });
}
