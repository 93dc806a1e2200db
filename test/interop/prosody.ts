// A private Prosody (Debian's 0.12): own folder, own ports, server-to-server streams by certificate only.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Daemon, freePort, startDaemon } from '../daemon.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import type { Pems, XmppServer, XmppServerOptions } from './xmpp-server.ts';

export type ProsodyOptions = XmppServerOptions & {
  /** Stream management (XEP-0198), which Prosody then uses between servers too; on unless told. */
  readonly streamManagement?: boolean;
  /** One stream for both directions (XEP-0288), where the other end agrees. */
  readonly bidi?: boolean;
  readonly logLevel?: 'debug' | 'info' | 'warn';
};

export type Prosody = XmppServer;

/** Starts it and resolves when it listens. Its folder goes with it when it stops. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  const astray = [...options.hosts.keys()].find((domain) => domain.endsWith('.test'));
  if (astray) throw new Error(`Prosody cannot look up ${astray}: libunbound answers for .test itself; use .example`);
  const folder = await mkdtemp(join(tmpdir(), 'prosody-'));
  const dns = await startDnsServer(options.hosts, options.zone);
  const [c2sPort, componentPort, directTlsPort] = [await freePort(), await freePort(), await freePort()];
  const s2sPort = options.s2sPort ?? (await freePort());
  const release = async () => {
    await dns.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const command = ['prosody', '-F', '--config', join(folder, 'prosody.cfg.lua')];
  const bound = options.core === undefined ? command : ['taskset', '-c', `${options.core}`, ...command];
  const [program = '', ...args] = bound;
  let log = '';
  const start = () =>
    startDaemon(program, args, {
      cwd: folder,
      ready: async () => {
        const needed = [s2sPort, c2sPort, ...(options.component ? [componentPort] : [])];
        const answers = await Promise.all(needed.map(opensPort));
        return answers.every((isOpen) => isOpen);
      },
    });
  let daemon: Daemon;
  try {
    await writeFolder(folder, options);
    const ports = { c2sPort, s2sPort, componentPort, directTlsPort, dnsPort: dns.port };
    await writeFile(join(folder, 'prosody.cfg.lua'), configuration(folder, options, ports));
    daemon = await start();
  } catch (error) {
    await release();
    throw error;
  }
  return {
    pid: () => daemon.pid,
    ...{ c2sPort, s2sPort, componentPort, directTlsPort },
    log: () => log + daemon.log(),
    questions: dns.questions,
    end: async () => {
      await daemon.stop();
      log = log.slice(-524_288) + daemon.log();
    },
    start: async () => {
      daemon = await start();
    },
    renew: async (certs) => {
      await writeCertificates(folder, certs);
      const before = daemon.log().length;
      process.kill(daemon.pid, 'SIGHUP');
      const until = Date.now() + 5_000;
      while (!daemon.log().slice(before).includes('Prosody configuration reloaded') && Date.now() < until)
        await wait(20);
    },
    stop: async () => {
      await daemon.stop();
      await release();
    },
  };
}

type Ports = Readonly<Record<'c2sPort' | 's2sPort' | 'componentPort' | 'directTlsPort' | 'dnsPort', number>>;

// libunbound asks nobody on loopback unless told, and answers for `.test` itself: use `.example` (RFC 2606). An empty
// `trusted` list breaks lua-unbound 1.0.0; without one nothing is validated, which is what a test wants.
function configuration(folder: string, options: ProsodyOptions, ports: Ports): string {
  const { component, streamManagement = true, dialback = false, bidi = false } = options;
  const modules = ['roster', 'saslauth', 'tls', 'disco', 'ping', ...(streamManagement ? ['smacks'] : [])];
  if (dialback) modules.push('dialback');
  if (bidi) modules.push('s2s_bidi');
  return `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
plugin_paths = {}
modules_enabled = { ${modules.map((name) => `"${name}"`).join(', ')} }
interfaces = { "127.0.0.1", "::1" }
c2s_ports = { ${ports.c2sPort} }
s2s_ports = { ${ports.s2sPort} }
s2s_direct_tls_ports = { ${ports.directTlsPort} }
component_ports = { ${ports.componentPort} }
component_interfaces = { "127.0.0.1", "::1" }
unbound = {
  resolvconf = false,
  hoststxt = false,
  forward = { "127.0.0.1@${ports.dnsPort}" },
  options = { ["do-not-query-localhost:"] = "no" },
}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = ${!dialback}
ssl = { key = "${folder}/key.pem", certificate = "${folder}/cert.pem", cafile = "${folder}/ca.pem" }
log = { { levels = { min = "${options.logLevel ?? 'info'}" }, to = "console", timestamps = "%X" } }

VirtualHost "${options.domain}"
${component ? `Component "${component.domain}"\n  component_secret = "${component.secret}"\n` : ''}`;
}

async function writeFolder(folder: string, { certs, domain, users }: ProsodyOptions): Promise<void> {
  const accounts = join(folder, 'data', encoded(domain), 'accounts');
  await mkdir(accounts, { recursive: true });
  await mkdir(join(folder, 'certs'));
  for (const { name, password } of users) {
    const account = `return { ["password"] = ${JSON.stringify(password)}; };\n`;
    await writeFile(join(accounts, `${encoded(name)}.dat`), account);
  }
  await writeCertificates(folder, certs);
}

async function writeCertificates(folder: string, certs: Pems): Promise<void> {
  await writeFile(join(folder, 'key.pem'), certs.key, { mode: 0o600 });
  await writeFile(join(folder, 'cert.pem'), certs.cert);
  await writeFile(join(folder, 'ca.pem'), certs.ca);
}

/** How Prosody's internal storage writes a name: all but letters and digits in percent form. */
function encoded(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

export function opensPort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
