// Where the servers of a partner are: pinned in its entry, or found in DNS (RFC 6120 §3.2, XEP-0368; N2 to N9, N12).
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { Partner, PinnedAddress } from '@sallyport/shared/policy/policy.ts';
import type { Answer, Dns, ServiceRecord } from './ask-dns.ts';
import { orderServices, type Service } from './order-services.ts';
import { mayConnectTo } from './public-address.ts';

/** A server to try. `host` is an IP address where the entry pins it, else a name that addressesOf looks up. */
export type Target = { readonly host: string; readonly port: number; readonly tls: 'starttls' | 'direct' };

/** `absent`: DNS is sure that there is nothing. Without it the same question may be answered a moment later. */
export type NotFound = { readonly ok: false; readonly absent: boolean; readonly note: string };
export type Targets = { readonly ok: true; readonly targets: readonly Target[] } | NotFound;
export type Addresses = { readonly ok: true; readonly addresses: readonly string[] } | NotFound;

/** RFC 6120 and XEP-0368 set no limit; who names more servers than these is not better reached by them. */
const targetsAtMost = 16;
const addressesAtMost = 8;
const fallbackPort = 5269;

/**
 * The servers of a partner in the order to try them. Nothing is asked of DNS for a pinned partner, and it takes a whole
 * entry of the policy to ask at all: a domain that is no partner cannot be looked up (N9). DNS is asked in A-labels (N12).
 */
export async function findPartner(partner: Partner, dns: Dns): Promise<Targets> {
  if (partner.connect !== 'dns') return { ok: true, targets: partner.connect.map(pinned) };
  const domain = toAsciiDomain(partner.domain);
  const [direct, starttls] = await Promise.all([
    dns.services(`_xmpps-server._tcp.${domain}`),
    dns.services(`_xmpp-server._tcp.${domain}`),
  ]);
  const services = orderServices([...servicesIn(direct, 'direct'), ...servicesIn(starttls, 'starttls')]);
  if (services.length > 0) return { ok: true, targets: services.slice(0, targetsAtMost).map(targetOf) };
  // INVARIANT: the domain's own address is asked only where DNS is sure that no SRV record exists (N4, N5).
  for (const answer of [direct, starttls]) {
    if (answer.kind === 'trouble') return { ok: false, absent: false, note: `DNS gives no answer: ${answer.code}` };
  }
  if (direct.kind === 'found' || starttls.kind === 'found') {
    return { ok: false, absent: true, note: 'DNS says that the domain has no XMPP server' };
  }
  return { ok: true, targets: [{ host: domain, port: fallbackPort, tls: 'starttls' }] };
}

/**
 * The addresses of a target that we may connect to, IPv6 and IPv4 in turns (RFC 8305 §4), 8 at most. A pinned address is
 * taken as the policy's author wrote it; one that DNS told must be public, unless the entry allows it (N8).
 */
export async function addressesOf(target: Target, partner: Partner, dns: Dns): Promise<Addresses> {
  if (partner.connect !== 'dns') return { ok: true, addresses: [target.host] };
  const [six, four] = await Promise.all([dns.addresses(target.host, 6), dns.addresses(target.host, 4)]);
  const told = inTurns(recordsOf(six), recordsOf(four));
  const addresses = told.filter((address) => mayConnectTo(address, partner.allowPrivate === true));
  if (addresses.length > 0) return { ok: true, addresses: addresses.slice(0, addressesAtMost) };
  const trouble = [six, four].find((answer) => answer.kind === 'trouble');
  if (trouble !== undefined) {
    return { ok: false, absent: false, note: `DNS gives no answer for ${target.host}: ${trouble.code}` };
  }
  if (told.length === 0) return { ok: false, absent: true, note: `DNS knows no address of ${target.host}` };
  const mend = partner.allowPrivate === true ? '' : '; its entry may say allowPrivate: true';
  return { ok: false, absent: false, note: `${target.host} is ${told[0]}, to which we do not connect${mend}` };
}

function pinned({ host, port, tls = 'starttls' }: PinnedAddress): Target {
  return { host, port, tls };
}

function targetOf({ name, port, tls }: Service): Target {
  return { host: name, port, tls };
}

// Node tells the root, which says that there is no such service, as an empty name.
function servicesIn(answer: Answer<ServiceRecord>, tls: Target['tls']): Service[] {
  return recordsOf(answer)
    .filter(({ name, port }) => name !== '' && name !== '.' && port > 0)
    .map(({ name, port, priority, weight }) => ({ name, port, priority, weight, tls }));
}

function recordsOf<T>(answer: Answer<T>): readonly T[] {
  return answer.kind === 'found' ? answer.records : [];
}

function inTurns(six: readonly string[], four: readonly string[]): string[] {
  const turns: string[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i += 1) {
    turns.push(...[six[i], four[i]].flatMap((address) => address ?? []));
  }
  return turns;
}
