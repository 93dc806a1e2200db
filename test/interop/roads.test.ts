// Real XMPP servers as partners of the whole pair, proved by certificate (SASL EXTERNAL) on every road that a stream can
// take: STARTTLS and direct TLS (XEP-0368), IPv4 and IPv6, both directions; by dialback inside TLS (XEP-0220), and
// with one stream for both (XEP-0288).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverKinds } from './servers.ts';
import { domainBy, missingServer, type Road, type SiteWithServers, startSiteWithServers } from './site-with-servers.ts';

const skip = missingServer();
const roads: readonly (readonly [string, Road])[] = [
  ['STARTTLS over IPv4', { host: '127.0.0.1', tls: 'starttls' }],
  ['STARTTLS over IPv6', { host: '::1', tls: 'starttls' }],
  ['direct TLS over IPv4', { host: '127.0.0.1', tls: 'direct' }],
  ['direct TLS over IPv6', { host: '::1', tls: 'direct' }],
  ['STARTTLS with bidi where they have it', { host: '127.0.0.1', tls: 'starttls', bidi: true }],
  ['direct TLS over IPv6 with bidi where they have it', { host: '::1', tls: 'direct', bidi: true }],
  // Nobody is offered EXTERNAL then, and we try none.
  ['STARTTLS with dialback', { host: '127.0.0.1', tls: 'starttls', proof: 'dialback' }],
  ['STARTTLS over IPv6 with dialback', { host: '::1', tls: 'starttls', proof: 'dialback' }],
  ['direct TLS with dialback', { host: '127.0.0.1', tls: 'direct', proof: 'dialback' }],
  ['direct TLS over IPv6 with dialback', { host: '::1', tls: 'direct', proof: 'dialback' }],
];

describe('partners on every road', { skip, timeout: 240_000 }, () => {
  let all: SiteWithServers;
  before(async () => {
    all = await startSiteWithServers({ dialback: true });
  });
  after(() => all?.stop());

  for (const [name, road] of roads) {
    test(`${name}: ${serverKinds.map((kind) => kind.name).join(' and ')} and the pair exchange text both ways`, async () => {
      // Streams may begin as soon as the proxy does.
      const before = new Map(all.partners.map(({ server }) => [server, server.log().length]));
      await all.take(road);
      const { site, partners } = all;
      const bob = site.insider(`${road.tls === 'direct' ? 'heidi' : 'bob'}@${domainBy(road.tls)}`);
      await Promise.all(
        partners.map(async ({ kind, server, people }) => {
          const [person] = people();
          try {
            const inward = `🙂 שלום <&> ${kind.name}, ${name}`;
            const got = bob.nextMessage({ from: person.address, within: 20_000 });
            await person.send(bob.address, inward);
            assert.equal((await got).text, inward);
            const said = await bob.say(person.address, `${inward} too`);
            assert.equal(said.status, 200);
            assert.equal((await person.nextMessage({ from: bob.address, within: 20_000 })).body, `${inward} too`);
            const log = server.log().slice(before.get(server));
            // On one stream for both, which it has dialled, it is we that judge.
            const dialled = road.bidi !== true || !kind.hasBidi;
            assert.equal(dialled, /Accept(ed|ing) (incoming|inbound)|Incoming s2s connection/.test(log), 'who dialled');
            const byCertificate = /Accept(ing|ed) .*EXTERNAL/.test(log);
            if (dialled) assert.equal(byCertificate, road.proof !== 'dialback', 'how we proved ourselves');
          } catch (error) {
            console.error(server.log().slice(-6_000));
            throw error;
          }
        }),
      );
    });
  }
});
