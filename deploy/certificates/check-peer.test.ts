// Path validation of shared/certificates, with certificates that are wrong in one way each (RFC 5280 §6).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { checkPeer, type PeerOptions, peerChain } from '@sallyport/shared/certificates/check-peer.ts';
import forge from 'node-forge';
import { issueAuthority, issueCertificate, issueCrl } from './issue.ts';

const DAY = 86_400_000;
const now = Date.now();
const root = issueAuthority({ name: 'Root', pathLength: 1 });
const stranger = issueAuthority({ name: 'Root' });
const good = issueCertificate(root, { dns: ['out.example'] });
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

async function verdict(pems: readonly string[], options: Partial<PeerOptions> = {}, trust = [root.certPem]) {
  const chain = pems.map((pem) => new X509Certificate(pem).raw);
  const result = await checkPeer(chain, trust, { now, ...options });
  return result.ok ? 'good' : result.reason;
}

test('(a) a certificate for servers alone, from a CA we trust, is good in both directions', async () => {
  assert.equal(await verdict([issueCertificate(root, { dns: ['a.example'], usages: ['serverAuth'] }).certPem]), 'good');
});

test('(b) a self-signed certificate is refused', async () => {
  const own = issueCertificate(root, { dns: ['a.example'], usages: ['serverAuth'], selfSigned: true });
  assert.equal(await verdict([own.certPem]), 'self-signed');
});

test('(c) a root that the peer brings along is not believed, not even under the name of ours', async () => {
  const leaf = issueCertificate(stranger, { dns: ['a.example'], usages: ['serverAuth'] });
  assert.equal(await verdict([leaf.certPem, stranger.certPem]), 'issued by nobody we trust');
  assert.equal(await verdict([leaf.certPem, stranger.certPem, root.certPem]), 'issued by nobody we trust');
});

test('(d) an expired certificate is refused with its day, one for tomorrow too', async () => {
  const usages = ['serverAuth'] as const;
  const old = issueCertificate(root, {
    dns: ['a.example'],
    usages,
    notBefore: new Date('2025-01-01T00:00:00Z'),
    notAfter: new Date('2026-01-02T00:00:00Z'),
  });
  assert.equal(await verdict([old.certPem]), 'expired on 2026-01-02');
  assert.equal(
    await verdict([old.certPem], { now: Date.parse('2025-06-01T00:00:00Z') }),
    'its CA is not yet valid (from '.concat(new Date(now - 60_000).toISOString().slice(0, 10), ')'),
  );
  const early = issueCertificate(root, { dns: ['a.example'], notBefore: new Date(now + DAY) });
  assert.match(await verdict([early.certPem]), /^not yet valid/);
});

test('extended key usage may be absent, but clientAuth alone needs the partner switch', async () => {
  assert.equal(await verdict([issueCertificate(root, { dns: ['a.example'], usages: [] }).certPem]), 'good');
  const client = issueCertificate(root, { dns: ['a.example'], usages: ['clientAuth'] }).certPem;
  assert.equal(await verdict([client]), 'not valid for this use');
  assert.equal(await verdict([client], { mayBeClientOnly: true }), 'good');
  assert.equal(await verdict([client]), 'not valid for this use', 'what one partner may is not remembered for another');
});

test('an intermediate CA is followed, and only when it was sent', async () => {
  const middle = issueAuthority({ name: 'Middle', issuedBy: root });
  const leaf = issueCertificate(middle, { dns: ['a.example'] });
  assert.equal(await verdict([leaf.certPem]), 'issued by nobody we trust');
  assert.equal(await verdict([leaf.certPem, middle.certPem]), 'good');
  assert.equal(await verdict([leaf.certPem], {}, [middle.certPem]), 'good', 'an intermediate may be the anchor');
});

test('an expired intermediate CA spoils the path', async () => {
  const middle = issueAuthority({ name: 'Middle', issuedBy: root, days: 1 });
  const leaf = issueCertificate(middle, { dns: ['a.example'] });
  assert.match(await verdict([leaf.certPem, middle.certPem], { now: now + 2 * DAY }), /^its CA is expired on /);
});

test('an ordinary certificate cannot issue', async () => {
  const leaf = issueCertificate(good, { dns: ['victim.example'] });
  assert.equal(await verdict([leaf.certPem, good.certPem]), 'its CA is not a CA');
});

