// Names are read from the DER of a certificate, whatever its printed form looks like (xmpp-boundary C5, C11).
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { checkPeer, matchDomain } from '@sallyport/shared/certificates/check-peer.ts';
import { type CertificateOptions, issueAuthority, issueCertificate } from './issue.ts';

const root = issueAuthority({ name: 'Root' });
const { keyPem } = issueCertificate(root, { dns: ['any.example'] });

async function leafOf(names: CertificateOptions) {
  const issued = issueCertificate(root, { ...names, commonName: 'any', keyPem });
  const result = await checkPeer([new X509Certificate(issued.certPem).raw], [root.certPem], { now: Date.now() });
  assert.ok(result.ok, 'reason' in result ? result.reason : '');
  return result.leaf;
}

test('each kind of name comes out as it went in, and proves what it should', async () => {
  const leaf = await leafOf({
    dns: ['out.example'],
    srvNames: ['_xmpp-server.srv.example'],
    xmppAddrs: ['addr.example'],
    uris: ['xmpp:uri.example'],
  });
  assert.deepEqual(leaf.names, [
    { kind: 'DNS', name: 'out.example' },
    { kind: 'URI', name: 'xmpp:uri.example' },
    { kind: 'xmppAddr', name: 'addr.example' },
    { kind: 'SRV', name: '_xmpp-server.srv.example' },
  ]);
  for (const domain of ['out.example', 'srv.example', 'addr.example']) {
    assert.notEqual(matchDomain(leaf, domain), undefined, domain);
  }
  assert.equal(matchDomain(leaf, 'uri.example'), undefined);
});

test('a name that looks like a list of names is one name, and proves nothing', async () => {
  for (const trick of ['a.example, DNS:out.example', 'a.example,out.example', 'out.example\0.evil.example']) {
    for (const names of [{ dns: [trick] }, { uris: [trick] }, { xmppAddrs: [trick] }, { srvNames: [trick] }]) {
      assert.equal(matchDomain(await leafOf(names), 'out.example'), undefined, JSON.stringify(names));
    }
  }
});

test('a hundred names are looked at, and no more', async () => {
  const many = Array.from({ length: 99 }, (_, i) => `n${i}.example`);
  const within = await leafOf({ dns: [...many, 'out.example'] });
  assert.notEqual(matchDomain(within, 'out.example'), undefined);
  const beyond = await leafOf({ dns: [...many, 'one-more.example', 'out.example'] });
  assert.equal(matchDomain(beyond, 'out.example'), undefined);
});
