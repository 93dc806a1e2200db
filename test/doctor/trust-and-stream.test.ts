// What the doctor says about authentication each way, the features of the stream, the ping, and the partner's own attempts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { createAttempts } from '../../dmz-proxy/doctor/attempts.ts';
import { describeEnding } from '../../dmz-proxy/stream/ending.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import { connectedClient, dial, header, pingIn, secureClient } from '../streams/scripted-peer.ts';
import { authority, partner, policyOf, serve, stranger, theirs, until } from '../streams/setting.ts';
import { assertFound, assertWrong, examine, good, openDoctor, server, visit } from './rig.ts';

const mechanisms = (names: string) => `<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl">${names}</mechanisms>`;
const dialback = '<dialback xmlns="urn:xmpp:features:dialback"><errors/></dialback>';
const offering = (features: string) => `<stream:features>${features}</stream:features>`;
const notAuthorized = (text: string) =>
  '<stream:error><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>' +
  `<text xmlns="urn:ietf:params:xml:ns:xmpp-streams">${text}</text></stream:error></stream:stream>`;

test('dialback alone is told as such', async (t) => {
  const { connect } = await server(t, (peer) => good(peer, { features: offering(dialback) }));
  const findings = await examine(t, { partner: { connect } });
  assertFound(
    findings,
    'dialback-only',
    'partner',
    /dialback and no EXTERNAL/,
    /trust the CA of our certificate for in.example/,
  );
  assertWrong(findings, 'dialback-only');
});

test('where the entry allows dialback, it is tried and its answer is told', async (t) => {
  const result = (rest: string) =>
    `<db:result xmlns:db="jabber:server:dialback" from="out.example" to="in.example" ${rest}`;
  const asked = async (answer: string, terms: Partial<Partner> = {}) => {
    const { connect } = await server(t, (peer) => good(peer, { features: offering(dialback), dialback: answer }));
    return examine(t, { partner: { connect, trust: [], external: 'never', dialback: 'tls-only', ...terms } });
  };
  const valid = await asked(result('type="valid"/>'));
  assertFound(valid, 'on-our-list', 'nobody', /no CA, dialback \(tls-only\)/);
  assertFound(valid, 'certificate-not-asked', 'nobody', /any certificate will do/);
  assertFound(valid, 'dialback-out', 'nobody', /dialback works; our entry does not use EXTERNAL/);
  assertFound(valid, 'external-unused', 'nobody', /does not use EXTERNAL/);
  assertFound(valid, 'dialback-in', 'nobody', /allowed \(tls-only\)/);
  assertWrong(valid, 'ping-unanswered');

  const invalid = await asked(result('type="invalid"/>'));
  assertFound(invalid, 'dialback-key-invalid', 'us', /key invalid/, /same dialback secret/);
  assertWrong(invalid, 'dialback-key-invalid');
  const condition =
    '<error type="cancel"><remote-connection-failed xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
  const refused = await asked(result(`type="error">${condition}</db:result>`));
  assertFound(refused, 'dialback-refused', 'partner', /remote-connection-failed/, /dial ours/);
  assertWrong(refused, 'dialback-refused');
  const silent = await asked('<db:nothing xmlns:db="jabber:server:dialback"/>');
  assertFound(silent, 'dialback-refused', 'partner', /no answer to our dialback/);

  const both = await asked(result('type="valid"/>'), { trust: [stranger.certPem], external: 'optional' });
  assertFound(both, 'chain-incomplete', 'partner', /comes alone/);
  const named = await asked(result('type="valid"/>'), { dialback: 'tls+same-cert' });
  assertFound(named, 'certificate-good', 'nobody', /DNS:out.example/);
  assertFound(named, 'dialback-out', 'nobody', /works/);
});

