// Where are its servers? Asks DNS what every stream of ours asks, and says what is wrong with the answers (RFC 6120 §3.2,
// XEP-0368; xmpp-boundary N2 to N9). Pinned partners are not asked about.
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Answer, Dns, ServiceRecord } from '../dns/ask-dns.ts';
import { addressesOf, findPartner, type Target } from '../dns/find-partner.ts';
import { mayConnectTo } from '../dns/public-address.ts';
import { found } from './findings.ts';

/** One address of one server. */
export type Place = { readonly address: string; readonly port: number; readonly tls: Target['tls'] };

/**
 * The findings, and then the places to dial, each once, in the order in which a stream would try them. `mayGoOn` is asked
 * before each server.
 */
export async function* examineDns(
  partner: Partner,
  asked: Dns,
  mayGoOn: () => boolean,
): AsyncGenerator<Finding, readonly Place[]> {
  const dns = remembering(asked);
  if (partner.connect !== 'dns') {
    const places = partner.connect.map(({ host, port, tls = 'starttls' }) => ({ address: host, port, tls }) as const);
    yield found(
      'pinned',
      `our entry names ${places.length === 1 ? 'one address' : `${places.length} addresses`} itself`,
    );
    return places;
  }
  const domain = toAsciiDomain(partner.domain);
  const [direct, starttls] = await Promise.all([
    dns.services(`_xmpps-server._tcp.${domain}`),
    dns.services(`_xmpp-server._tcp.${domain}`),
  ]);
  yield* sayService('_xmpp-server', starttls);
  yield* sayService('_xmpps-server', direct);
  const servers = await findPartner(partner, dns);
  if (!servers.ok) {
    if (servers.absent) yield found('service-denied', `DNS says "." : ${domain} has no XMPP server`);
    return [];
  }
  const hasNone = direct.kind === 'none' && starttls.kind === 'none';
  if (hasNone) {
    const [six, four] = await Promise.all([dns.addresses(domain, 6), dns.addresses(domain, 4)]);
    if (isUnknown(six) && isUnknown(four)) {
      yield found('domain-unknown', `DNS knows no name ${domain} (NXDOMAIN)`);
      return [];
    }
    yield found('service-missing', `there is no SRV record, so ${domain} port 5269 itself is tried`);
  }
  return yield* lookUp(partner, dns, servers.targets, mayGoOn);
}

async function* lookUp(
  partner: Partner,
  dns: Dns,
  targets: readonly Target[],
  mayGoOn: () => boolean,
): AsyncGenerator<Finding, readonly Place[]> {
  const places: Place[] = [];
  const said = new Set<string>();
  for (const target of targets) {
    if (!mayGoOn()) {
      yield found('not-finished', 'DNS is so slow that not all servers were looked up');
      break;
    }
    const looked = await addressesOf(target, partner, dns);
    if (looked.ok) {
      for (const address of looked.addresses) {
        const { port, tls } = target;
        if (!places.some((each) => each.address === address && each.port === port)) places.push({ address, port, tls });
      }
    }
    if (said.has(target.host)) continue;
    said.add(target.host);
    yield* sayAddresses(partner, dns, target.host);
  }
  return places;
}

function* sayService(name: string, answer: Answer<ServiceRecord>): Generator<Finding> {
  switch (answer.kind) {
    case 'found': {
      const servers = answer.records.filter((each) => each.name !== '' && each.name !== '.');
      for (const { name: host, port, priority, weight } of servers.toSorted((a, b) => a.priority - b.priority)) {
        yield found('service-found', `${name}: ${host} port ${port}, priority ${priority}, weight ${weight}`);
      }
      if (servers.length === 0 && name === '_xmpps-server') {
        yield found('no-direct-tls', 'DNS says "." for _xmpps-server: STARTTLS only');
      }
      return;
    }
    case 'none':
      if (name === '_xmpps-server') yield found('no-direct-tls', 'there is no _xmpps-server record: STARTTLS only');
      return;
    case 'trouble':
      yield sayTrouble(`for ${name}`, answer.code);
      return;
    default:
      answer satisfies never;
  }
}

async function* sayAddresses(partner: Partner, dns: Dns, host: string): AsyncGenerator<Finding> {
  const answers = await Promise.all([dns.addresses(host, 6), dns.addresses(host, 4)]);
  const told = answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
  const [usable, useless] = [true, false].map((wanted) =>
    told.filter((address) => mayConnectTo(address, partner.allowPrivate === true) === wanted),
  );
  if (usable !== undefined && usable.length > 0) yield found('address-found', `${host} is ${usable.join(', ')}`);
  if (useless !== undefined && useless.length > 0) {
    yield found('address-private', `${host} is ${useless.join(', ')}, to which we do not connect`);
  }
  for (const answer of answers) {
    if (answer.kind !== 'trouble') continue;
    yield sayTrouble(`for ${host}`, answer.code);
    return;
  }
  if (told.length === 0) yield found('address-missing', `DNS knows no address of ${host}`);
}

function sayTrouble(what: string, code: string): Finding {
  switch (code) {
    case 'ESERVFAIL':
      return found('dns-failed', `the name servers fail ${what} (SERVFAIL)`);
    case 'EREFUSED':
      return found('dns-refused', `our name server refuses to answer ${what} (REFUSED)`);
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
      return found('dns-silent', `no name server answers ${what} (${code})`);
    default:
      return found('dns-broken', `the answer ${what} cannot be used (${code})`);
  }
}

function isUnknown(answer: Answer<string>): boolean {
  return answer.kind === 'none' && answer.code === 'ENOTFOUND';
}

/** Asks each question once, so that what is said is what was used. */
function remembering(dns: Dns): Dns {
  const services = new Map<string, ReturnType<Dns['services']>>();
  const addresses = new Map<string, ReturnType<Dns['addresses']>>();
  return {
    ...dns,
    services(name) {
      const known = services.get(name) ?? dns.services(name);
      services.set(name, known);
      return known;
    },
    addresses(name, family) {
      const key = `${family} ${name}`;
      const known = addresses.get(key) ?? dns.addresses(name, family);
      addresses.set(key, known);
      return known;
    },
  };
}
