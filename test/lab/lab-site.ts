// The site of the lab: certificates, settings and policy for both processes and their neighbours, in one folder.

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify as toYaml } from 'yaml';
import {
  type Authority,
  type CertificateOptions,
  issueAuthority,
  issueCertificate,
  issueCrl,
} from '../../deploy/certificates/issue.ts';
import { writeAuditKey } from '../../deploy/commands/audit/key.ts';
import type { RateEntry } from '../../shared/policy/rate-schema.ts';
import { freePort } from '../daemon.ts';
import { writeContentRules } from './lab-rules.ts';

type Place = { readonly host: string; readonly port: number };
type Files = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly caKeyFile: string;
};

export type LabPartner = Files & {
  readonly domain: string;
  readonly users: readonly string[];
  readonly listen: Place;
  /** Its CA, so that a test can take its certificate back. */
  readonly issuer: { readonly certFile: string; readonly keyFile: string };
};

/** What lab.json says, so that any other program can play a neighbour. */
export type Lab = {
  readonly proxy: { host: string; s2s: number; directTls: number; link: number; metrics: number; pid: number };
  readonly gateway: { host: string; sip: number; fqdn: string; metrics: number; pid: number };
  readonly internalDomains: readonly string[];
  readonly internalUsers: readonly string[];
  readonly partners: readonly LabPartner[];
  readonly frontEnd: Files & {
    readonly domain: string;
    readonly fqdn: string;
    readonly users: readonly string[];
    readonly listen: Place;
  };
  readonly policyDir: string;
  readonly settings: { readonly proxy: string; readonly gateway: string };
  readonly audit: { readonly proxy: string; readonly gateway: string };
};

export const host = '127.0.0.1';
const internal = { 'in.example': ['bob', 'carol', 'dave'], 'hq.example': ['heidi', 'ivan', 'judy'] };
const external = { 'out.example': ['ann', 'amy', 'adam'], 'far.example': ['zoe', 'zack', 'zia'] };
const proxyUri = 'spiffe://sallyport/proxy-lab';
const gatewayUri = 'spiffe://sallyport/gateway-lab';
const gatewayFqdn = 'gateway.in.example';
const poolFqdn = 'pool.in.example';

export type SiteOptions = {
  readonly logLevel?: 'info' | 'trace';
  readonly idleMinutes?: number;
  /** Bounds of the quarantine, other than the usual ones. */
  readonly quarantine?: { readonly atMostItems?: number; readonly atMostPerSender?: number };
  /** Where both audits are, if not with the rest. */
  readonly auditFolder?: string;
  /** Those of the first partner; the rates of the lab are otherwise too high to meet. */
  readonly rates?: RateEntry;
  /** Who may announce other addresses by PROXY protocol. */
  readonly appliances?: readonly string[];
  /** Further words of the first partner's vocabulary. */
  readonly words?: readonly string[];
  /** Further entries of partners.yaml; nobody plays these partners. */
  readonly partners?: readonly object[];
  /** The proxy writes a policy journal too, as the gateway of the lab always does. */
  readonly proxyJournal?: true;
  /** One stream may carry both directions, with every partner (XEP-0288). */
  readonly bidi?: true;
  /** No partner speaks security labels; else far.example does. */
  readonly labels?: false;
};

// The settings take no aliases, which the printer would make of a list that is used twice.
const stringify = (value: unknown) => toYaml(value, { aliasDuplicateObjects: false });