test('no EXTERNAL, a refused EXTERNAL and a refused certificate are told apart', async (t) => {
  const without = await server(t, (peer) => good(peer, { features: offering(mechanisms('')) }));
  const none = await examine(t, { partner: { connect: without.connect } });
  assertFound(none, 'external-not-offered', 'partner', /no EXTERNAL/, /trust the CA/);
  assertWrong(none, 'external-not-offered');

  const sasl = await server(t, (peer) => good(peer, { refusesExternal: true }));
  const refused = await examine(t, { partner: { connect: sasl.connect } });
  assertFound(refused, 'external-refused', 'partner', /refused our EXTERNAL: not-authorized/);
  assertWrong(refused, 'external-refused');

  const error = notAuthorized("Your server's certificate is not trusted");
  const certificate = await server(t, (peer) => good(peer, { instead: error }));
  const findings = await examine(t, { partner: { connect: certificate.connect } });
  assertFound(findings, 'our-certificate-refused', 'partner', /certificate is not trusted/, /for in.example/);
  assertWrong(findings, 'our-certificate-refused');
});

test('an old ejabberd that asks for clientAuth is explained by our own certificate', async (t) => {
  const serverOnly = issueCertificate(authority, { dns: ['in.example'], usages: ['serverAuth'] });
  const { connect } = await server(t, (peer) =>
    good(peer, { instead: notAuthorized('unsupported certificate purpose') }),
  );
  const findings = await examine(t, { partner: { connect }, ours: serverOnly });
  assertFound(findings, 'ours-no-client-auth', 'us', /serverAuth without clientAuth/, /clientAuth/);
  assertFound(
    findings,
    'our-certificate-refused',
    'partner',
    /unsupported certificate purpose/,
    /old ejabberd asks for clientAuth, which ours lacks/,
  );
  assertWrong(findings, 'our-certificate-refused');
});

test('a TLS alert about our certificate is no fault of TLS', async (t) => {
  // Node sends no such alert, OpenSSL does: to it our certificate is of an unknown CA.
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const bound = holder.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  await new Promise((resolve) => holder.close(resolve));
  const openssl = spawn('openssl', [
    ...['s_server', '-accept', `127.0.0.1:${port}`, '-Verify', '1', '-verify_return_error'],
    ...['-cert', file('cert.pem', theirs.certPem), '-key', file('key.pem', theirs.keyPem)],
    ...['-CAfile', file('ca.pem', stranger.certPem)],
  ]);
  t.after(() => void openssl.kill());
  await new Promise((resolve) => openssl.stdout.once('data', resolve));
  const findings = await examine(t, { partner: { connect: [{ host: '127.0.0.1', port, tls: 'direct' }] } });
  assertFound(findings, 'our-certificate-refused', 'partner', /ALERT_UNKNOWN_CA/, /for in.example/);
  assertWrong(findings, 'our-certificate-refused');
});

test('our own certificate is examined too', async (t) => {
  const { connect } = await server(t, (peer) => good(peer));
  const other = issueCertificate(authority, {
    dns: ['else.example'],
    notBefore: new Date(0),
    notAfter: new Date(1e12),
  });
  const findings = await examine(t, { partner: { connect }, ours: other });
  assertFound(findings, 'ours-expired', 'us', /expired on 2001-09-09/, /by itself/);
  assertFound(findings, 'ours-wrong-name', 'us', /does not name in.example/);
});

test('features and limits are told, and bidi is never asked for', async (t) => {
  const lastFeatures =
    '<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>20000</max-bytes><idle-seconds>300</idle-seconds></limits>' +
    '<sm xmlns="urn:xmpp:sm:3"/>';
  const external = mechanisms('<mechanism>EXTERNAL</mechanism>');
  const features = offering(`${external}${dialback}<bidi xmlns="urn:xmpp:features:bidi"/>`);
  const { connect } = await server(t, (peer) => good(peer, { features, lastFeatures, hearAuth }));
  const heard: string[] = [];
  function hearAuth(words: string): void {
    heard.push(words);
  }
  // What its users write would else come by a stream of the doctor, to nobody.
  const findings = await examine(t, { partner: { connect, bidi: true } });
  assert.deepEqual(heard.length, 1);
  assert.doesNotMatch(heard.join(), /bidi/);
  assertFound(
    findings,
    'features',
    'nobody',
    /^stream management, bidi, dialback, stanzas up to 20000 bytes, idle up to 300 s$/,
  );
  assertFound(findings, 'limits-small', 'partner', /20000 bytes a stanza, we take 65536/);
  assertWrong(findings, 'ping-unanswered');
});

