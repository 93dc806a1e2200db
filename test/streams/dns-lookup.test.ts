// What DNS may say of a partner, and what we make of it, with a name server of our own (xmpp-boundary N2 to N9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDns } from '../../dmz-proxy/dns/ask-dns.ts';
import { addressesOf, findPartner, type Target } from '../../dmz-proxy/dns/find-partner.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import type { Said, Srv } from '../fakes/dns/dns-message.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import { partner } from './setting.ts';

const direct = 'SRV _xmpps-server._tcp.out.example';
const starttls = 'SRV _xmpp-server._tcp.out.example';
const srv = (target: string, port = 5269, priority = 0): Srv => ({ priority, weight: 0, port, target });
const byDns = (more: Partial<Partner> = {}): Partner => ({ ...partner('out.example'), connect: 'dns', ...more });

async function open(zone: Readonly<Record<string, Said>>) {
  let now = 0;
  const said = new Map(Object.entries(zone));
  const server = await startDnsServer(new Map(), said);
  const options = { servers: [`127.0.0.1:${server.port}`], timeoutMs: 100, tries: 1 };
  const dns = openDns({ now: () => now }, options);
  return {
    dns,
    said,
    server,
    pass: (ms: number) => {
      now += ms;
    },
    async [Symbol.asyncDispose]() {
      dns.close();
      await server.stop();
    },
  };
}

async function find(zone: Readonly<Record<string, Said>>) {
  await using name = await open(zone);
  const found = await findPartner(byDns(), name.dns);
  return { found, questions: [...name.server.questions()].sort() };
}

const places = (targets: readonly Target[]) => targets.map(({ host, port, tls }) => `${tls} ${host}:${port}`);

test('both services are one list, ordered by priority alone (N2)', async () => {
  const { found, questions } = await find({
    [direct]: [srv('d2.out.example', 5270, 20), srv('d1.out.example', 443, 5)],
    [starttls]: [srv('s2.out.example', 5269, 30), srv('s1.out.example', 5269, 10)],
  });
  assert.ok(found.ok);
  assert.deepEqual(places(found.targets), [
    'direct d1.out.example:443',
    'starttls s1.out.example:5269',
    'direct d2.out.example:5270',
    'starttls s2.out.example:5269',
  ]);
  assert.deepEqual(questions, [starttls, direct], 'two questions, and none for an address yet');
});

test('a root target says that there is no such service, and then no address is asked (N4)', async () => {
  const none = [srv('.', 0)];
  for (const zone of [
    { [direct]: none, [starttls]: none },
    { [starttls]: none },
    { [direct]: none },
    { [direct]: none, [starttls]: 'NXDOMAIN' as const },
  ]) {
    const { found, questions } = await find({ ...zone, 'A out.example': ['192.0.2.1'] });
    assert.deepEqual(found, { ok: false, absent: true, note: 'DNS says that the domain has no XMPP server' });
    assert.equal(questions.length, 2);
  }
  const { found } = await find({ [direct]: none, [starttls]: [srv('s.out.example')] });
  assert.ok(found.ok);
  assert.deepEqual(places(found.targets), ['starttls s.out.example:5269']);
});

test('the address of the domain is asked only where no SRV record exists (N5)', async () => {
  for (const zone of [{ 'A out.example': ['192.0.2.1'] }, { [direct]: [], [starttls]: 'NXDOMAIN' as const }]) {
    const { found } = await find(zone);
    assert.ok(found.ok);
    assert.deepEqual(places(found.targets), ['starttls out.example:5269']);
  }
});

test('trouble with DNS is no answer: nothing is concluded from it (N5)', async () => {
  for (const [said, code] of [
    ['SERVFAIL', 'ESERVFAIL'],
    ['REFUSED', 'EREFUSED'],
    ['silence', 'ETIMEOUT'],
  ] as const) {
    const { found, questions } = await find({ [starttls]: said, 'A out.example': ['192.0.2.1'] });
    assert.deepEqual(found, { ok: false, absent: false, note: `DNS gives no answer: ${code}` });
    assert.deepEqual(
      questions.filter((each) => !each.startsWith('SRV')),
      [],
    );
  }
  const { found } = await find({ [direct]: 'SERVFAIL', [starttls]: [srv('s.out.example')] });
  assert.ok(found.ok, 'what the other service says is enough');
});

