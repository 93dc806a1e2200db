// Restarts while people on real servers and people inside write to each other: each message is delivered, or
// its writer is told (invariant I1; xmpp-boundary B4 to B7).
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { missingServer, type SiteWithServers, startSiteWithServers } from './site-with-servers.ts';
import { assertNothingLost, startTraffic, type Traffic } from './traffic.ts';

const skip = missingServer();

type Event = {
  readonly what: string;
  /** The servers of the partners end with messages in their hands. */
  readonly serversEnd: boolean;
  readonly happen: (all: SiteWithServers, traffic: Traffic) => Promise<void>;
};

const events: readonly Event[] = [
  {
    serversEnd: false,
    what: 'the proxy is ended in order and started again',
    happen: async ({ site }) => {
      await site.pair.end('proxy');
      await site.pair.start('proxy');
    },
  },
  {
    serversEnd: false,
    what: 'the gateway is ended in order and started again',
    happen: async ({ site }) => {
      await site.pair.end('gateway');
      await site.pair.start('gateway');
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

describe('a restart in mid-traffic', { skip, timeout: 240_000 }, () => {
  let all: SiteWithServers;
  before(async () => {
    all = await startSiteWithServers();
    await all.take({ host: '127.0.0.1', tls: 'starttls' });
  });
  after(() => all?.stop());

  for (const { what, serversEnd, happen } of events) {
    test(`${what}: nothing is lost in silence`, async (t) => {
      const traffic = startTraffic(all, 60);
      t.after(traffic.end);
      await pause(1_000);
      await happen(all, traffic);
      await pause(1_500);
      assertNothingLost(await traffic.end(), t, { serversEnd });
    });
  }
});
