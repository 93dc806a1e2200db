// Two hosts and two routers with the rules of deploy/firewall, as they are shipped: the journeys pass, by IPv4 and IPv6.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { journeyNames, journeyOf, playOn } from '../journeys/play-journey.ts';
import { type Site, startSite } from '../journeys/site-under-test.ts';
import { mayBeLeftOut } from './expectations.ts';
import { makeNamespaces, type Namespaces, obstacle } from './namespaces.ts';
import { twoHosts } from './networks.ts';
import { countOf, loadRules } from './rules.ts';
import { groundOn } from './site-on-hosts.ts';

const problem = obstacle();

describe('within the walls of two hosts and two routers', { skip: mayBeLeftOut(problem) }, () => {
  let hosts: Namespaces;
  let site: Site;

  before(async () => {
    if (problem !== undefined) throw new Error(problem);
    hosts = makeNamespaces(twoHosts);
    loadRules(hosts, 'outer', 'outer-router');
    loadRules(hosts, 'dmz', 'dmz-host');
    loadRules(hosts, 'inner', 'inner-router');
    loadRules(hosts, 'gateway', 'inside-host');
    const halves = { proxy: { host: 'dmz' }, gateway: { host: 'gateway' } };
    site = await startSite({ ground: groundOn(hosts, { ...halves, link: '2001:db8:2::10', linkListens: '::' }) });
  });
  after(async () => {
    await site?.stop();
    hosts?.remove();
  });

  // Of those that ask for a pair of their own one is played, last; what the others wait for is time.
  const journeys = journeyNames().map(journeyOf);
  for (const journey of [...journeys.filter(({ ownPair }) => !ownPair), journeyOf('the-proxy-is-killed')])
    test(journey.name, () => playOn(site, journey));

  test('and nothing of it came from the DMZ inward, or from a sender that cannot be', () => {
    assert.equal(countOf(hosts, 'inner', 'inner-router', 'from_dmz'), 0);
    assert.equal(countOf(hosts, 'inner', 'inner-router', 'spoofed'), 0);
    assert.equal(countOf(hosts, 'outer', 'outer-router', 'spoofed'), 0);
    assert.equal(countOf(hosts, 'dmz', 'dmz-host', 'dropped_out'), 0);
    assert.equal(countOf(hosts, 'gateway', 'inside-host', 'dropped_out'), 0);
  });
});
