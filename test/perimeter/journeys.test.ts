// Two hosts and two routers with the rules of deploy/firewall, as they are shipped: the journeys pass, by IPv4 and IPv6.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { journeyNames, journeyOf, playOn } from '../journeys/play-journey.ts';
import type { Journey } from '../journeys/read-journey.ts';
import { type Site, startSite } from '../journeys/site-under-test.ts';
import { mayBeLeftOut } from './expectations.ts';
import { makeNamespaces, type Namespaces, obstacle } from './namespaces.ts';
import { twoHosts } from './networks.ts';
import { countOf, loadRules } from './rules.ts';
import { groundOn } from './site-on-hosts.ts';

const problem = obstacle();
const halves = { proxy: { host: 'dmz' }, gateway: { host: 'gateway' } };
const journeys = journeyNames().map(journeyOf);
// Most of their time is waiting, so they are played beside the others, in networks of their own.
const ownPair = journeys.filter((journey) => journey.ownPair);
const lanes: readonly (readonly [string, readonly Journey[]])[] = [
  ['on a shared pair', journeys.filter((journey) => !journey.ownPair)],
  ['on pairs of their own', ownPair.filter((_journey, n) => n % 2 === 0)],
  ['on further pairs of their own', ownPair.filter((_journey, n) => n % 2 === 1)],
];

describe('within the walls of two hosts and two routers', { skip: mayBeLeftOut(problem), concurrency: 3 }, () => {
  for (const [number, [where, journeys]] of lanes.entries()) {
    describe(where, { concurrency: 1 }, () => {
      let hosts: Namespaces;
      let site: Site | undefined;

      before(() => {
        if (problem !== undefined) throw new Error(problem);
        hosts = makeNamespaces(twoHosts, number);
        loadRules(hosts, 'outer', 'outer-router');
        loadRules(hosts, 'dmz', 'dmz-host');
        loadRules(hosts, 'inner', 'inner-router');
        loadRules(hosts, 'gateway', 'inside-host');
      });
      const endSite = async () => {
        const ending = site;
        site = undefined;
        await ending?.stop();
      };
      after(async () => {
        await endSite();
        hosts?.remove();
      });
      const siteFor = async ({ ownPair, connectSeconds }: Journey) => {
        if (ownPair) await endSite();
        const ground = groundOn(hosts, { ...halves, link: '2001:db8:2::10', linkListens: '::' });
        site ??= await startSite({ ground, ...(connectSeconds === undefined ? {} : { connectSeconds }) });
        return site;
      };

      for (const journey of journeys) test(journey.name, async () => playOn(await siteFor(journey), journey));

      test('and nothing of it came from the DMZ inward, or from a sender that cannot be', () => {
        assert.equal(countOf(hosts, 'inner', 'inner-router', 'from_dmz'), 0);
        assert.equal(countOf(hosts, 'inner', 'inner-router', 'spoofed'), 0);
        assert.equal(countOf(hosts, 'outer', 'outer-router', 'spoofed'), 0);
        assert.equal(countOf(hosts, 'dmz', 'dmz-host', 'dropped_out'), 0);
        assert.equal(countOf(hosts, 'gateway', 'inside-host', 'dropped_out'), 0);
      });
    });
  }
});
