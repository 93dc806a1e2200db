// Partners that are found by SRV records (`connect: dns`), asked of a real dnsmasq, and reached behind what is dead
// (xmpp-boundary N1 to N7, N10, XEP-0368).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../daemon.ts';
import { startDnsmasq } from './dnsmasq.ts';
import { serverKinds } from './servers.ts';
import { missingServer, startSiteWithServers } from './site-with-servers.ts';

const skip = missingServer('dnsmasq');

test('servers that dnsmasq names are reached, the next one where the first is dead, by the other family of addresses', {
  skip,
  timeout: 90_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const ports = new Map<string, number>();
  for (const { domain } of serverKinds) ports.set(domain, await freePort());
  const dead = await freePort();
  const records = [...ports].flatMap(([domain, port]) => [
    // Nobody listens at the first server, the second one has no address, and the third one is there under ::1 alone.
    `srv-host=_xmpps-server._tcp.${domain},dead.${domain},${dead},0,0`,
    `host-record=dead.${domain},127.0.0.1`,
    `srv-host=_xmpp-server._tcp.${domain},nowhere.${domain},${port},1,0`,
    `srv-host=_xmpp-server._tcp.${domain},live.${domain},${port},2,0`,
    `host-record=live.${domain},::1`,
  ]);
  const dns = await startDnsmasq(records);
  stack.defer(dns.stop);
  const all = await startSiteWithServers({ nameServer: `127.0.0.1:${dns.port}`, s2sPorts: ports });
  stack.defer(all.stop);
  await all.take({ host: '127.0.0.1', tls: 'starttls' }, { connect: 'dns', allowPrivate: true });
  const bob = all.site.insider('bob@in.example');
  await Promise.all(
    all.partners.map(async ({ kind, people }) => {
      const [person] = people();
      assert.equal((await bob.say(person.address, `by DNS to ${kind.name}`)).status, 200);
      const got = await person.nextMessage({ from: bob.address, within: 20_000 });
      assert.equal(got.body, `by DNS to ${kind.name}`);
    }),
  );
  for (const { domain } of serverKinds) {
    for (const name of [`_xmpps-server._tcp.${domain}`, `_xmpp-server._tcp.${domain}`, `dead.${domain}`])
      assert.ok(dns.log().includes(name), `${name} was asked for`);
  }
  assert.ok(!/query\[.*in\.example/.test(dns.log()), 'nothing is asked that is no partner');
});