test('more CAs below a CA than it allows are refused', async () => {
  const middle = issueAuthority({ name: 'Middle', issuedBy: root, pathLength: 0 });
  const lower = issueAuthority({ name: 'Lower', issuedBy: middle });
  const leaf = issueCertificate(lower, { dns: ['a.example'] });
  assert.equal(await verdict([leaf.certPem, lower.certPem, middle.certPem]), 'its CA is above more CAs than it may be');
});

test('a CA for one domain may not issue for another, by any kind of name', async () => {
  const middle = issueAuthority({ name: 'Theirs', issuedBy: root, permittedDns: ['out.example'] });
  const under = async (names: Parameters<typeof issueCertificate>[1]) =>
    verdict([issueCertificate(middle, names).certPem, middle.certPem]);
  const outside = 'its CA is not allowed to issue for these names';
  assert.equal(await under({ dns: ['out.example', 'chat.out.example'] }), 'good');
  assert.equal(await under({ dns: ['in.example'] }), outside);
  assert.equal(await under({ dns: ['notout.example'] }), outside);
  assert.equal(await under({ dns: ['out.example'], xmppAddrs: ['in.example'] }), outside);
  assert.equal(await under({ dns: ['out.example'], srvNames: ['_xmpp-server.in.example'] }), outside);
  assert.equal(await under({ commonName: 'in.example' }), outside);
});

test('a revoked certificate is refused, and only by the list of its own CA', async () => {
  const crl = await issueCrl(root, [good.certPem]);
  assert.equal(await verdict([good.certPem]), 'good');
  assert.equal(await verdict([good.certPem], { crls: [crl] }), 'revoked');
  assert.equal(await verdict([good.certPem], { crls: [await issueCrl(root, [])] }), 'good');
  assert.equal(await verdict([good.certPem], { crls: [await issueCrl(stranger, [good.certPem])] }), 'good');
  assert.match(await verdict([good.certPem], { crls: ['nonsense'] }), /revocation list cannot be read/);
});

test('a revoked intermediate CA is refused', async () => {
  const middle = issueAuthority({ name: 'Middle', issuedBy: root });
  const leaf = issueCertificate(middle, { dns: ['a.example'] });
  const crls = [await issueCrl(root, [middle.certPem])];
  assert.equal(await verdict([leaf.certPem, middle.certPem], { crls }), 'its CA is revoked');
});

test('a short key and a SHA-1 signature are too weak', async () => {
  assert.equal(
    await verdict([issueCertificate(root, { dns: ['a.example'], keyBits: 1024 }).certPem]),
    'too weak a key',
  );
  const certificate = forge.pki.certificateFromPem(good.certPem);
  certificate.sign(forge.pki.privateKeyFromPem(root.keyPem), forge.md.sha1.create());
  assert.equal(await verdict([forge.pki.certificateToPem(certificate)]), 'signed with too weak an algorithm');
});

test('a changed byte breaks the signature, a byte too many makes it unreadable', async () => {
  const raw = new X509Certificate(good.certPem).raw;
  const changed = Buffer.from(raw);
  const at = changed.indexOf('out.example');
  changed.write('inn', at, 'latin1');
  const check = async (der: Uint8Array) => checkPeer([der], [root.certPem], { now });
  assert.deepEqual(await check(changed), { ok: false, reason: 'issued by nobody we trust' });
  assert.deepEqual(await check(Buffer.concat([raw, Buffer.from([0])])), { ok: false, reason: 'not readable' });
  assert.deepEqual(await check(Buffer.from('junk')), { ok: false, reason: 'not readable' });
  assert.deepEqual(await check(Buffer.alloc(20_000)), { ok: false, reason: 'too large' });
  assert.deepEqual(await checkPeer([], [root.certPem], { now }), { ok: false, reason: 'missing' });
  assert.deepEqual(await checkPeer(Array(11).fill(raw), [root.certPem], { now }), {
    ok: false,
    reason: 'followed by too many others',
  });
});

test('no flipped bit makes a certificate good, or anything throw', async () => {
  const raw = new X509Certificate(good.certPem).raw;
  for (let at = 0; at < raw.length; at += 1) {
    const changed = Buffer.from(raw);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    assert.equal((await checkPeer([changed], [root.certPem], { now })).ok, false, `byte ${at}`);
  }
});

