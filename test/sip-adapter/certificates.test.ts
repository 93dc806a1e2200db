// Which certificates open the SIP adapter, in both directions (sip-dialect §2.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { type Issued, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { rawPeer, request } from './raw-peer.ts';
import { atEnd, authority, poolFqdn, startAdapter } from './rig.ts';

const stranger = issueAuthority({ name: 'Another CA' });
const day = 86_400_000;
const good: readonly (readonly [string, Issued])[] = [
  ['with the name of the pool', issueCertificate(authority, { dns: [poolFqdn] })],
  ['with the name of one of its front ends', issueCertificate(authority, { dns: ['FE1.in.example'] })],
  ['for servers alone', issueCertificate(authority, { dns: [poolFqdn], usages: ['serverAuth'] })],
  ['without extended key usage', issueCertificate(authority, { dns: [poolFqdn], usages: [] })],
  ['with the name as common name alone', issueCertificate(authority, { commonName: poolFqdn })],
];
const bad: readonly (readonly [string, Issued | 'none'])[] = [
  ['that it does not have', 'none'],
  ['of another CA', issueCertificate(stranger, { dns: [poolFqdn] })],
  ['that signs itself', issueCertificate(authority, { dns: [poolFqdn], selfSigned: true })],
  ['with a name that is not in the list', issueCertificate(authority, { dns: ['fe9.in.example'] })],
  ['with a wildcard', issueCertificate(authority, { dns: ['*.in.example'] })],
  [
    'with the name as common name beside another',
    issueCertificate(authority, { dns: ['x.example'], commonName: poolFqdn }),
  ],
  ['for clients alone', issueCertificate(authority, { dns: [poolFqdn], usages: ['clientAuth'] })],
  [
    'that has expired',
    issueCertificate(authority, {
      dns: [poolFqdn],
      notBefore: new Date(Date.now() - 9 * day),
      notAfter: new Date(Date.now() - day),
    }),
  ],
];

for (const [name, certificate] of good) {
  test(`a peer with a certificate ${name} is served`, async () => {
    const gateway = await startAdapter();
    const peer = await rawPeer(gateway.port, certificate);
    peer.write(request('OPTIONS'));
    assert.equal((await peer.response()).status, 200);
    assert.equal(gateway.adapter.status()[0]?.state, 'up');
    peer.end();
  });
}

for (const [name, certificate] of bad) {
  test(`a peer with a certificate ${name} is closed without a word`, async () => {
    const gateway = await startAdapter();
    const peer = await rawPeer(gateway.port, certificate);
    peer.write(request('OPTIONS'));
    await peer.closed;
    assert.equal(peer.rest(), '');
  });
}

test('a wildcard is taken where the settings say so', async () => {
  const gateway = await startAdapter({ peer: { wildcard: true } });
  const peer = await rawPeer(gateway.port, issueCertificate(authority, { dns: ['*.in.example'] }));
  peer.write(request('OPTIONS'));
  assert.equal((await peer.response()).status, 200);
  peer.end();
});

test('a front end of another name is not spoken to, and the status says why', async () => {
  const impostor = issueCertificate(authority, { dns: ['other.in.example'] });
  let heard = '';
  const server = createServer({ cert: impostor.certPem, key: impostor.keyPem }, (socket) => {
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.on('error', () => {});
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  atEnd(() => server.close());
  const gateway = await startAdapter({ dial: port });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const status = gateway.adapter.status()[0];
  assert.notEqual(status?.state, 'up');
  assert.match(status?.detail ?? '', /name/);
  assert.equal(heard, '');
});
