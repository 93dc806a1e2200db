// Network namespaces as the hosts of a test: made by name, wired like a network, and removed whatever happens.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { firstMissing } from '../peers/peers.ts';

export type Network = {
  /** Each host, and whether it passes packets on. */
  readonly hosts: Readonly<Record<string, { readonly router: boolean }>>;
  /** Cables between two hosts; a plug without addresses is a port of a bridge of its host. */
  readonly cables: readonly (readonly [Plug, Plug])[];
  /** Bridges: a host's interface with more than one port. */
  readonly bridges: readonly Plug[];
  readonly routes: readonly { readonly host: string; readonly to: string; readonly by: string }[];
};

export type Plug = {
  readonly host: string;
  readonly interface: string;
  readonly addresses?: readonly string[];
  readonly bridge?: string;
};

export type Namespaces = {
  /** What goes before a command that is to run on that host. */
  readonly on: (host: string) => readonly string[];
  /** Runs it there and returns what it printed; throws with its complaint. */
  readonly run: (host: string, command: readonly string[], input?: string) => string;
  readonly remove: () => void;
};

const prefix = 'sallyport-';

/** Why no namespaces with nftables can be made here, in words; undefined: they can. */
export function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  const missing = firstMissing(['ip', 'nft', 'setpriv', 'prlimit']);
  if (missing !== undefined) return `${missing} is not installed`;
  const name = `${prefix}${process.pid}-try`;
  try {
    execute(['ip', 'netns', 'add', name]);
    execute(['ip', 'netns', 'exec', name, 'nft', '-f', '-'], 'add table inet t\n');
    return undefined;
  } catch (error) {
    return `this kernel or container forbids it: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    if (names().includes(name)) removeOne(name);
  }
}

/**
 * Removes what runs that were killed have left behind, then makes the network. It goes with this process at the latest.
 * Of the same network there may be several, each with a number of its own.
 */
export function makeNamespaces(network: Network, number = 0): Namespaces {
  for (const name of leftOvers()) removeOne(name);
  const nameOf = (host: string) => `${prefix}${process.pid}-${number === 0 ? '' : `${number}-`}${host}`;
  const on = (host: string) => ['ip', 'netns', 'exec', nameOf(host)];
  const remove = () => {
    const there = names();
    for (const host of Object.keys(network.hosts)) if (there.includes(nameOf(host))) removeOne(nameOf(host));
    process.off('exit', remove);
  };
  process.on('exit', remove);
  // Without these a signal would end us before the line above is reached.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  try {
    const ip = (host: string, lines: readonly string[]) =>
      execute(['ip', '-netns', nameOf(host), '-batch', '-'], `${lines.join('\n')}\n`);
    for (const host of Object.keys(network.hosts)) execute(['ip', 'netns', 'add', nameOf(host)]);
    for (const [host, { router }] of Object.entries(network.hosts)) {
      ip(host, ['link set lo up']);
      if (!router) continue;
      const files = ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'];
      execute([...on(host), 'sh', '-c', files.map((file) => `echo 1 > ${file}`).join('; ')]);
    }
    // A switch passes frames on; it must not ask the rules of the router that it is built into.
    const quiet =
      'for file in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do [ ! -e $file ] || echo 0 > $file; done';
    for (const { host } of network.bridges) execute([...on(host), 'sh', '-c', quiet]);
    for (const bridge of network.bridges) ip(bridge.host, [`link add ${bridge.interface} type bridge`, ...up(bridge)]);
    for (const [one, other] of network.cables) {
      const far = `${other.interface} netns ${nameOf(other.host)}`;
      ip(one.host, [`link add ${one.interface} type veth peer name ${far}`, ...up(one)]);
      ip(other.host, up(other));
    }
    for (const { host, to, by } of network.routes) ip(host, [`route add ${to} via ${by}`]);
  } catch (error) {
    remove();
    throw error;
  }
  return { on, run: (host, command, input) => execute([...on(host), ...command], input), remove };
}

/** The names of namespaces whose run is over without having removed them. */
export function leftOvers(): readonly string[] {
  return names().filter((name) => {
    const pid = /^sallyport-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}

function up({ interface: name, addresses = [], bridge }: Plug): string[] {
  return [
    ...(bridge === undefined ? [] : [`link set ${name} master ${bridge}`]),
    // Without nodad an IPv6 address is of no use for its first second.
    ...addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    `link set ${name} up`,
  ];
}

function names(): readonly string[] {
  return execute(['ip', 'netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(prefix));
}

function removeOne(name: string): void {
  for (const pid of execute(['ip', 'netns', 'pids', name]).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  execute(['ip', 'netns', 'del', name]);
}

function execute([program = '', ...rest]: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, rest, { input, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} ${rest.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
