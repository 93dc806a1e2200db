// Certificates renewed in mid-traffic, ours and the partners', with real servers: streams begin anew one by one, and each
// message is delivered (invariants I1, I9; xmpp-boundary T12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { believe, livingStreams, renewalOf, renewOurs } from './renewals.ts';
import { missingServer, startSiteWithServers } from './site-with-servers.ts';
import { assertNothingLost, startTraffic } from './traffic.ts';

const skip = missingServer();

test('both sides renew their certificates while people write, the partners with another CA: nothing is lost', {
  skip,
  timeout: 240_000,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startSiteWithServers();
  stack.defer(all.stop);
  const { site, partners } = all;
  await all.take({ host: '127.0.0.1', tls: 'starttls' });
  const traffic = startTraffic(all, 200);
  stack.defer(async () => void (await traffic.end()));
  await pause(1_000);
  const renewals = partners.map(({ kind, server }) => ({
    domain: kind.domain,
    renewal: renewalOf(site, kind.domain, server),
  }));
  for (const { domain, renewal } of renewals) believe(site, domain, renewal.oldCa + renewal.newCa);
  await Promise.all(renewals.map(({ renewal }) => renewal.hand()));
  const before = livingStreams(site);
  await renewOurs(site);
  // Our streams begin anew within half a minute, not all at once.
  const until = Date.now() + 40_000;
  const old = () => [...livingStreams(site)].filter((stream) => before.has(stream));
  while (old().length > 0 && Date.now() < until) await pause(100);
  assert.deepEqual(old(), [], 'streams of our old certificate');
  // A stream that showed a certificate of the old CA would end now, and none could begin.
  for (const { domain, renewal } of renewals) believe(site, domain, renewal.newCa);
  await pause(2_000);
  assertNothingLost(await traffic.end(), t, { serversEnd: false });
});
