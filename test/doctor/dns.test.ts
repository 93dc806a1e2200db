// What the doctor says about a partner that is to be found by DNS, with a name server that fails in every way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Srv } from '../fakes/dns/dns-message.ts';
import { assertFound, assertWrong, examine, good, openDoctor, server, visit } from './rig.ts';

const direct = 'SRV _xmpps-server._tcp.out.example';
const starttls = 'SRV _xmpp-server._tcp.out.example';
const srv = (port: number, target = 's.out.example'): Srv => ({ priority: 5, weight: 1, port, target });
const byDns = { connect: 'dns', allowPrivate: true } as const;

test('a partner that DNS describes well is examined at the addresses that it tells', async (t) => {
  const { port } = await server(t, (peer) => good(peer));
  const zone = { [starttls]: [srv(port)], [direct]: [srv(0, '.')], 'A s.out.example': ['127.0.0.1'] };
  const findings = await examine(t, { partner: byDns, zone });
  assertFound(
    findings,
    'service-found',
    'nobody',
    new RegExp(`_xmpp-server: s.out.example port ${port}, priority 5, weight 1`),
  );
  assertFound(findings, 'no-direct-tls', 'nobody', /"\." for _xmpps-server/);
  assertFound(findings, 'address-found', 'nobody', /s.out.example is 127.0.0.1/);
  assert.equal(assertFound(findings, 'external-out', 'nobody', /EXTERNAL works/).at, `127.0.0.1:${port}`);
  assertWrong(findings, 'ping-unanswered');
});

test('a service that DNS denies with "." is told as such, and nothing is dialled', async (t) => {
  const findings = await examine(t, { partner: byDns, zone: { [starttls]: [srv(0, '.')] } });
  assertFound(findings, 'service-denied', 'partner', /DNS says "\."/, /publish a server/);
  assertWrong(findings, 'service-denied');
});

test('SERVFAIL is the fault of their name servers, REFUSED of ours, silence one for the firewall team', async (t) => {
  for (const [said, code, who, mend] of [
    ['SERVFAIL', 'dns-failed', 'partner', /DNSSEC/],
    ['REFUSED', 'dns-refused', 'us', /dns\.servers/],
    ['silence', 'dns-silent', 'firewall', /TCP 53/],
  ] as const) {
    const zone = { [starttls]: said, [direct]: [] } as const;
    const findings = await examine(t, { partner: byDns, zone });
    assertFound(findings, code, who, /for _xmpp-server/, mend);
    assertWrong(findings, code);
  }
});

test('an answer that nobody can use is told as such', async (t) => {
  const findings = await examine(t, { partner: byDns, zone: { [starttls]: [srv(5269, 'no host!.example')] } });
  assertFound(findings, 'dns-broken', 'us', /for no host.*cannot be used/, /name server/);
});

test('a domain that does not exist is told from one without records', async (t) => {
  const nowhere = await examine(t, { partner: byDns });
  assertFound(nowhere, 'domain-unknown', 'partner', /no name out.example \(NXDOMAIN\)/, /spells it rightly/);
  assertWrong(nowhere, 'domain-unknown');
  const bare = await examine(t, { partner: byDns, zone: { 'TXT out.example': [] } });
  assertFound(bare, 'service-missing', 'partner', /no SRV record.* out.example port 5269/);
  assertFound(bare, 'address-missing', 'partner', /no address of out.example/, /A or AAAA/);
  assertWrong(bare, 'address-missing');
});

test('a private address is told, and not dialled', async (t) => {
  const { port, connections } = await server(t, (peer) => good(peer));
  const zone = { [starttls]: [srv(port)], 'A s.out.example': ['127.0.0.1', '10.1.2.3'] };
  const findings = await examine(t, { partner: { connect: 'dns' }, zone });
  assertFound(findings, 'address-private', 'partner', /127.0.0.1, 10.1.2.3, to which we do not/, /allowPrivate: true/);
  assertWrong(findings, 'address-private');
  assert.equal(connections(), 0);
});

test('a domain that is no partner is neither looked up nor dialled, and what to add is told', async (t) => {
  const { doctor, questions, audited } = await openDoctor(t, {});
  const findings = await visit(doctor, { domain: 'Stranger.Example' });
  assertFound(
    findings,
    'not-on-our-list',
    'us',
    /stranger.example is no partner/,
    /policies\/partners.yaml: domain, connect, trust, mayTalk/,
  );
  assertWrong(findings, 'not-on-our-list');
  assert.deepEqual(questions(), []);
  assert.deepEqual(
    audited.map(({ event, to, note }) => [event, to, note]),
    [['examined', 'stranger.example', 'asked by a test; not-on-our-list']],
  );
});
