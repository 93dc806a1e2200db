// The whole pair with real XMPP servers as its partners: their people by @xmpp/client, the people inside at the scripted
// Skype front end.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Said } from '../fakes/dns/dns-message.ts';
import { type Site, startSite } from '../journeys/site-under-test.ts';
import { pemsOf } from '../lab/neighbours.ts';
import { firstMissing } from '../peers/peers.ts';
import { type ServerKind, serverKinds } from './servers.ts';
import { startXmppClient, type XmppClient } from './xmpp-client.ts';
import type { XmppServer } from './xmpp-server.ts';

export const password = 'secret';

/** Where streams go, both ways; how each end proves itself: by EXTERNAL unless told; one stream for both, where they can. */
export type Road = {
  readonly host: '127.0.0.1' | '::1';
  readonly tls: 'starttls' | 'direct';
  readonly proof?: 'dialback';
  readonly bidi?: true;
};

export type PartnerInPlace = {
  readonly kind: ServerKind;
  readonly server: XmppServer;
  /** What its DNS says. */
  readonly zone: Map<string, Said>;
  /** Its people, logged in. */
  readonly people: () => readonly [XmppClient, XmppClient];
  /** Logs its people in again, after the server was away. */
  readonly logIn: () => Promise<void>;
};

export type SiteWithServers = {
  readonly site: Site;
  readonly partners: readonly PartnerInPlace[];
  /** From now on, new streams go this way; the proxy is ended politely and started again. `more`: terms of each partner. */
  readonly take: (road: Road, more?: object) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Which of the servers, or of `more` programs, is missing on this machine, for `skip`; false when all are there, or REQUIRE_PEERS says to fail. */
export function missingServer(...more: readonly string[]): string | false {
  return missingProgram([...serverKinds.map(({ program }) => program), ...more]);
}

/** The same of these programs alone. */
export function missingProgram(programs: readonly string[]): string | false {
  const missing = firstMissing(programs);
  return missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;
}

/** Starts the pair, a server for each kind, and logs their people in. `dialback`: the servers allow it (XEP-0220). */
export async function startSiteWithServers(
  options: {
    readonly kinds?: readonly ServerKind[];
    readonly dialback?: boolean;
    readonly nameServer?: string;
    readonly s2sPorts?: ReadonlyMap<string, number>;
  } = {},
): Promise<SiteWithServers> {
  const { kinds = serverKinds, dialback = false } = options;
  await using starting = new AsyncDisposableStack();
  const site = await startSite({
    listenOn: '::',
    ...(options.nameServer !== undefined && { nameServer: options.nameServer }),
  });
  starting.defer(site.stop);
  const { policyDir } = site.lab;
  const partners = await Promise.all(kinds.map((kind) => joinServer(site, kind, { ...options, dialback }, starting)));

  const take = async (road: Road, more: object = {}) => {
    const { host, tls, proof, bidi } = road;
    for (const { kind, zone } of partners) pointAtUs(site, kind, zone, road);
    writePartners(policyDir, (domain) => {
      const server = partners.find(({ kind }) => kind.domain === domain)?.server;
      if (server === undefined) return undefined;
      const connect = [{ host, tls, port: tls === 'direct' ? server.directTlsPort : server.s2sPort }];
      const byDialback = proof === 'dialback' ? { dialback: 'tls-only', external: 'never' } : {};
      return { dialback: undefined, external: undefined, bidi, connect, ...byDialback, ...more };
    });
    await site.pair.end('proxy');
    await site.pair.start('proxy');
    await site.pair.ready();
  };
  const started = starting.move();
  return { site, partners, take, stop: () => started.disposeAsync() };
}

async function joinServer(
  site: Site,
  kind: ServerKind,
  { dialback, s2sPorts }: { readonly dialback: boolean; readonly s2sPorts?: ReadonlyMap<string, number> },
  stack: AsyncDisposableStack,
): Promise<PartnerInPlace> {
  const place = site.lab.partners.find(({ domain }) => domain === kind.domain);
  if (place === undefined) throw new Error(`${kind.domain} is no partner of the lab`);
  await site.partnerGoes(kind.domain);
  const certs = pemsOf(place);
  const zone = new Map<string, Said>();
  const server = await kind.start({
    domain: kind.domain,
    users: kind.people.map((name) => ({ name, password })),
    certs,
    hosts: new Map(),
    zone,
    s2sPort: s2sPorts?.get(kind.domain) ?? place.listen.port,
    dialback,
  });
  stack.defer(server.stop);
  const login = (name: string) =>
    startXmppClient({ domain: kind.domain, name, password, port: server.c2sPort, ca: certs.ca });
  const all = () => Promise.all([login(kind.people[0]), login(kind.people[1])]);
  let people = await all();
  stack.defer(async () => void (await Promise.all(people.map((person) => person.stop()))));
  return {
    ...{ kind, server, zone },
    people: () => people,
    logIn: async () => {
      people = await all();
    },
  };
}

/**
 * Its DNS leads to the proxy by this road alone: one of our domains has direct TLS, the other one STARTTLS. What DNS says
 * is not kept, but that something is not there is, for seconds; so nothing that comes later was missing before.
 */
function pointAtUs(site: Site, kind: ServerKind, zone: Map<string, Said>, { host, tls }: Road): void {
  const { proxy } = site.lab;
  const [service, port] = tls === 'direct' ? ['_xmpps-server', proxy.directTls] : ['_xmpp-server', proxy.s2s];
  const [name, type] = host === '::1' ? ['six.in.example', 'AAAA'] : ['four.in.example', 'A'];
  const target = kind.targetsAreAddresses ? host : name;
  zone.clear();
  zone.set(`${type} ${name}`, { ttl: 0, records: [host] });
  zone.set(`SRV ${service}._tcp.${domainBy(tls)}`, { ttl: 0, records: [{ priority: 0, weight: 0, port, target }] });
}

/** Which of our domains is reached so. */
export function domainBy(tls: Road['tls']): 'in.example' | 'hq.example' {
  return tls === 'direct' ? 'hq.example' : 'in.example';
}

/** Writes what is told of a partner into its entry of the policy, and takes out what is undefined. */
function writePartners(policyDir: string, termsOf: (domain: string) => object | undefined): void {
  const file = join(policyDir, 'partners.yaml');
  const policy = parseDocument(readFileSync(file, 'utf8'));
  const { partners } = policy.toJS();
  for (const [index, { domain }] of partners.entries()) {
    for (const [key, value] of Object.entries(termsOf(domain) ?? {})) {
      if (value === undefined) policy.deleteIn(['partners', index, key]);
      else policy.setIn(['partners', index, key], policy.createNode(value));
    }
  }
  writeFileSync(file, policy.toString());
}
