// Installs the peers that are missing, as root on Debian, without starting any daemon; says first what it does and why.
// Run by itself with --dry-run it only says what it would do.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { missingPeers, type Peer } from './peers.ts';

const policyFile = '/usr/sbin/policy-rc.d';
// By this line a file that a killed run left behind is known again.
const policyText = `#!/bin/sh
# Put here by the tests of sallyport while they install packages; it may be removed.
exit 101
`;

/** Why nothing can be installed here, in words; undefined: it can. */
export function obstacle(): string | undefined {
  if (process.env.NO_INSTALL === '1') return 'NO_INSTALL=1 says to leave the machine alone';
  if (!existsSync('/usr/bin/apt-get')) return 'only Debian and its relatives are known here; install them by hand';
  if (process.getuid?.() !== 0) return 'only root can install; run this as root, or install them by hand';
  return undefined;
}

/** Installs what is missing, or says why not. What is missing afterwards, `missingPeers` tells. */
export function installPeers(say: (line: string) => void, dryRun = false): void {
  const missing = missingPeers();
  if (missing.length === 0) return;
  const packages = missing.flatMap((peer) => peer.packages);
  const why = missing.map((peer) => `${peer.name} (${peer.why})`).join(', ');
  say(`Missing for the tests: ${why}.`);
  const problem = obstacle();
  if (problem !== undefined) {
    say(`Not installed: ${problem}. Debian packages: ${packages.join(' ')}`);
    return;
  }
  say(`Now: apt-get install ${packages.join(' ')}`);
  say(
    `${policyFile} keeps their daemons from starting meanwhile and is put back afterwards; NO_INSTALL=1 forbids all this.`,
  );
  if (dryRun) {
    run('apt-get', ['install', '--simulate', ...options, ...packages], say);
    return;
  }
  const fresh = missing.flatMap(servicesOf).filter((service) => !isKnown(service));
  withoutDaemons(say, () => {
    if (!run('apt-get', ['update', '-qq'], say))
      say('apt-get update failed; trying with what is known of the packages');
    run('apt-get', ['install', ...options, ...packages], say);
    keepFromBoot(fresh, say);
  });
}

const options = [
  '-qq',
  '-y',
  '--no-install-recommends',
  '-o',
  'Dpkg::Use-Pty=0',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'DPkg::Lock::Timeout=300',
];

/** Runs `work` while invoke-rc.d is told not to start anything (101), and puts back what was there. */
function withoutDaemons(say: (line: string) => void, work: () => void): void {
  const before = existsSync(policyFile)
    ? { text: readFileSync(policyFile), mode: statSync(policyFile).mode }
    : undefined;
  const ours = before?.text.equals(Buffer.from(policyText)) === true;
  // A signal must not end us between the two; apt-get gets it too, and comes back.
  const ignore = () => say('interrupted; putting things back first');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ignore);
  try {
    writeFileSync(policyFile, policyText);
    chmodSync(policyFile, 0o755);
    work();
  } finally {
    if (before === undefined || ours) rmSync(policyFile, { force: true });
    else {
      writeFileSync(policyFile, before.text);
      chmodSync(policyFile, before.mode);
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, ignore);
  }
}

/** What was installed for tests alone does not start with the machine either. */
function keepFromBoot(fresh: readonly string[], say: (line: string) => void): void {
  const daemons = fresh.filter(isKnown);
  if (daemons.length > 0 && existsSync('/usr/bin/systemctl')) run('systemctl', ['--quiet', 'disable', ...daemons], say);
}

function servicesOf({ program, services = [program] }: Peer): readonly string[] {
  return services;
}

function isKnown(service: string): boolean {
  return existsSync(`/lib/systemd/system/${service}.service`) || existsSync(`/etc/init.d/${service}`);
}

function run(program: string, parameters: readonly string[], say: (line: string) => void): boolean {
  const { status, error } = spawnSync(program, parameters, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  if (status === 0) return true;
  say(`${program} ${parameters[0]} ended with ${error === undefined ? status : error.message}`);
  return false;
}

if (import.meta.main) installPeers(console.log, process.argv.includes('--dry-run'));
