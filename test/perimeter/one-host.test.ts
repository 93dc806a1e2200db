// Both halves on one host with deploy/firewall/one-host.nft: the proxy's user is held as its host is in the other layout.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { journeyOf, playOn } from '../journeys/play-journey.ts';
import { type Site, startSite } from '../journeys/site-under-test.ts';
import { mayBeLeftOut, nothingHeard, usualPorts } from './expectations.ts';
import { makeNamespaces, type Namespaces, obstacle } from './namespaces.ts';
import { oneHost } from './networks.ts';
import { type Answer, probe, type Question } from './probe.ts';
import { countOf, loadRules, rulesOf } from './rules.ts';
import { groundOn, linkPort } from './site-on-hosts.ts';

const users = { proxy: 64_101, gateway: 64_102, other: 64_103 };
type User = keyof typeof users;
const outerAddresses = ['192.0.2.10', '2001:db8:2::10'];
const partners = ['203.0.113.11', '2001:db8:1::12'];
const frontEnd = ['10.20.0.20', 'fd20::20'];

// The capability stands for the ownership of files, which the lab does not arrange; it is no right on the network.
const as = (user: User) => [
  'setpriv',
  ...[`--reuid=${users[user]}`, `--regid=${users[user]}`, '--clear-groups'],
  ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
];

const problem = obstacle();

describe('both halves on one host', { skip: mayBeLeftOut(problem) }, () => {
  let hosts: Namespaces;
  let site: Site;

  before(async () => {
    if (problem !== undefined) throw new Error(problem);
    hosts = makeNamespaces(oneHost);
    site = await startSite({
      ground: groundOn(hosts, {
        proxy: { host: 'host', command: as('proxy') },
        gateway: { host: 'host', command: as('gateway') },
        link: '127.0.0.1',
        linkListens: '127.0.0.1',
        relayAs: as('gateway'),
      }),
    });
  });
  after(async () => {
    await site?.stop();
    hosts?.remove();
  });

  const ask = (
    command: readonly string[],
    places: readonly string[],
    ports: Question['ports'],
    more: Partial<Question> = {},
  ) => {
    const questions = places.map((place) => ({ host: place, ports, ...more }));
    return probe(command, questions);
  };
  const of = (user: User) => [...hosts.on('host'), ...as(user)];
  const held = async (answers: Promise<readonly Answer[]>, what: string) => {
    for (const answer of await answers) nothingHeard(answer, what);
  };
  const open = async (answers: Promise<readonly Answer[]>, ports: readonly number[], what: string) => {
    for (const answer of await answers) assert.deepEqual(answer.open, ports, what);
  };
  const everyDoor = () => [5061, 5269, 5270, linkPort, site.lab.proxy.metrics, site.lab.gateway.metrics];

  const later = () => everyDoor().slice(3);

  test('without the rules the proxy’s user reaches the front end, the SIP port and everything on the loopback', async () => {
    await open(ask(of('proxy'), ['127.0.0.1'], everyDoor()), everyDoor(), 'the loopback');
    await open(ask(of('proxy'), frontEnd.slice(0, 1), [5061]), [5061], 'the front end');
    await open(ask(hosts.on('outside'), ['10.20.0.10'], [5061]), [5061], 'and outside reaches the SIP port');
  });

  test('the rules load as they are shipped, but for the numbers of the two users', () => {
    const values = { proxy_user: `${users.proxy}`, gateway_user: `${users.gateway}` };
    loadRules(hosts, 'host', 'one-host', values);
    assert.throws(() => hosts.run('host', ['nft', '-c', '-f', '-'], rulesOf('one-host')), /sallyport-/);
  });

  test('outside reaches 5269 and 5270, and no other port of the host; nothing is passed on', async () => {
    for (const { open, refused } of await ask(hosts.on('outside'), outerAddresses, [[1, 6_000], ...later()]))
      assert.deepEqual({ open, refused }, { open: [5269, 5270], refused: [] });
    await held(ask(hosts.on('outside'), [...frontEnd, 'fd20::10'], [22, 5061, linkPort]), 'the inside');
    await held(
      ask(hosts.on('outside'), ['10.20.0.10'], [5061, linkPort, ...everyDoor().slice(4)]),
      'the inner address',
    );
    await held(ask(hosts.on('skype'), partners, [443, 5269]), 'nor does the front end reach a partner');
  });

  test('the user of the proxy, taken over, reaches nothing of this host or the inside', async () => {
    await held(ask(of('proxy'), ['127.0.0.1'], [[1, 10_000], ...later()]), 'the loopback');
    await held(ask(of('proxy'), ['::1', ...outerAddresses], [...usualPorts, ...everyDoor()]), 'nor by another address');
    await held(ask(of('proxy'), [...frontEnd, '10.20.0.10'], [...usualPorts, 5061]), 'the inside');
    await held(ask(of('proxy'), [...frontEnd, '127.0.0.1'], [53, 389, 5061], { protocol: 'udp' }), 'by UDP');
    await held(ask(of('proxy'), partners, [22, 80, 443, 4444]), 'other ports outside');
    await open(ask(of('proxy'), partners, [5269]), [5269], 'partners it does reach');
    assert.ok(countOf(hosts, 'host', 'one-host', 'from_proxy') >= 10_000, 'each is counted');
  });

  test('the gateway’s user reaches the link and the front end; other users neither, but monitoring does its work', async () => {
    await open(ask(of('gateway'), ['127.0.0.1'], [linkPort]), [linkPort], 'the link');
    await open(ask(of('gateway'), frontEnd.slice(0, 1), [5061]), [5061], 'the front end');
    await held(ask(of('gateway'), partners, [443, 5269]), 'a partner');
    await held(ask(of('other'), ['127.0.0.1'], [linkPort]), 'the link');
    await held(ask(of('other'), [...frontEnd, ...partners], [443, 5061, 5269]), 'or anything elsewhere');
    const metrics = later().slice(1);
    await open(ask(of('other'), ['127.0.0.1'], metrics), metrics, 'the metrics');
  });

  describe('journeys pass', () => {
    const names = [
      ...['ann-writes-to-bob', 'bob-answers', 'bob-writes-first', 'zoe-writes-to-heidi', 'typing-shows'],
      ...['the-word-is-dirty-outward', 'the-sender-is-forged', 'the-link-is-cut', 'the-proxy-is-killed'],
    ];
    for (const name of names) test(name, () => playOn(site, journeyOf(name)));
  });
});