test('malformed constraints of a CA are not taken for none', async () => {
  const middle = issueAuthority({ name: 'Theirs', issuedBy: root, permittedDns: ['out.example'] });
  const certificate = forge.pki.certificateFromPem(middle.certPem);
  const others = certificate.extensions.filter((each) => each.id !== '2.5.29.30');
  certificate.setExtensions([...others, { id: '2.5.29.30', critical: true, value: '\x02\x01\x05' }]);
  certificate.sign(forge.pki.privateKeyFromPem(root.keyPem), forge.md.sha256.create());
  const leaf = issueCertificate(middle, { dns: ['in.example'] });
  const sent = [leaf.certPem, forge.pki.certificateToPem(certificate)];
  assert.equal(await verdict(sent), 'issued by nobody we trust');
});

test('a critical extension that nobody here knows is refused', async () => {
  const certificate = forge.pki.certificateFromPem(good.certPem);
  certificate.setExtensions([...certificate.extensions, { id: '1.2.3.4', critical: true, value: '\x05\x00' }]);
  certificate.sign(forge.pki.privateKeyFromPem(root.keyPem), forge.md.sha256.create());
  assert.match(await verdict([forge.pki.certificateToPem(certificate)]), /critical extension that we do not know/);
});

test('no trust is no trust', async () => {
  assert.equal(await verdict([good.certPem], {}, []), 'issued by nobody we trust');
  assert.equal(await verdict([good.certPem], {}, ['not a certificate']), 'issued by nobody we trust');
});

test('what is remembered is forgotten when the certificate expires', async () => {
  const short = issueCertificate(root, { dns: ['a.example'], notAfter: new Date(now + 60_000) });
  assert.equal(await verdict([short.certPem]), 'good');
  assert.equal(await verdict([short.certPem], { now: now + 30_000 }), 'good');
  assert.match(await verdict([short.certPem], { now: now + 61_000 }), /^expired on/);
});

test('a path of certificates that all sign each other ends', async () => {
  const loop = Array.from({ length: 9 }, () => issueCrossSigned());
  const started = performance.now();
  assert.notEqual(await verdict([issueCertificate(stranger, {}).certPem, ...loop]), 'good');
  assert.ok(performance.now() - started < 2_000);
});

test('elliptic curves and Ed25519 are taken, and a self-signed partner may be pinned', {
  skip: !hasOpenssl,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-'));
  for (const key of [
    ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    ['ed25519'],
  ]) {
    const file = join(dir, 'own.pem');
    const args = ['req', '-x509', '-newkey', ...key, '-nodes', '-keyout', '/dev/null', '-out', file, '-subj', '/CN=a'];
    execFileSync('openssl', args, { stdio: 'ignore' });
    const own = readFileSync(file, 'utf8');
    const at = { now: Date.now() + 1_000 };
    assert.equal(await verdict([own], at), 'self-signed');
    assert.equal(await verdict([own], at, [own]), 'good');
  }
  rmSync(dir, { recursive: true });
});

test('both ends of a real TLS connection see the chain that was sent, in order', async () => {
  const middle = issueAuthority({ name: 'Middle', issuedBy: root });
  const leaf = issueCertificate(middle, { dns: ['localhost'], usages: ['serverAuth'] });
  const identity = { cert: leaf.certPem + middle.certPem, key: leaf.keyPem };
  const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const client = connect({ ...identity, host: '127.0.0.1', port: address.port, rejectUnauthorized: false });
  const [[incoming]] = await Promise.all([accepted, once(client, 'secureConnect')]);
  const sent = [leaf.certPem, middle.certPem].map((pem) => new X509Certificate(pem).raw);
  for (const socket of [client, incoming]) {
    const chain = peerChain(socket);
    assert.deepEqual(
      chain.map((der) => Buffer.from(der)),
      sent,
    );
    assert.equal((await checkPeer(chain, [root.certPem], { now })).ok, true);
  }
  client.destroy();
  incoming.destroy();
  server.close();
  assert.deepEqual(peerChain(connect({ host: '127.0.0.1', port: 1 }).on('error', () => undefined)), []);
});

/** A CA called Root with the key of `stranger`, so that each of several issues each other. */
function issueCrossSigned(): string {
  const certificate = forge.pki.certificateFromPem(stranger.certPem);
  certificate.serialNumber = `00${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.sign(forge.pki.privateKeyFromPem(stranger.keyPem), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
