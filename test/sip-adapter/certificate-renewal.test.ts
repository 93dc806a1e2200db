// Certificates, CAs and revocation lists of the SIP side change while connections stand (sip-dialect §2.1; invariant I9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { type Issued, issueAuthority, issueCertificate, issueCrl } from '../../deploy/certificates/issue.ts';
import { rawPeer, request } from './raw-peer.ts';
import { atEnd, authority, fqdn, pool, poolFqdn, startAdapter, startRig, text } from './rig.ts';

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 8_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within eight seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function answers(port: number, certificate: Issued): Promise<boolean> {
  const peer = await rawPeer(port, certificate);
  peer.write(request('OPTIONS'));
  const answered = await Promise.race([peer.response().then(() => true), peer.closed.then(() => false)]);
  peer.end();
  return answered;
}

/** The fingerprint of what the adapter shows to whoever connects. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: fqdn,
      ca: authority.certPem,
      cert: pool.certPem,
      key: pool.keyPem,
    });
    atEnd(() => socket.destroy());
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256));
  });
}

test('a SIP peer whose certificate is revoked is off within seconds, and does not come back', async () => {
  const other = issueCertificate(authority, { dns: ['fe1.in.example'] });
  const gateway = await startAdapter({ files: { 'peer.crl': await issueCrl(authority, []) } });
  const [revoked, good] = [await rawPeer(gateway.port, pool), await rawPeer(gateway.port, other)];
  for (const peer of [revoked, good]) {
    peer.write(request('OPTIONS'));
    assert.equal((await peer.response()).status, 200);
  }
  gateway.replace('peer.crl', await issueCrl(authority, [pool.certPem]));
  const since = Date.now();
  await revoked.closed;
  assert.ok(Date.now() - since < 10_000);
  assert.equal(await answers(gateway.port, pool), false);
  good.write(request('OPTIONS'));
  assert.equal((await good.response()).status, 200, 'another one of the same CA stays');
});

test('a revocation list that cannot be read is not taken, and the old one goes on counting', async () => {
  const gateway = await startAdapter({ files: { 'peer.crl': await issueCrl(authority, [pool.certPem]) } });
  assert.equal(await answers(gateway.port, pool), false);
  gateway.replace('peer.crl', 'junk');
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await answers(gateway.port, pool), false);
});

test('at the start a revocation list that cannot be read keeps the adapter from starting', async () => {
  await assert.rejects(startAdapter({ files: { 'peer.crl': 'junk' } }), /peer\.crl: no revocation list in it/);
});

test('another CA for a peer is believed at once, and connections of the old one end', async () => {
  const gateway = await startAdapter();
  const peer = await rawPeer(gateway.port, pool);
  peer.write(request('OPTIONS'));
  await peer.response();
  const next = issueAuthority({ name: 'the next CA' });
  gateway.replace('ca.crt', next.certPem);
  await peer.closed;
  const renewed = await rawPeer(gateway.port, issueCertificate(next, { dns: [poolFqdn] }));
  renewed.write(request('OPTIONS'));
  assert.equal((await renewed.response()).status, 200);
});

test('our own certificate is renewed: newcomers see it, the pool is dialled with it, and the conversation goes on', async () => {
  const rig = await startRig();
  const first = rig.deliver(text('under the old one'));
  assert.equal((await first).state, 'delivered');
  const before = await shown(rig.port);
  const renewed = issueCertificate(authority, { dns: [fqdn] });
  rig.replace('own.crt', renewed.certPem);
  rig.replace('own.key', renewed.keyPem);
  let now = before;
  await until(() => {
    void shown(rig.port).then((seen) => {
      now = seen;
    });
    return now !== before;
  }, 'the listener shows the new one');
  await until(
    () => /^2 dialled/.test(rig.adapter.status()[0]?.detail ?? ''),
    'the pool is dialled anew beside the old',
  );
  assert.equal((await rig.deliver(text('under the new one'))).state, 'delivered');
  const texts = rig.bob.received().flatMap((each) => (each.kind === 'message' ? [each.text] : []));
  assert.deepEqual(texts, ['under the old one', 'under the new one']);
});

test('a key that is not that of the new certificate is not taken, and the old pair goes on', async () => {
  const gateway = await startAdapter();
  const before = await shown(gateway.port);
  gateway.replace('own.crt', issueCertificate(authority, { dns: [fqdn] }).certPem);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(await shown(gateway.port), before);
  assert.equal(await answers(gateway.port, pool), true);
});
