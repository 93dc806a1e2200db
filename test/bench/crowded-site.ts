// The site of the door's bench: as many partners as one asks for, each with one user and one user inside.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Issued, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { usualRates } from '../../shared/policy/rate-schema.ts';
import { freePort } from '../daemon.ts';
import { type Lab, writeSite } from '../lab/lab-site.ts';

export type BenchPartner = Issued & {
  readonly domain: string;
  /** Of the partner, and the one inside with whom it talks. */
  readonly outside: string;
  readonly inside: string;
  /** Where its server would listen. */
  readonly port: number;
};

export type CrowdedSite = { readonly lab: Lab; readonly partners: readonly BenchPartner[]; readonly caPem: string };

/** Makes the site below `folder`. The rates are those that hold where nothing is said. */
export async function writeCrowdedSite(folder: string, count: number): Promise<CrowdedSite> {
  const site = await writeSite(folder);
  const authority = issueAuthority({ name: 'CA of the bench' });
  const partners: BenchPartner[] = [];
  let keyPem: string | undefined;
  for (let i = 0; i < count; i++) {
    const domain = `p${i}.example`;
    // One key for all of them: making two hundred takes longer than the bench.
    const issued = issueCertificate(authority, { dns: [domain], ...(keyPem === undefined ? {} : { keyPem }) });
    keyPem = issued.keyPem;
    const inside = `bob${i}@${site.internalDomains[0]}`;
    partners.push({ ...issued, domain, outside: `ann@${domain}`, inside, port: await freePort() });
  }
  writeFileSync(join(site.policyDir, 'trust', 'bench.pem'), authority.certPem);
  const entries = partners.map(({ domain, port }) => ({
    ...{ domain, connect: [{ host: '127.0.0.1', port }], trust: ['trust/bench.pem'], mayTalk: 'everyone' },
  }));
  writeFileSync(join(site.policyDir, 'partners.yaml'), stringify({ partners: entries }));
  writeFileSync(join(site.policyDir, 'limits.yaml'), stringify({ rates: usualRates }));
  const users = partners.map(({ inside }) => inside);
  changeSettings(site.settings.gateway, { users });
  changeSettings(site.settings.proxy, { limits: { connectionsPerAddress: 1_000, attemptsPerAddress: 10_000 } });
  const lab = { ...site, internalUsers: users, partners: [], frontEnd: { ...site.frontEnd, users } };
  return { lab, partners, caPem: readFileSync(site.frontEnd.caFile, 'utf8') };
}

function changeSettings(file: string, changes: object): void {
  const settings: unknown = parse(readFileSync(file, 'utf8'));
  writeFileSync(file, stringify(Object.assign({}, settings, changes), { aliasDuplicateObjects: false }));
}