/** Makes the whole site below `folder`; process ids are 0 until the pair is started. */
export async function writeSite(folder: string, options: SiteOptions = {}): Promise<Lab> {
  const pki = join(folder, 'pki');
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  const issue = issuer(pki);
  const internalDomains = Object.keys(internal);
  const link = issueAuthority({ name: 'Lab link CA' });
  const own = issueAuthority({ name: 'Lab organisation CA' });
  const proxyLink = issue('proxy-link', link, { uris: [proxyUri], commonName: 'proxy-lab' });
  const gatewayLink = issue('gateway-link', link, { uris: [gatewayUri], commonName: 'gateway-lab' });
  writeFileSync(join(pki, 'link.crl'), await issueCrl(link, []));
  // DNS names alone: ejabberd up to 23.01 at least ends its stream at any certificate with an xmppAddr.
  const proxyS2s = issue('proxy-s2s', own, { dns: internalDomains });
  const gatewaySip = issue('gateway-sip', own, { dns: [gatewayFqdn] });
  const frontEndFiles = issue('front-end', own, { dns: [poolFqdn] });

  const partners: LabPartner[] = [];
  for (const [domain, names] of Object.entries(external)) {
    const authority = issueAuthority({ name: `CA of ${domain}` });
    const files = issue(domain, authority, { dns: [domain], xmppAddrs: [domain] });
    // A partner must trust whoever issues our certificate, as we trust whoever issues theirs.
    writeFileSync(files.caFile, `${authority.certPem}${own.certPem}`);
    const issuer = { certFile: join(pki, `${domain}-ca.pem`), keyFile: join(pki, `${domain}-ca.key`) };
    writeFileSync(issuer.certFile, authority.certPem);
    writeFileSync(issuer.keyFile, authority.keyPem, { mode: 0o600 });
    const users = names.map((name) => `${name}@${domain}`);
    partners.push({ domain, ...files, issuer, users, listen: { host, port: await freePort() } });
    mkdirSync(join(folder, 'policy', 'trust'), { recursive: true });
    writeFileSync(join(folder, 'policy', 'trust', `${domain}.pem`), authority.certPem);
  }
  const internalUsers = Object.entries(internal).flatMap(([domain, names]) => names.map((name) => `${name}@${domain}`));
  const lab: Lab = {
    proxy: {
      host,
      s2s: await freePort(),
      directTls: await freePort(),
      link: await freePort(),
      metrics: await freePort(),
      pid: 0,
    },
    gateway: { host, sip: await freePort(), fqdn: gatewayFqdn, metrics: await freePort(), pid: 0 },
    internalDomains,
    internalUsers,
    partners,
    frontEnd: {
      domain: 'in.example',
      fqdn: poolFqdn,
      ...frontEndFiles,
      users: internalUsers,
      listen: { host, port: await freePort() },
    },
    policyDir: join(folder, 'policy'),
    settings: { proxy: join(folder, 'proxy.yaml'), gateway: join(folder, 'gateway.yaml') },
    audit: {
      proxy: join(options.auditFolder ?? folder, 'proxy-audit.jsonl'),
      gateway: join(options.auditFolder ?? folder, 'gateway-audit.jsonl'),
    },
  };
  writePolicy(lab, options);
  const auditKeys = [writeAuditKey(join(folder, 'proxy-audit'))[0], writeAuditKey(join(folder, 'gateway-audit'))[0]];
  const log = { level: options.logLevel ?? 'info' };
  const certificate = ({ certFile, keyFile }: Files) => ({ certFile, keyFile });
  const linkEnd = ({ certFile, keyFile, caFile }: Files) => ({
    certFile,
    keyFile,
    caFile,
    crlFile: join(pki, 'link.crl'),
  });
  writeFileSync(
    lab.settings.proxy,
    stringify({
      node: 'proxy-lab',
      domains: internalDomains,
      policy: lab.policyDir,
      ...(options.proxyJournal && { policyJournal: { file: join(folder, 'proxy-policy-journal.jsonl') } }),
      s2s: { host, port: lab.proxy.s2s },
      directTls: { host, port: lab.proxy.directTls },
      certificate: certificate(proxyS2s),
      link: { ...linkEnd(proxyLink), listen: { host, port: lab.proxy.link }, uri: proxyUri, gateways: [gatewayUri] },
      limits: { connectionsPerAddress: 200, attemptsPerAddress: 10_000 },
      ...(options.appliances === undefined ? {} : { appliances: options.appliances }),
      control: join(folder, 'proxy.sock'),
      metrics: { host, port: lab.proxy.metrics },
      audit: { file: lab.audit.proxy, keyFile: auditKeys[0] },
      log,
    }),
  );
  const keyFile = join(folder, 'store.key');
  const heldKeyFile = join(folder, 'quarantine.key');
  for (const file of [keyFile, heldKeyFile]) {
    writeFileSync(file, randomBytes(32));
    chmodSync(file, 0o600);
  }
  writeFileSync(
    lab.settings.gateway,
    stringify({
      node: 'gateway-lab',
      domains: internalDomains,
      users: internalUsers,
      policy: lab.policyDir,
      policyJournal: { file: join(folder, 'policy-journal.jsonl') },
      store: { file: join(folder, 'store.db'), keyFile },
      quarantine: { file: join(folder, 'quarantine.db'), keyFile: heldKeyFile, ...options.quarantine },
      link: { ...linkEnd(gatewayLink), uri: gatewayUri, proxies: [{ host, port: lab.proxy.link, uri: proxyUri }] },
      sip: {
        listen: { host, port: lab.gateway.sip },
        fqdn: gatewayFqdn,
        certificate: certificate(gatewaySip),
        peers: [
          {
            fqdn: poolFqdn,
            host,
            port: lab.frontEnd.listen.port,
            caFile: frontEndFiles.caFile,
            domains: internalDomains,
          },
        ],
        ...(options.idleMinutes === undefined ? {} : { idleMinutes: options.idleMinutes }),
      },
      control: join(folder, 'gateway.sock'),
      metrics: { host, port: lab.gateway.metrics },
      audit: { file: lab.audit.gateway, keyFile: auditKeys[1] },
      log,
    }),
  );
  return lab;
}

