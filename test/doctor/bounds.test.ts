// What the doctor never does: too much, too often, to strangers, or to the live streams of a partner.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { createAttempts } from '../../dmz-proxy/doctor/attempts.ts';
import { explainFirstWords } from '../../dmz-proxy/doctor/explain-address.ts';
import { explainWayOut } from '../../dmz-proxy/doctor/explain-authentication.ts';
import { explainOurCertificate } from '../../dmz-proxy/doctor/explain-our-certificate.ts';
import { findings as table } from '../../dmz-proxy/doctor/findings.ts';
import { readChain } from '../../dmz-proxy/doctor/tap-chain.ts';
import { readCertificates } from '../../shared/certificates/read-certificate.ts';
import { acceptStream } from '../streams/scripted-peer.ts';
import { authority, dialOut, ours, partner, policyOf, shipment, theirs, until } from '../streams/setting.ts';
import { assertFound, assertWrong, examine, good, openDoctor, server, visit } from './rig.ts';

test('what cannot be asked is told in a line', async (t) => {
  assertFound(await examine(t, { domain: 'a@b.example/c' }), 'not-a-domain', 'us', /a@b.example\/c/);
  assertFound(
    await examine(t, { from: 'else.example' }),
    'not-our-domain',
    'us',
    /else.example is none of.*in.example/,
  );
  assertFound(await examine(t, { domain: 'in.example' }), 'our-own-domain', 'us', /in.example/);
});

test('one visit a partner at a time, and not too many in a row; the rest is told to come again', async (t) => {
  const { connect, connections } = await server(t, (peer) => good(peer));
  const { doctor, audited } = await openDoctor(t, { partner: { connect }, bounds: { burst: 2 } });
  const [one, two] = await Promise.all([visit(doctor), visit(doctor)]);
  assertFound(one, 'external-out', 'nobody', /works/);
  assertFound(two, 'doctor-busy', 'us', /too many visits/);
  await visit(doctor);
  const before = connections();
  assertFound(await visit(doctor), 'doctor-busy', 'us', /too many visits/);
  assert.equal(connections(), before);
  assert.equal(audited.length, 2, 'each visit is audited, a refusal of one is not');
});

test('a caller that goes away ends the visit, and the next one may come', async (t) => {
  const { connect } = await server(t, (peer) => good(peer));
  const { doctor, audited } = await openDoctor(t, { partner: { connect } });
  for await (const finding of doctor.examine({ domain: 'out.example', from: '' }, 'a test')) {
    if (finding.code === 'port-open') break;
  }
  assert.equal(audited.length, 1);
  assertFound(await visit(doctor), 'external-out', 'nobody', /works/);
});