test('DNS is asked in A-labels (N12)', async () => {
  await using name = await open({});
  const found = await findPartner(byDns({ domain: 'bücher.example' }), name.dns);
  assert.ok(found.ok);
  assert.deepEqual(places(found.targets), ['starttls xn--bcher-kva.example:5269']);
  assert.deepEqual([...name.server.questions()].sort(), [
    'SRV _xmpp-server._tcp.xn--bcher-kva.example',
    'SRV _xmpps-server._tcp.xn--bcher-kva.example',
  ]);
});

test('nothing is asked for a pinned partner (N9)', async () => {
  await using name = await open({});
  const pinned = partner('out.example', 5269);
  const found = await findPartner(pinned, name.dns);
  assert.ok(found.ok);
  const [target] = found.targets;
  assert.ok(target);
  assert.deepEqual(await addressesOf(target, pinned, name.dns), { ok: true, addresses: ['127.0.0.1'] });
  assert.deepEqual(name.server.questions(), []);
});

test('IPv6 and IPv4 take turns, and addresses that are not public are left out (N6, N8)', async () => {
  await using name = await open({
    'AAAA s.out.example': ['2606:4700::1', 'fe80::1', '2606:4700::2', '::1', '2606:4700::3'],
    'A s.out.example': ['10.0.0.1', '9.9.9.9', '127.0.0.1', '224.0.0.1'],
    'A inside.out.example': ['10.0.0.1'],
    'A fails.out.example': 'SERVFAIL',
  });
  const at = (host: string): Target => ({ host, port: 5269, tls: 'starttls' });
  const { dns } = name;
  assert.deepEqual(await addressesOf(at('s.out.example'), byDns(), dns), {
    ok: true,
    addresses: ['2606:4700::1', '9.9.9.9', '2606:4700::2', '2606:4700::3'],
  });
  const all = await addressesOf(at('s.out.example'), byDns({ allowPrivate: true }), dns);
  assert.ok(all.ok);
  assert.deepEqual(all.addresses.slice(0, 3), ['2606:4700::1', '10.0.0.1', 'fe80::1']);
  assert.equal(all.addresses.length, 8);
  assert.ok(!all.addresses.includes('224.0.0.1'));
  assert.deepEqual(await addressesOf(at('inside.out.example'), byDns(), dns), {
    ok: false,
    absent: false,
    note: 'inside.out.example is 10.0.0.1, to which we do not connect; its entry may say allowPrivate: true',
  });
  const absent = await addressesOf(at('gone.out.example'), byDns(), dns);
  assert.deepEqual(absent, { ok: false, absent: true, note: 'DNS knows no address of gone.out.example' });
  const trouble = await addressesOf(at('fails.out.example'), byDns(), dns);
  assert.equal(!trouble.ok && trouble.absent, false);
});

test('names that are no host names are not asked for', async () => {
  await using name = await open({});
  for (const host of ['a b.example', 'x..example', 'a\0b.example', '*.example', `${'a'.repeat(64)}.example`, '', '.']) {
    const answer = await name.dns.addresses(host, 4);
    assert.deepEqual(answer, { kind: 'trouble', code: 'EBADNAME' }, host);
  }
  assert.deepEqual(name.server.questions(), []);
});

test('addresses are remembered for as long as their records say, troubles and services not at all', async () => {
  await using name = await open({
    'A s.out.example': { ttl: 10, records: ['9.9.9.9'] },
    'A zero.out.example': { ttl: 0, records: ['9.9.9.9'] },
    'A fails.out.example': 'SERVFAIL',
    [starttls]: [srv('s.out.example')],
  });
  const asked = (question: string) => name.server.questions().filter((each) => each === question).length;
  const { dns } = name;
  await dns.addresses('s.out.example', 4);
  name.said.set('A s.out.example', ['9.9.9.10']);
  name.pass(9_999);
  assert.deepEqual(await dns.addresses('s.out.example', 4), { kind: 'found', records: ['9.9.9.9'] });
  assert.equal(asked('A s.out.example'), 1);
  name.pass(1);
  assert.deepEqual(await dns.addresses('s.out.example', 4), { kind: 'found', records: ['9.9.9.10'] });
  assert.equal(asked('A s.out.example'), 2);
  for (let i = 0; i < 2; i += 1) {
    await dns.addresses('zero.out.example', 4);
    await dns.addresses('fails.out.example', 4);
    await dns.services('_xmpp-server._tcp.out.example');
  }
  assert.equal(asked('A zero.out.example'), 2);
  assert.equal(asked('A fails.out.example'), 2);
  assert.equal(asked(starttls), 2);
});
