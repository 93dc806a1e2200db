// Certificates renewed in mid-traffic, ours and the partners', with real servers: streams begin anew one by one, and each
// message is delivered (invariants I1, I9; xmpp-boundary T12).
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { believe, renewalOf, renewOursForAll } from './renewals.ts';
import { missingServer, type Road, startSiteWithServers } from './site-with-servers.ts';
import { assertNothingLost, startTraffic } from './traffic.ts';

const skip = missingServer();

const roads: readonly (readonly [string, Road])[] = [
  ['STARTTLS over IPv4', { host: '127.0.0.1', tls: 'starttls' }],
  ['direct TLS over IPv6', { host: '::1', tls: 'direct' }],
];

// Most of the time is waiting for streams that begin anew.
describe('renewals', { skip, timeout: 240_000, concurrency: 2 }, () => {
  for (const [name, road] of roads) {
    test(`both sides renew their certificates while people write, the partners with another CA, ${name}: nothing is lost`, async (t) => {
      await using stack = new AsyncDisposableStack();
      const all = await startSiteWithServers();
      stack.defer(all.stop);
      const { site, partners } = all;
      await all.take(road);
      const traffic = startTraffic(all, 200, road.tls);
      stack.defer(async () => void (await traffic.end()));
      await pause(1_000);
      const renewals = partners.map(({ kind, server }) => ({
        domain: kind.domain,
        renewal: renewalOf(site, kind.domain, server),
      }));
      for (const { domain, renewal } of renewals) believe(site, domain, renewal.oldCa + renewal.newCa);
      await Promise.all(renewals.map(({ renewal }) => renewal.hand()));
      await renewOursForAll(site);
      // A stream that showed a certificate of the old CA would end now, and none could begin.
      for (const { domain, renewal } of renewals) believe(site, domain, renewal.newCa);
      await pause(2_000);
      assertNothingLost(await traffic.end(), t, { serversEnd: false });
    });
  }
});
