// Restarts while people on real servers and people inside write to each other, on each kind of road: each message is
// delivered, or its writer is told (invariant I1; xmpp-boundary B4 to B7).
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { missingServer, type Road, type SiteWithServers, startSiteWithServers } from './site-with-servers.ts';
import { assertNothingLost, startTraffic, type Traffic } from './traffic.ts';

const skip = missingServer();

type Event = {
  readonly what: string;
  /** The servers of the partners end with messages in their hands. */
  readonly serversEnd: boolean;
  readonly happen: (all: SiteWithServers, traffic: Traffic) => Promise<void>;
};

const roads: readonly (readonly [string, Road])[] = [
  ['STARTTLS over IPv4', { host: '127.0.0.1', tls: 'starttls' }],
  ['direct TLS over IPv6', { host: '::1', tls: 'direct' }],
  ['STARTTLS over IPv6 with dialback', { host: '::1', tls: 'starttls', proof: 'dialback' }],
  ['STARTTLS over IPv4 with bidi where they have it', { host: '127.0.0.1', tls: 'starttls', bidi: true }],
];

const events: readonly Event[] = [
  {
    serversEnd: false,
    what: 'the proxy, then the gateway, is ended in order and started again',
    happen: async ({ site }) => {
      for (const half of ['proxy', 'gateway'] as const) {
        await site.pair.end(half);
        await site.pair.start(half);
        await pause(1_000);
      }
    },
  },
  {
    serversEnd: true,
    what: 'the servers of the partners are ended in order and started again',
    happen: async ({ partners }, traffic) => {
      await Promise.all(
        partners.map(async (partner) => {
          await partner.server.end();
          traffic.hush(partner);
          await partner.server.start();
          await partner.logIn();
          traffic.resume(partner);
        }),
      );
    },
  },
];

describe('a restart in mid-traffic', { skip, timeout: 280_000 }, () => {
  let all: SiteWithServers;
  before(async () => {
    all = await startSiteWithServers({ dialback: true });
  });
  after(() => all?.stop());

  for (const [name, road] of roads) {
    describe(name, () => {
      before(() => all.take(road));
      for (const { what, serversEnd, happen } of events) {
        test(`${what}: nothing is lost in silence`, async (t) => {
          const traffic = startTraffic(all, 60, road.tls);
          t.after(traffic.end);
          await pause(1_000);
          await happen(all, traffic);
          await pause(1_500);
          assertNothingLost(await traffic.end(), t, { serversEnd });
        });
      }
    });
  }
});
