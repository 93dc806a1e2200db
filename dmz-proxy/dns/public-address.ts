// Which addresses a name of a partner may lead us to (xmpp-boundary N8): a record in foreign hands must not have the
// DMZ connect to itself or to its neighbours.
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

// A list for each family: Node counts an IPv4 address as its IPv6-mapped form, which ::/3 would contain.
const lists = () => ({ ipv4: new BlockList(), ipv6: new BlockList() });
const notPublic = lists();
const never = lists();

// RFC 6890 and its successors: loopback, private, shared, link-local, documentation, benchmarks.
for (const [address, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
] as const) {
  notPublic.ipv4.addSubnet(address, bits, 'ipv4');
}
// Of IPv6 only 2000::/3 is public; inside it are documentation, and what carries an IPv4 address (Teredo, 6to4).
for (const [address, bits] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublic.ipv6.addSubnet(address, bits, 'ipv6');
}
// Nobody listens there: this host and network, multicast, reserved, broadcast; IPv4 in the clothes of IPv6.
never.ipv4.addSubnet('0.0.0.0', 8, 'ipv4');
never.ipv4.addSubnet('224.0.0.0', 3, 'ipv4');
never.ipv6.addAddress('::', 'ipv6');
never.ipv6.addSubnet('ff00::', 8, 'ipv6');
const mapped = /^(::ffff:|64:ff9b:)|^::\d+\.\d+\.\d+\.\d+$/i;

/**
 * Whether we may connect to `address` (an IP address that DNS told). With `allowPrivate` private, loopback and own
 * addresses are good too (`own`: those of this host, unless a test tells); multicast, unspecified and IPv4-mapped ones never are.
 */
export function mayConnectTo(address: string, allowPrivate: boolean, own = ownAddresses()): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if ((version === 6 && mapped.test(address)) || never[family].check(address, family)) return false;
  return allowPrivate || (!notPublic[family].check(address, family) && !own[family].check(address, family));
}

function ownAddresses(): ReturnType<typeof lists> {
  const own = lists();
  for (const each of Object.values(networkInterfaces()).flat()) {
    if (each?.family === 'IPv4') own.ipv4.addAddress(each.address, 'ipv4');
    else if (each !== undefined) own.ipv6.addAddress(each.address, 'ipv6');
  }
  return own;
}
