// What `sallyport init` writes: private keys that nobody else reads, requests or lab certificates, the settings.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Authority, issueAuthority, issueCertificate, newKeyPem } from '../certificates/issue.ts';
import { requestCertificate } from '../certificates/request.ts';
import type { Names } from '../certificates/subject-alt-name.ts';
import { writeAuditKey } from './audit/key.ts';
import { WrongQuestion } from './command.ts';

export type CertificatePlan = {
  /** The files are NAME-key.pem, NAME.csr and NAME.pem. */
  readonly name: string;
  readonly words: string;
  readonly commonName: string;
  readonly names: Names;
  readonly authority: 'server' | 'link';
  readonly signedBy: string;
};

export type SitePlan = {
  readonly program: string;
  readonly dir: string;
  readonly settingsFile: string;
  readonly settings: string;
  readonly certificates: readonly CertificatePlan[];
  /** Copies of the lab CAs' certificates, by file name. */
  readonly labTrust: Readonly<Record<string, 'server' | 'link'>>;
  /** Files of 32 random bytes. */
  readonly secrets: readonly string[];
  readonly otherTeam: string;
  readonly forTheOtherTeam: readonly (readonly [what: string, value: string])[];
  /** Steps that lab CAs make needless, and the steps after them. */
  readonly ownCaSteps: readonly string[];
  readonly steps: readonly string[];
};

export type WrittenFile = { readonly file: string; readonly words: string };

/**
 * Writes everything in the plan; says which files. Refuses to replace anything without `force`; private keys and
 * secrets that are there are kept even then, since nobody could bring them back.
 */
export function writeSite(
  plan: SitePlan,
  options: { readonly labCa: string | undefined; readonly force: boolean },
): readonly WrittenFile[] {
  const files = [plan.settingsFile, ...plan.secrets, ...plan.certificates.flatMap(({ name }) => filesOf(name))];
  const there = files.map((file) => path.join(plan.dir, file)).find((file) => existsSync(file));
  if (there !== undefined && !options.force) {
    throw new WrongQuestion(`${there} is there already; write another --dir, or --force (private keys are kept)`);
  }
  makeFolder(plan.dir);
  const authorities = options.labCa === undefined ? undefined : labAuthorities(options.labCa);
  const put = (file: string, text: string) => writeFileSync(path.join(plan.dir, file), text);
  put(plan.settingsFile, plan.settings);
  const written: WrittenFile[] = [{ file: plan.settingsFile, words: 'the settings; every key is explained in it' }];
  for (const certificate of plan.certificates) written.push(...writeCertificate(certificate, plan.dir, authorities));
  if (authorities !== undefined) {
    for (const [file, authority] of Object.entries(plan.labTrust)) {
      put(file, authorities[authority].certPem);
      written.push({ file, words: `the lab CA for ${authority === 'link' ? 'the wall' : 'servers'}` });
    }
  }
  if (!existsSync(path.join(plan.dir, 'audit.key'))) writeAuditKey(path.join(plan.dir, 'audit'));
  written.push({ file: 'audit.key', words: 'signs once a minute where the audit stands' });
  written.push({ file: 'audit.pub', words: 'checks these signatures; keep it where this machine cannot reach it' });
  for (const file of plan.secrets) {
    writeSecret(path.join(plan.dir, file), () => randomBytes(32));
    written.push({ file, words: '32 random bytes that seal the store; keep a copy in a safe' });
  }
  return written;
}

function writeCertificate(
  plan: CertificatePlan,
  dir: string,
  authorities: LabAuthorities | undefined,
): readonly WrittenFile[] {
  const { name, commonName, names } = plan;
  const keyFile = `${name}-key.pem`;
  const keyPem = writeSecret(path.join(dir, keyFile), () => newKeyPem(3072)).toString('utf8');
  const key = { file: keyFile, words: 'its private key; it stays on this machine' };
  if (authorities === undefined) {
    const file = `${name}.csr`;
    writeFileSync(path.join(dir, file), requestCertificate(keyPem, { ...names, commonName }));
    return [{ file, words: `the request for ${plan.words}` }, key];
  }
  const file = `${name}.pem`;
  const issued = issueCertificate(authorities[plan.authority], { ...names, commonName, keyPem });
  writeFileSync(path.join(dir, file), issued.certPem);
  return [{ file, words: `lab certificate for ${plan.words}` }, key];
}

type LabAuthorities = { readonly server: Authority; readonly link: Authority };

/** The two lab CAs in `dir`, made at the first call: they are apart, so that no partner is taken for the other side. */
function labAuthorities(dir: string): LabAuthorities {
  makeFolder(dir);
  return { server: labAuthority(dir, 'server'), link: labAuthority(dir, 'link') };
}

function labAuthority(dir: string, name: 'server' | 'link'): Authority {
  const certFile = path.join(dir, `${name}-ca.pem`);
  const keyFile = path.join(dir, `${name}-ca-key.pem`);
  if (existsSync(certFile) && existsSync(keyFile)) {
    return { certPem: readFileSync(certFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') };
  }
  if (existsSync(certFile) || existsSync(keyFile)) {
    throw new WrongQuestion(`${dir}: of ${name}-ca.pem and ${name}-ca-key.pem only one is there; put both or none`);
  }
  const authority = issueAuthority({ name: `Sallyport lab ${name} CA` });
  writeSecret(keyFile, () => Buffer.from(authority.keyPem));
  writeFileSync(certFile, authority.certPem);
  return authority;
}

/** Writes what `make` gives, readable by its owner alone, unless the file is there; returns what is in the file. */
function writeSecret(file: string, make: () => Uint8Array | string): Buffer {
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return readFileSync(file);
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o750 });
  } catch {
    throw new WrongQuestion(`${dir}: this folder cannot be made; run this as root, or write another --dir`);
  }
}

function filesOf(name: string): readonly string[] {
  return [`${name}-key.pem`, `${name}.csr`, `${name}.pem`];
}