test('of many addresses the first eight are examined, and that is said', async (t) => {
  const servers = await Promise.all(
    Array.from({ length: 10 }, () => server(t, async (peer) => void peer.socket.destroy())),
  );
  const findings = await examine(t, { partner: { connect: servers.flatMap(({ connect }) => connect) } });
  assertFound(findings, 'not-finished', 'us', /8 of 10 addresses/);
  assert.deepEqual(
    servers.map(({ connections }) => connections()),
    [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
  );
  const cut = assertFound(findings, 'cut-at-once', 'partner', /cut|ECONNRESET/);
  assert.equal(cut.at.split(', ').length, 8, 'one finding names all');
});

test('a visit that takes too long ends with what is known', async (t) => {
  const slow = await Promise.all(Array.from({ length: 6 }, () => server(t, async () => {})));
  const begun = Date.now();
  const findings = await examine(t, {
    partner: { connect: slow.flatMap(({ connect }) => connect) },
    bounds: { visitMs: 500, placesAtOnce: 1 },
  });
  assertFound(findings, 'not-finished', 'us', /1 of 6/);
  assert.ok(Date.now() - begun < 3_000);
});

test('the live stream to the partner goes on through a visit', async (t) => {
  const heard: string[] = [];
  let live = 0;
  const { port, connect } = await server(t, async (plain, connection) => {
    if (connection > 1) return good(plain);
    const peer = await acceptStream(plain, theirs);
    live += 1;
    for (const body of ['one', 'two']) heard.push(await peer.hear(`<body>${body}</body></message>`));
  });
  const { streams } = dialOut(() => policyOf(partner('out.example', port)));
  t.after(() => streams.stop('system-shutdown'));
  streams.ship(shipment('one').shipment);
  await until(() => heard.length === 1, 'the first message');
  const [before] = streams.streams();
  assertFound(await examine(t, { partner: { connect }, streams: streams.streams }), 'external-out', 'nobody', /works/);
  streams.ship(shipment('two').shipment);
  await until(() => heard.length === 2, 'the second message');
  assert.equal(streams.streams()[0]?.id, before?.id);
  assert.equal(live, 1);
});

test('attempts are few a partner, few of strangers, and repeated ones count up', () => {
  const attempts = createAttempts((domain) => domain === 'out.example');
  const attempt = (at: number, note: string) => ({
    at,
    address: '192.0.2.1',
    localDomain: 'in.example',
    joined: false,
    note,
  });
  for (let i = 0; i < 20; i++) attempts.add('out.example', attempt(i, `n${i}`));
  for (let i = 0; i < 1_000; i++) attempts.add(`s${i}.example`, attempt(i, 'no partner'));
  attempts.add('out.example', attempt(30, 'n19'));
  const kept = attempts.of('out.example');
  assert.equal(kept.length, 8);
  assert.deepEqual([kept.at(-1)?.times, kept.at(-1)?.at], [2, 30]);
  assert.equal(attempts.of('s0.example').length, 0);
  assert.equal(attempts.of('s999.example').length, 1);
});

test('what is no TLS 1.2 handshake, or a broken one, tells no chain', () => {
  const message = Buffer.concat([Buffer.from([11, 0, 0, 9, 0, 0, 6, 0, 0, 3]), Buffer.from('abc')]);
  const record = Buffer.concat([Buffer.from([22, 3, 3, 0, message.length]), message]);
  assert.deepEqual(readChain(record), [Buffer.from('abc')]);
  for (let length = 0; length < record.length; length++) assert.equal(readChain(record.subarray(0, length)), undefined);
  for (let at = 0; at < record.length - 3; at++) {
    for (const value of [0, 1, 22, 255]) {
      const broken = Buffer.from(record);
      broken[at] = value;
      assert.doesNotThrow(() => readChain(broken));
    }
  }
});

test('our own certificate is told when it ends soon, and when it has not begun', () => {
  const day = 86_400_000;
  const [leaf] = readCertificates(ours.certPem);
  assert.ok(leaf !== undefined);
  const at = (now: number) => [...explainOurCertificate(leaf.x509.raw, 'in.example', now)];
  assertFound(at(leaf.peer.notAfter - 3 * day), 'ours-expires-soon', 'us', /in 3 days/, /by itself/);
  assertWrong(at(leaf.peer.notAfter - 3 * day));
  assertFound(at(leaf.peer.notBefore - day), 'ours-not-yet-valid', 'us', /valid in 24 h/, /time source/);
});

test('what happens seldom is told too', async (t) => {
  const { connect } = await server(t, (peer) =>
    good(peer, {
      onSecure(socket) {
        socket.destroy();
        return false;
      },
    }),
  );
  const findings = await examine(t, { partner: { connect } });
  assertFound(findings, 'tls-fails', 'partner', /no TLS with either version/, /log of their server/);
  assertWrong(findings, 'tls-fails');

  const middle = await server(t, (peer) => good(peer, { breaksAfterAuth: true }));
  const broken = await examine(t, { partner: { connect: middle.connect } });
  assertFound(broken, 'broken-off', 'partner', /the stream ends behind TLS/);

  const missing = {
    at: 'a',
    tls: 'starttls',
    connection: { ok: true, ms: 1 },
    only: {},
    without13: undefined,
  } as const;
  assert.deepEqual([...explainFirstWords({ ...missing, walk: undefined }, { ours: 'a', theirs: 'b' })], []);
  assert.deepEqual(
    [...explainWayOut({ ...missing, walk: undefined }, {}, { domain: 'a', lacksClientAuth: false })],
    [],
  );
});

test('a certificate that breaks another rule is told in the words of the check', async (t) => {
  const issuer = issueCertificate(authority, { dns: ['out.example'], commonName: 'no CA at all' });
  const leaf = issueCertificate(issuer, { dns: ['out.example'] });
  const { connect } = await server(t, (peer) =>
    good(peer, { issued: { ...leaf, certPem: leaf.certPem + issuer.certPem } }),
  );
  assertFound(await examine(t, { partner: { connect } }), 'chain-faulty', 'partner', /its CA is not a CA/);
});

test('each finding of the table is asserted by a test of this folder', () => {
  const folder = import.meta.dirname;
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
  assert.deepEqual(
    Object.keys(table).filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});
