// The real peers that the suites talk to or stand behind: which they are, whether they are on this machine.
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

export type Peer = {
  readonly name: string;
  /** Debian packages. */
  readonly packages: readonly string[];
  readonly program: string;
  /** Modules of the program that the suites load. */
  readonly modules: readonly string[];
  /** What the machine would start at boot; the program's name unless told. */
  readonly services?: readonly string[];
  readonly why: string;
};

export const peers: readonly Peer[] = [
  {
    name: 'Prosody',
    packages: ['prosody', 'lua-unbound'],
    program: 'prosody',
    modules: [],
    why: 'it plays the XMPP partner outside',
  },
  {
    name: 'ejabberd',
    packages: ['ejabberd'],
    program: 'ejabberdctl',
    modules: [],
    services: ['ejabberd'],
    why: 'it plays another XMPP partner outside',
  },
  {
    name: 'jabberd2',
    packages: ['jabberd2'],
    program: 'jabberd2-s2s',
    modules: [],
    // The last one is its script for the time before systemd, which starts it as well.
    services: ['jabberd', 'jabberd-router', 'jabberd-sm', 'jabberd-s2s', 'jabberd-c2s', 'jabberd2'],
    why: 'it plays the XMPP partner that knows dialback alone',
  },
  {
    name: 'dnsmasq',
    packages: ['dnsmasq-base'],
    program: 'dnsmasq',
    modules: [],
    services: [],
    why: 'it is the DNS of the proxy',
  },
  {
    name: 'Kamailio',
    packages: ['kamailio', 'kamailio-tls-modules', 'kamailio-presence-modules'],
    program: 'kamailio',
    modules: ['tls.so', 'presence.so'],
    why: 'it plays the Skype front end inside',
  },
  {
    name: 'SIPp',
    packages: ['sip-tester'],
    program: 'sipp',
    modules: [],
    why: 'it plays the Skype users behind that front end',
  },
  {
    name: 'nftables',
    packages: ['nftables', 'iproute2'],
    program: 'nft',
    modules: [],
    why: 'it is the firewall of the perimeter',
  },
];

/** Those of them that are not on this machine, or not whole. */
export function missingPeers(): readonly Peer[] {
  return peers.filter((peer) => !isThere(peer));
}

/** Which peers a suite needs, by the path of its file; one of test/interop that is not named here needs them all. */
export function needsOf(file: string): readonly string[] {
  const named = suites.get(file);
  if (named !== undefined) return named;
  if (file.startsWith('test/perimeter/')) return ['nftables'];
  return file.startsWith('test/interop/')
    ? peers.filter(({ name }) => name !== 'nftables').map(({ name }) => name)
    : [];
}

const suites: ReadonlyMap<string, readonly string[]> = new Map([
  ['test/interop/prosody.test.ts', ['Prosody']],
  ['test/interop/jabberd.test.ts', ['jabberd2']],
  ['test/interop/kamailio.test.ts', ['Kamailio', 'SIPp']],
  ['test/interop/dns.test.ts', ['Prosody', 'ejabberd', 'dnsmasq']],
  ['test/interop/labels.test.ts', ['Prosody', 'ejabberd']],
  ['test/interop/roads.test.ts', ['Prosody', 'ejabberd']],
  ['test/interop/restarts.test.ts', ['Prosody', 'ejabberd']],
  ['test/interop/renewals.test.ts', ['Prosody', 'ejabberd']],
  ['test/interop/presence-with-prosody.test.ts', ['Prosody']],
  ['test/interop/prosody-and-kamailio.test.ts', ['Prosody', 'Kamailio', 'SIPp']],
  ['test/streams/dns-prosody.test.ts', ['Prosody']],
  ['test/streams/with-prosody.test.ts', ['Prosody']],
  ['test/doctor/with-prosody.test.ts', ['Prosody']],
  ['test/streams/stream-management-prosody.test.ts', ['Prosody']],
  ['test/bench/peers/forwarding.test.ts', ['Prosody', 'ejabberd']],
]);

/** The first of the programs that is not on this machine; undefined when all are there. */
export function firstMissing(programs: readonly string[]): string | undefined {
  return programs.find((program) => !isInstalled(program));
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':').filter((folder) => folder !== ''), '/usr/sbin', '/usr/bin'];
  return folders.some((folder) => isExecutable(path.join(folder, program)));
}

function isThere({ program, modules }: Peer): boolean {
  if (!isInstalled(program)) return false;
  return modules.every((module) => moduleFolders(program).some((folder) => isReadable(path.join(folder, module))));
}

// Debian keeps them under the machine's triplet.
function moduleFolders(program: string): string[] {
  const libraries = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];
  return libraries
    .flatMap((library) => [library, ...subfolders(library)])
    .map((folder) => path.join(folder, program, 'modules'));
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  return canAccess(file, constants.X_OK);
}

function isReadable(file: string): boolean {
  return canAccess(file, constants.R_OK);
}

function canAccess(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
