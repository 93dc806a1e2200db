// The networks that the tests stand on, with the addresses that the rule files have as they are shipped.
import type { Network } from './namespaces.ts';

const outside = {
  host: 'outside',
  interface: 'net',
  addresses: ['203.0.113.1/24', '203.0.113.11/24', '203.0.113.66/24', '2001:db8:1::1/64', '2001:db8:1::12/64'],
};
const skype = { host: 'skype', interface: 'net', addresses: ['10.20.0.20/24', 'fd20::20/64'] };

/** Two hosts: a router on either side of the DMZ, the Skype servers in the gateway's network. */
export const twoHosts: Network = {
  hosts: {
    outside: { router: false },
    outer: { router: true },
    dmz: { router: false },
    inner: { router: true },
    gateway: { router: false },
    skype: { router: false },
  },
  bridges: [
    { host: 'outer', interface: 'dmz', addresses: ['192.0.2.1/24', '2001:db8:2::1/64'] },
    { host: 'inner', interface: 'inside', addresses: ['10.20.0.1/24', 'fd20::1/64'] },
  ],
  cables: [
    [outside, { host: 'outer', interface: 'outside', addresses: ['203.0.113.254/24', '2001:db8:1::fe/64'] }],
    [
      { host: 'dmz', interface: 'net', addresses: ['192.0.2.10/24', '2001:db8:2::10/64'] },
      { host: 'outer', interface: 'port1', bridge: 'dmz' },
    ],
    [
      { host: 'inner', interface: 'dmz', addresses: ['192.0.2.2/24', '2001:db8:2::2/64'] },
      { host: 'outer', interface: 'port2', bridge: 'dmz' },
    ],
    [
      { host: 'gateway', interface: 'net', addresses: ['10.20.0.10/24', 'fd20::10/64'] },
      { host: 'inner', interface: 'port1', bridge: 'inside' },
    ],
    [skype, { host: 'inner', interface: 'port2', bridge: 'inside' }],
  ],
  // Every host knows the way to every other, so that it is a rule and not a missing route that stops a packet.
  routes: [
    ...both('outside', 'default', '203.0.113.254', 'default', '2001:db8:1::fe'),
    ...both('outer', '10.20.0.0/24', '192.0.2.2', 'fd20::/64', '2001:db8:2::2'),
    ...both('dmz', '10.20.0.0/24', '192.0.2.2', 'fd20::/64', '2001:db8:2::2'),
    ...both('dmz', 'default', '192.0.2.1', 'default', '2001:db8:2::1'),
    ...both('inner', 'default', '192.0.2.1', 'default', '2001:db8:2::1'),
    ...both('gateway', 'default', '10.20.0.1', 'default', 'fd20::1'),
    ...both('skype', 'default', '10.20.0.1', 'default', 'fd20::1'),
  ],
};

/** One host for both halves, with a leg outside and one inside. */
export const oneHost: Network = {
  hosts: { outside: { router: false }, host: { router: true }, skype: { router: false } },
  bridges: [],
  cables: [
    [
      outside,
      {
        host: 'host',
        interface: 'front',
        addresses: ['192.0.2.10/24', '203.0.113.254/24', '2001:db8:2::10/64', '2001:db8:1::fe/64'],
      },
    ],
    [skype, { host: 'host', interface: 'back', addresses: ['10.20.0.10/24', 'fd20::10/64'] }],
  ],
  routes: [
    ...both('outside', 'default', '203.0.113.254', 'default', '2001:db8:1::fe'),
    ...both('skype', 'default', '10.20.0.10', 'default', 'fd20::10'),
  ],
};

function both(host: string, to4: string, by4: string, to6: string, by6: string) {
  return [
    { host, to: to4, by: by4 },
    { host, to: to6, by: by6 },
  ];
}
