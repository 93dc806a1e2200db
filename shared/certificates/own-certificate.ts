// A certificate of our own with its key, read from files and checked before anybody is shown it (RFC 5280, RFC 9525).
import { createPrivateKey, hash, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Instant } from '../clock.ts';
import { fileTrouble } from '../file-trouble.ts';
import { watchFiles } from '../watch-files.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { type ReadCertificate, readCertificates } from './read-certificate.ts';

export type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

/** PEM texts that fit each other, and the certificates in the first: ours, then its chain. */
export type OwnPair = {
  readonly cert: string;
  readonly key: string;
  readonly leaf: ReadCertificate;
  readonly chain: readonly ReadCertificate[];
};

export type Renewal =
  | { readonly ok: true; readonly changed: boolean }
  | { readonly ok: false; readonly reason: string };

export type OwnCertificate<T> = {
  readonly current: () => T;
  /** One line for each thing that peers will hold against the one in use: its dates, the names that it lacks. */
  readonly faults: () => readonly string[];
  /**
   * Reads the files again. A certificate that cannot be used, or that has a fault which the one in use has not, is not
   * taken: the old one stays, and `reason` says why in one line.
   */
  readonly reload: () => Renewal;
  /** Reads the files again whenever they have changed; `told` hears what came of it. Returns what ends it. */
  readonly watch: (told: (renewal: Renewal) => void, everyMs?: number) => () => void;
};

type Fault = { readonly about: string; readonly line: string };

/**
 * The certificate in the files, which peers expect to carry `names`; `carries` says whether it does, `make` what is made
 * of it: `generation` counts the certificates so far. Throws with one line when the files cannot be used. Faults keep no
 * process from starting: some peers may still be served.
 */
export function openOwnCertificate<T>(
  files: CertificateFiles,
  names: readonly string[],
  carries: (leaf: PeerCertificate, name: string) => boolean,
  make: (pair: OwnPair, generation: number) => T,
): OwnCertificate<T> {
  const { certFile, keyFile } = files;
  const read = (generation: number) => {
    const pair = readOwnPair(files);
    const missing = names.filter((name) => !carries(pair.leaf.peer, name));
    const faults = [...faultsOfDates(certFile, pair.leaf.peer), ...missing.map((name) => missingName(certFile, name))];
    return { made: make(pair, generation), digest: hash('sha256', `${pair.cert} ${pair.key}`), faults, generation };
  };
  let known = read(1);
  function reload(): Renewal {
    try {
      const fresh = read(known.generation + 1);
      if (fresh.digest === known.digest) return { ok: true, changed: false };
      const worse = fresh.faults.find(({ about }) => !known.faults.some((before) => before.about === about));
      if (worse !== undefined) return { ok: false, reason: worse.line };
      known = fresh;
      return { ok: true, changed: true };
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : 'unreadable' };
    }
  }
  return {
    current: () => known.made,
    faults: () => known.faults.map(({ line }) => line),
    reload,
    watch: (told, everyMs) =>
      watchFiles([certFile, keyFile], () => told(reload()), everyMs === undefined ? {} : { everyMs }),
  };
}

/** Reads both files. Throws an Error with one line for the operator: the file, what is wrong, what to do. */
export function readOwnPair({ certFile, keyFile }: CertificateFiles): OwnPair {
  const cert = pemText(certFile);
  const key = pemText(keyFile);
  const [leaf, ...chain] = readCertificates(cert);
  if (leaf === undefined) throw new Error(`${certFile}: no certificate in it; write the certificate as PEM`);
  if (!leaf.x509.checkPrivateKey(keyIn(keyFile, key))) {
    throw new Error(
      `${keyFile}: the key does not match the certificate in ${certFile}; put the two that belong together`,
    );
  }
  return { cert, key, leaf, chain };
}

/** The text of a file; throws an Error with one line where it cannot be read. */
export function pemText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(fileTrouble(file, error));
  }
}

function faultsOfDates(certFile: string, { notBefore, notAfter }: PeerCertificate): readonly Fault[] {
  const now = Date.now();
  if (now >= notBefore && now < notAfter) return [];
  const words = now < notBefore ? `not valid before ${dayOf(notBefore)}` : `expired since ${dayOf(notAfter)}`;
  return [
    { about: 'dates', line: `${certFile}: the certificate is ${words}, so peers refuse it; have it issued anew` },
  ];
}

function missingName(certFile: string, name: string): Fault {
  const line = `${certFile}: the certificate does not name ${name}, so peers refuse it there; have it issued with ${name} as DNS name`;
  return { about: name, line };
}

function keyIn(keyFile: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${keyFile}: no private key in it; write the key as PEM, without a passphrase`);
  }
}

function dayOf(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 10);
}
