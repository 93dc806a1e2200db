// What is issued is taken by OpenSSL (and so by Prosody and Kamailio), by Node, and by its strict checks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { issueAuthority, issueCertificate, issueCrl, newKeyPem } from './issue.ts';
import { requestCertificate } from './request.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'sallyport-'));
after(() => rmSync(dir, { recursive: true }));
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const authority = issueAuthority({ name: 'Lab CA' });
const proxy = issueCertificate(authority, {
  dns: ['localhost', '*.in.example'],
  uris: ['spiffe://sallyport/proxy-1'],
  xmppAddrs: ['in.example'],
  srvNames: ['_xmpp-server.in.example'],
});

function openssl(args: readonly string[], files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
  const { stdout, stderr } = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' });
  return stdout + stderr;
}

test('OpenSSL verifies it strictly and reads every kind of name', { skip: !hasOpenssl }, () => {
  const files = { 'ca.pem': authority.certPem, 'leaf.pem': proxy.certPem };
  assert.match(openssl(['verify', '-x509_strict', '-CAfile', 'ca.pem', 'leaf.pem'], files), /leaf\.pem: OK/);
  const text = openssl(['x509', '-in', 'leaf.pem', '-noout', '-ext', 'subjectAltName'], files);
  for (const name of [
    'DNS:localhost',
    'DNS:*.in.example',
    'URI:spiffe://sallyport/proxy-1',
    'XmppAddr::in.example',
    'SRVName::_xmpp-server.in.example',
  ]) {
    assert.ok(text.includes(name), `${name} in ${text}`);
  }
});

test('OpenSSL verifies the revocation list and obeys it', { skip: !hasOpenssl }, async () => {
  const other = issueCertificate(authority, { dns: ['other.example'] });
  const files = {
    'trust.pem': authority.certPem + (await issueCrl(authority, [proxy.certPem])),
    'leaf.pem': proxy.certPem,
    'other.pem': other.certPem,
  };
  assert.match(openssl(['verify', '-crl_check', '-CAfile', 'trust.pem', 'leaf.pem'], files), /certificate revoked/);
  assert.match(openssl(['verify', '-crl_check', '-CAfile', 'trust.pem', 'other.pem'], files), /other\.pem: OK/);
});

test('serial numbers are positive, different and of at least 64 random bits', () => {
  const serials = [1, 2, 3].map(() => new X509Certificate(issueCertificate(authority, {}).certPem).serialNumber);
  assert.equal(new Set(serials).size, 3);
  for (const serial of serials) assert.match(serial, /^[0-9A-F]{20,32}$/);
});

test('a request carries the names that were asked for', { skip: !hasOpenssl }, () => {
  const csr = requestCertificate(newKeyPem(2048), { commonName: 'proxy-1', uris: ['spiffe://sallyport/proxy-1'] });
  const text = openssl(['req', '-in', 'r.csr', '-noout', '-verify', '-text'], { 'r.csr': csr });
  assert.match(text, /verify OK/);
  assert.match(text, /URI:spiffe:\/\/sallyport\/proxy-1/);
});

test('Node speaks mutual TLS 1.3 with it both ways, until it is revoked', async () => {
  const gateway = issueCertificate(authority, { uris: ['spiffe://sallyport/gateway-1'] });
  const speak = async (crl: string) => {
    const server = createServer({
      cert: proxy.certPem,
      key: proxy.keyPem,
      ca: authority.certPem,
      crl,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const accepted = Promise.race([
      once(server, 'secureConnection').then(() => 'secure'),
      once(server, 'tlsClientError').then(() => 'refused'),
    ]);
    const client = connect({
      cert: gateway.certPem,
      key: gateway.keyPem,
      ca: authority.certPem,
      crl,
      host: '127.0.0.1',
      servername: 'localhost',
      port: address.port,
    });
    const dialled = new Promise((resolve) => {
      client.once('secureConnect', () => resolve('secure'));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    const result = await Promise.all([dialled, accepted]);
    client.destroy();
    server.close();
    return result;
  };
  assert.deepEqual(await speak(await issueCrl(authority, [])), ['secure', 'secure']);
  assert.deepEqual((await speak(await issueCrl(authority, [gateway.certPem])))[1], 'refused');
  assert.deepEqual((await speak(await issueCrl(authority, [proxy.certPem])))[0], 'CERT_REVOKED');
});
