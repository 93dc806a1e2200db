// jabberd2 as a partner of the whole pair: STARTTLS with dialback inside (XEP-0220), which is all that it knows, over IPv4
// and IPv6, both directions; what it cannot do; restarts and renewals while people write.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { believe, renewalOf, renewOursForAll } from './renewals.ts';
import { jabberd2 } from './servers.ts';
import { missingProgram, type Road, type SiteWithServers, startSiteWithServers } from './site-with-servers.ts';
import { assertNothingLost, startTraffic, type Traffic } from './traffic.ts';

const skip = missingProgram([jabberd2.program]);
const byDialback: Road = { host: '127.0.0.1', tls: 'starttls', proof: 'dialback' };
const trust = ['trust/far.example.pem'];
const roads: readonly (readonly [string, Road, object])[] = [
  ['IPv4, its certificate proving nothing', byDialback, { trust: undefined }],
  ['IPv4, one certificate on both connections', byDialback, { trust: undefined, dialback: 'tls+same-cert' }],
  ['IPv6, its certificate held to our trust', { ...byDialback, host: '::1' }, { trust }],
];

// No security labels, which make a text four times as long: jabberd2 2.7 ends a stream on which it read half a TLS record.
const plain = { with: undefined };

describe('jabberd2 as a partner', { skip, timeout: 240_000 }, () => {
  let all: SiteWithServers;
  before(async () => {
    all = await startSiteWithServers({ kinds: [jabberd2] });
  });
  after(() => all?.stop());

  for (const [name, road, terms] of roads) {
    test(`STARTTLS with dialback over ${name}: text goes both ways, and ours is confirmed`, async () => {
      const { server, person, bob } = persons(all);
      const before = server.log().length;
      await all.take(road, { ...terms, ...plain });
      const text = `🙂 שלום مرحبا <&> ${name}`;
      try {
        const got = bob.nextMessage({ from: person.address, within: 20_000 });
        await person.send(bob.address, text);
        assert.equal((await got).text, text);
        assert.equal((await bob.say(person.address, `${text} 👍`)).status, 200);
        assert.equal((await person.nextMessage({ from: bob.address, within: 20_000 })).body, `${text} 👍`);
        const log = server.log().slice(before);
        for (const direction of ['incoming', 'outgoing'])
          assert.match(log, new RegExp(`${direction} route 'far.example/in.example' is now valid TLS`));
        await until(() => delivered(all) > 0, 'it answers our ping');
      } catch (error) {
        console.error(server.log().slice(-6_000), all.site.pair.log('proxy').slice(-3_000));
        throw error;
      }
    });
  }

  // They go on on the last road.
  test('the proxy, then the gateway, is ended in order and started again while people write: nothing is lost in silence', async (t) => {
    const traffic = await underWay(all, t);
    for (const half of ['proxy', 'gateway'] as const) {
      await all.site.pair.end(half);
      await all.site.pair.start(half);
      await pause(800);
    }
    assertNothingLost(await traffic.end(), t, { serversEnd: false });
  });

  test('our certificate is renewed while people write: nothing is lost', async (t) => {
    const traffic = await underWay(all, t);
    await renewOursForAll(all.site);
    await pause(600);
    assertNothingLost(await traffic.end(), t, { serversEnd: false });
  });

  test('all of it is ended in order and started again while people write: nothing is lost on our side', async (t) => {
    const { partner, server } = persons(all);
    const traffic = await underWay(all, t);
    await server.end();
    traffic.hush(partner);
    await server.start();
    await partner.logIn();
    traffic.resume(partner);
    await pause(1_500);
    assertNothingLost(await traffic.end(), t, { serversEnd: true });
  });

  test('its s2s is started again with a certificate of another CA while people inside write: nothing is lost', async (t) => {
    const { partner, server } = persons(all);
    const renewal = renewalOf(all.site, jabberd2.domain, server);
    const traffic = await underWay(all, t);
    believe(all.site, jabberd2.domain, renewal.oldCa + renewal.newCa);
    // What s2s has in its hands when it ends, it loses without a word.
    traffic.hush(partner);
    await pause(300);
    await renewal.hand();
    believe(all.site, jabberd2.domain, renewal.newCa);
    traffic.resume(partner);
    await pause(600);
    assertNothingLost(await traffic.end(), t, { serversEnd: false });
  });

  test('where EXTERNAL is required nothing passes, and both writers are told', async () => {
    const { person, bob } = persons(all);
    await all.take({ host: '127.0.0.1', tls: 'starttls' }, { trust, ...plain });
    const refused = person.nextError({ from: bob.address, within: 20_000 });
    await person.send(bob.address, 'with a certificate alone');
    assert.match((await refused).error?.condition ?? '', /^(remote-server-timeout|service-unavailable)$/);
    assert.equal((await bob.say(person.address, 'nor this')).status, 504);
    assert.match(all.site.pair.log('proxy'), /the partner does not offer EXTERNAL/);
  });
});

async function underWay(all: SiteWithServers, t: TestContext): Promise<Traffic> {
  const before = delivered(all);
  const traffic = startTraffic(all, 30);
  t.after(traffic.end);
  await pause(800);
  // The stream out may have been given up for a moment by what was tried before.
  await until(() => delivered(all) - before > 25, 'messages go out', 15_000);
  return traffic;
}

function persons({ site, partners }: SiteWithServers) {
  const [partner] = partners;
  if (partner === undefined) throw new Error('there is no partner');
  return { partner, server: partner.server, person: partner.people()[0], bob: site.insider('bob@in.example') };
}

/** How many messages the partner has confirmed since the proxy was started. */
function delivered({ site }: SiteWithServers): number {
  const lines = readFileSync(site.lab.audit.proxy, 'utf8').split('\n').slice(0, -1);
  const events = lines.map((line): { readonly event: string } => JSON.parse(line));
  const since = events.findLastIndex(({ event }) => event === 'audit-opened');
  return events.slice(since).filter(({ event }) => event === 'delivered').length;
}

async function until(holds: () => boolean, what: string, withinMs = 3_000): Promise<void> {
  const late = Date.now() + withinMs;
  while (!holds()) {
    assert.ok(Date.now() < late, what);
    await pause(20);
  }
}
