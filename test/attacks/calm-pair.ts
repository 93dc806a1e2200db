// Two people whom an attack does not concern, and how long a text between them takes while it goes on. Their server and
// their pool run in a process of their own (calm-pair-process.ts), so that nobody's work but the site's is measured.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateOptions, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { freePort } from '../daemon.ts';
import { change } from '../journeys/site-under-test.ts';
import type { Lab } from '../lab/lab-site.ts';

type Pems = { readonly cert: string; readonly key: string; readonly ca: string };
type Place = { readonly host: string; readonly port: number };

/** What their process has to know. */
export type CalmPlaces = {
  readonly outside: Pems & Place & { readonly domain: string; readonly user: string; readonly proxy: Place };
  readonly inside: Pems &
    Place & {
      readonly domain: string;
      readonly user: string;
      readonly fqdn: string;
      readonly gateway: Place & { readonly fqdn: string };
    };
};

export type CalmPair = {
  /** Times of so many texts, one after the other, in ms. */
  readonly measure: (texts: number) => Promise<readonly number[]>;
  /** Times of the texts that are written while `attack` goes on; it ends with the attack, and fails with it. */
  readonly measureDuring: (attack: () => Promise<unknown>) => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
};

const partnerDomain = 'calm.example';
const ourDomain = 'quiet.example';
const poolFqdn = `pool.${ourDomain}`;
const host = '127.0.0.1';

/** Adds their partner and their pool to a site that has not been started. */
export async function addCalmPair(lab: Lab): Promise<CalmPlaces> {
  const pki = (name: string) => join(lab.policyDir, '..', 'pki', name);
  const read = (name: string) => readFileSync(pki(name), 'utf8');
  const own = { certPem: read('proxy-s2s-ca.crt'), keyPem: read('proxy-s2s-ca.key') };
  const theirs = issueAuthority({ name: `CA of ${partnerDomain}` });
  const pems = (authority: typeof own, ca: string, options: CertificateOptions): Pems => {
    const { certPem, keyPem } = issueCertificate(authority, options);
    return { cert: certPem, key: keyPem, ca };
  };
  const outside = { host, port: await freePort() };
  const inside = { host, port: await freePort() };
  const user = `carol@${ourDomain}`;

  const ours = issueCertificate(own, { dns: [...lab.internalDomains, ourDomain] });
  writeFileSync(pki('proxy-s2s.crt'), ours.certPem);
  writeFileSync(pki('proxy-s2s.key'), ours.keyPem);
  writeFileSync(join(lab.policyDir, 'trust', `${partnerDomain}.pem`), theirs.certPem);
  change(join(lab.policyDir, 'partners.yaml'), (policy) => {
    const trust = [`trust/${partnerDomain}.pem`];
    policy.addIn(['partners'], { domain: partnerDomain, owner: 'lab', connect: [outside], trust, mayTalk: 'everyone' });
  });
  change(lab.settings.proxy, (settings) => settings.addIn(['domains'], ourDomain));
  change(lab.settings.gateway, (settings) => {
    settings.addIn(['domains'], ourDomain);
    settings.addIn(['users'], user);
    const caFile = pki('proxy-s2s-ca.crt');
    settings.addIn(['sip', 'peers'], { fqdn: poolFqdn, ...inside, caFile, domains: [ourDomain] });
  });
  const { fqdn, sip } = lab.gateway;
  return {
    outside: {
      ...pems(theirs, own.certPem, { dns: [partnerDomain] }),
      ...{ ...outside, domain: partnerDomain, user: `zoe@${partnerDomain}`, proxy: { host, port: lab.proxy.s2s } },
    },
    inside: {
      ...pems(own, own.certPem, { dns: [poolFqdn] }),
      ...{ ...inside, domain: ourDomain, user, fqdn: poolFqdn, gateway: { host, port: sip, fqdn } },
    },
  };
}

/** Starts their process; resolves when both are there. */
export async function startCalmPair(places: CalmPlaces): Promise<CalmPair> {
  const child = fork(join(import.meta.dirname, 'calm-pair-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const gone = once(child, 'exit');
  const answer = async (question: object): Promise<readonly number[]> => {
    child.send(question);
    const [said] = await Promise.race([
      once(child, 'message'),
      gone.then((): never => {
        throw new Error('the process of the calm pair has ended');
      }),
    ]);
    if (typeof said === 'string') throw new Error(said);
    return said;
  };
  await answer({ places });
  return {
    measure: (texts) => answer({ texts }),
    async measureDuring(attack) {
      const times = answer({ until: 'over' });
      // Heard below, when the attack is over.
      times.catch(() => {});
      await attack().finally(() => child.send({ over: true }));
      return times;
    },
    async stop() {
      child.disconnect();
      await gone;
      process.off('exit', kill);
    },
  };
}