/** Writes D/lab.json, whole or not at all. */
export function writeLab(folder: string, lab: Lab): void {
  writeFileSync(join(folder, 'lab.json.new'), `${JSON.stringify(lab, null, 2)}\n`);
  renameSync(join(folder, 'lab.json.new'), join(folder, 'lab.json'));
}

function writePolicy(lab: Lab, { rates, words = [], partners: others = [], bidi, labels }: SiteOptions): void {
  mkdirSync(join(lab.policyDir, 'lists'), { recursive: true });
  writeFileSync(
    join(lab.policyDir, 'partners.yaml'),
    stringify({
      partners: lab.partners
        .map(({ domain, listen }, i): object => ({
          domain,
          owner: 'lab',
          connect: [listen],
          trust: [`trust/${domain}.pem`],
          mayTalk: 'everyone',
          ...(bidi === undefined ? {} : { bidi }),
          ...(rates === undefined || i > 0 ? {} : { rate: rates }),
          // The people of one partner are not refused for ever.
          ...(domain === 'far.example' ? { rate: { contentRefusals: { perMinute: 1, burst: 3 } } } : {}),
          // One partner has more words than others have.
          ...(domain === 'out.example'
            ? { with: ['cards', 'time', 'markers', ...words], rooms: ['plans@rooms.out.example'] }
            : {}),
          // The other one speaks security labels.
          ...(domain === 'far.example' && labels !== false ? { with: ['labels'] } : {}),
        }))
        .concat(others),
    }),
  );
  // People of the lab write faster than people do, unless a test is about just that.
  const often = { perMinute: 6_000_000, burst: 100_000 };
  const people = {
    sender: often,
    recipient: often,
    chatStates: often,
    newContacts: often,
    unknownRecipients: often,
    contentRefusals: often,
  };
  writeFileSync(
    join(lab.policyDir, 'limits.yaml'),
    stringify({
      rates: {
        ...{ stanzasPerSecond: 100_000, burst: 100_000, bytesPerSecond: 100_000_000 },
        ...people,
        partner: { newContacts: often, unknownRecipients: often },
      },
    }),
  );
  writeContentRules(lab.policyDir);
}

function issuer(pki: string): (name: string, authority: Authority, options: CertificateOptions) => Files {
  return (name, authority, options) => {
    const { certPem, keyPem } = issueCertificate(authority, options);
    const files = {
      certFile: join(pki, `${name}.crt`),
      keyFile: join(pki, `${name}.key`),
      caFile: join(pki, `${name}-ca.crt`),
      caKeyFile: join(pki, `${name}-ca.key`),
    };
    writeFileSync(files.certFile, certPem);
    writeFileSync(files.keyFile, keyPem, { mode: 0o600 });
    writeFileSync(files.caFile, authority.certPem);
    writeFileSync(files.caKeyFile, authority.keyPem, { mode: 0o600 });
    return files;
  };
}