test('a ping whose answer comes in by their own stream is told with its time, and nothing else was said', async (t) => {
  let words = '';
  const { connect, connections } = await server(t, (peer) =>
    good(peer, {
      onLive: async (live) => {
        words = await live.hear('</iq>');
        await wait(30);
        opened.doctor.pingAnswered('out.example', 'in.example', pingIn(words));
        assert.equal(opened.doctor.pingAnswered('evil.example', 'in.example', pingIn(words)), false);
        words += await live.hear('</stream:stream>');
      },
    }),
  );
  const opened = await openDoctor(t, { partner: { connect }, bounds: { pingMs: 2_000 } });
  const findings = await visit(opened.doctor);
  for (const [code, says] of [
    ['on-our-list', /examined as in.example: pinned addresses, TLS 1.2 to 1.3, 1 CA file$/],
    ['pinned', /names one address/],
    ['port-open', /after \d+ ms/],
    ['ours-good', /names in.example/],
    ['dialback-in', /allows no dialback/],
    ['ping-answered', /there and back took \d+ ms/],
  ] as const) {
    assertFound(findings, code, 'nobody', says);
  }
  assertFound(findings, 'no-stream-management', 'partner', /no stream management/, /switch it on/);
  assertWrong(findings);
  assert.match(
    words,
    /^<iq type="get" id="[^"]+" from="in.example" to="out.example"><ping xmlns="urn:xmpp:ping"\/><\/iq><\/stream:stream>$/,
  );
  assert.equal(connections(), 2, 'one whole stream, and TLS 1.2 by itself');
});

test('their attempts are remembered by the listener and told with the reason', async (t) => {
  const attempts = createAttempts((domain) => domain === 'out.example');
  const policy = policyOf(partner('out.example'));
  const { listener } = await serve({
    policy: () => policy,
    onOver: (remoteDomain, { ending, ...visit }) =>
      attempts.add(remoteDomain, { at: Date.now(), ...visit, note: describeEnding(ending) }),
  });
  t.after(() => listener.stop('system-shutdown'));
  const { connect } = await server(t, (peer) => good(peer));
  const seen = (streams = listener.streams) => examine(t, { partner: { connect }, attempts, streams });
  assertFound(await seen(), 'never-came', 'partner', /not dialled us/);

  const expired = issueCertificate(authority, {
    dns: ['out.example'],
    notBefore: new Date(0),
    notAfter: new Date(1e12),
  });
  for (const times of [1, 2]) {
    const peer = await secureClient(listener.port, expired);
    peer.say(header());
    await peer.hear('</stream:stream>');
    peer.socket.destroy();
    await until(() => attempts.of('out.example')[0]?.times === times, 'the attempt');
  }
  const out = assertFound(
    await seen(),
    'kept-out',
    'partner',
    /not let in .* ago, 2 times in a row: .*expired on 2001-09-09/,
  );
  assert.equal(out.at, '127.0.0.1');

  const live = await connectedClient(listener.port, theirs);
  await until(() => listener.streams().length === 1, 'the stream');
  const better = await seen();
  assertFound(better, 'kept-out-before', 'partner', /expired/);
  assertFound(better, 'streams-live', 'nobody', /1 stream from them and 0 of ours/);
  live.socket.destroy();
  await until(() => listener.streams().length === 0, 'its end');
  assertFound(await seen(), 'came-in', 'nobody', /their last stream ended .* ago/);
});

test('a stranger who dialled us is known when it is asked for', async (t) => {
  const attempts = createAttempts((domain) => domain === 'out.example');
  const { listener } = await serve({
    onOver: (remoteDomain, { ending, ...visit }) =>
      attempts.add(remoteDomain, { at: Date.now(), ...visit, note: describeEnding(ending) }),
  });
  t.after(() => listener.stop('system-shutdown'));
  const peer = await dial(listener.port);
  peer.say(header('from="far.example" to="in.example" version="1.0"'));
  await peer.hear('</stream:stream>');
  peer.socket.destroy();
  await until(() => attempts.of('far.example').length === 1, 'the attempt');
  const findings = await examine(t, { attempts, domain: 'far.example' });
  assertFound(findings, 'not-on-our-list', 'us', /far.example/);
  assertFound(findings, 'kept-out', 'partner', /the domain is not a partner/);
});
