// A private ejabberd (Debian's 23.01): own folder, own ports, no Erlang node name and so no epmd, certificates only.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, freePort, startDaemon } from '../daemon.ts';
import type { Said } from '../fakes/dns/dns-message.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import type { Pems, XmppServer, XmppServerOptions } from './xmpp-server.ts';

export type EjabberdOptions = XmppServerOptions & { readonly logLevel?: 'debug' | 'info' | 'warning' };

/** Starts it, makes its accounts, and resolves when both are done. Its folder goes with it when it stops. */
export async function startEjabberd(options: EjabberdOptions): Promise<XmppServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ejabberd-'));
  const dns = await startDnsServer(new Map(), options.zone ?? zoneOf(options.hosts));
  const ports: Ports = {
    c2sPort: await freePort(),
    componentPort: await freePort(),
    directTlsPort: await freePort(),
    apiPort: await freePort(),
    s2sPort: options.s2sPort ?? (await freePort()),
  };
  const release = async () => {
    await dns.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const call = (command: string, parameters: object) => askApi(ports.apiPort, command, parameters);
  let log = '';
  const start = () =>
    run(folder, options.core, () =>
      call('status', {}).then(
        () => true,
        () => false,
      ),
    );
  let daemon: Daemon;
  try {
    await writeCertificates(folder, options.certs);
    await writeFile(join(folder, 'ejabberd.yml'), configuration(folder, options, ports));
    await writeFile(join(folder, 'inetrc'), resolver(dns.port));
    daemon = await start();
    for (const { name, password } of options.users)
      await call('register', { user: name, host: options.domain, password });
  } catch (error) {
    await release();
    throw error;
  }
  const { c2sPort, s2sPort, componentPort, directTlsPort } = ports;
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
      await call('reload_config', {});
    },
    stop: async () => {
      await daemon.stop();
      await release();
    },
  };
}

type Ports = Readonly<Record<'c2sPort' | 's2sPort' | 'componentPort' | 'directTlsPort' | 'apiPort', number>>;

// As Debian's ejabberdctl does it, but without a node name: nothing listens for other Erlang nodes, and epmd is not
// started. One scheduler that never spins: the tests share two cores.
function run(folder: string, core: number | undefined, ready: () => Promise<boolean>): Promise<Daemon> {
  const oneThread = '+S 1:1 +SDcpu 1:1 +SDio 1 +sbwt none +sbwtdcpu none +sbwtdio none'.split(' ');
  const erlang = ['erl', '-noinput', ...oneThread, '-mnesia', 'dir', `"${folder}/database"`];
  const command = [...(core === undefined ? [] : ['taskset', '-c', `${core}`]), ...erlang, '-s', 'ejabberd'];
  const [program = '', ...args] = command;
  return startDaemon(program, args, {
    cwd: folder,
    within: 30_000,
    ready,
    env: {
      ERL_LIBS: libraryFolder(),
      ERL_INETRC: join(folder, 'inetrc'),
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    },
  });
}

// libc looks up the targets, and knows only the machine's own name servers: they are addresses.
function zoneOf(hosts: XmppServerOptions['hosts']): ReadonlyMap<string, Said> {
  const question = (domain: string) => `SRV _xmpp-server._tcp.${domain}`;
  return new Map(
    [...hosts].map(([domain, { host, port }]) => [question(domain), [{ priority: 0, weight: 0, port, target: host }]]),
  );
}

/** The machine's own name servers are left out, or they would be asked first. */
function resolver(port: number): string {
  return `{resolv_conf, ""}.\n{hosts_file, ""}.\n{lookup, [dns]}.\n{nameserver, {127,0,0,1}, ${port}}.\n`;
}

/** Where Debian put it for this machine, as its own script knows. */
function libraryFolder(): string {
  const found = /^ERL_LIBS='(.+)'$/m.exec(readFileSync('/usr/sbin/ejabberdctl', 'utf8'));
  if (found?.[1] === undefined) throw new Error('/usr/sbin/ejabberdctl does not say where ejabberd is');
  return found[1];
}

async function askApi(port: number, command: string, parameters: object): Promise<void> {
  const url = `http://127.0.0.1:${port}/api/${command}`;
  const answer = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(parameters),
    signal: AbortSignal.timeout(10_000),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`ejabberd, ${command}: ${said}`);
}

// `s2s_use_starttls` is false unless told, and a failed attempt is repeated after up to five minutes unless told.
function configuration(folder: string, options: EjabberdOptions, ports: Ports): string {
  const { domain, component, dialback = false } = options;
  const listeners = [
    `{ port: ${ports.c2sPort}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true }`,
    ...['127.0.0.1', '::1'].flatMap((address) => [
      `{ port: ${ports.s2sPort}, ip: "${address}", module: ejabberd_s2s_in }`,
      `{ port: ${ports.directTlsPort}, ip: "${address}", module: ejabberd_s2s_in, tls: true }`,
    ]),
    `{ port: ${ports.apiPort}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: { /api: mod_http_api } }`,
    ...(component
      ? [
          `{ port: ${ports.componentPort}, ip: "127.0.0.1", module: ejabberd_service, hosts: { ${component.domain}: { password: "${component.secret}" } } }`,
        ]
      : []),
  ];
  return `hosts: ["${domain}"]
loglevel: ${options.logLevel ?? 'info'}
certfiles: ["${folder}/cert.pem"]
s2s_cafile: "${folder}/ca.pem"
s2s_use_starttls: required
s2s_max_retry_delay: 1
auth_password_format: plain
listen:
${listeners.map((each) => `  - ${each}\n`).join('')}api_permissions:
  tests: { who: { ip: "127.0.0.1" }, what: [status, register, reload_config] }
modules:
  mod_disco: {}
  mod_ping: {}
  mod_roster: {}
  mod_stream_mgmt: {}
${dialback ? '  mod_s2s_dialback: {}\n' : ''}`;
}

async function writeCertificates(folder: string, { cert, key, ca }: Pems): Promise<void> {
  await writeFile(join(folder, 'ca.pem'), ca);
  await writeFile(join(folder, 'cert.pem'), `${cert}${key}`, { mode: 0o600 });
}
