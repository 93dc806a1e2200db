// Whoever knocks at the port of the wall without being a known gateway (architecture §4, invariant I4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { startUnderAttack } from './site-under-attack.ts';

const site = await startUnderAttack();
const port = site.lab.proxy.link;
const pem = (name: string) => readFileSync(join(site.folder, 'pki', name), 'utf8');
const linkCa = { certPem: pem('gateway-link-ca.crt'), keyPem: pem('gateway-link-ca.key') };
const gatewayUri = 'spiffe://sallyport/gateway-lab';
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

const pair = ({ certPem, keyPem }: { certPem: string; keyPem: string }) => ({ cert: certPem, key: keyPem });
const past = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() - 3_600_000) };
const foreignCa = issueAuthority({ name: 'Lab link CA' });
const strangers: Readonly<Record<string, ConnectionOptions>> = {
  'no certificate': {},
  'a certificate of another CA of the same name, with the gateway’s name': pair(
    issueCertificate(foreignCa, { uris: [gatewayUri] }),
  ),
  'a certificate of its own making': pair(issueCertificate(foreignCa, { uris: [gatewayUri], selfSigned: true })),
  'another name of the right CA': pair(issueCertificate(linkCa, { uris: [`${gatewayUri}-2`] })),
  'the name in other letters': pair(issueCertificate(linkCa, { uris: [gatewayUri.toUpperCase()] })),
  'two names, one of them right': pair(issueCertificate(linkCa, { uris: [gatewayUri, 'spiffe://sallyport/x'] })),
  'the right name as common name and host name': pair(
    issueCertificate(linkCa, { dns: ['gateway.lab'], commonName: gatewayUri }),
  ),
  'the proxy’s own certificate': { cert: pem('proxy-link.crt'), key: pem('proxy-link.key') },
  'the right name, expired': pair(issueCertificate(linkCa, { uris: [gatewayUri], ...past })),
  'a partner’s certificate': pair(site.stolen),
  'the right certificate, over TLS 1.2': {
    cert: pem('gateway-link.crt'),
    key: pem('gateway-link.key'),
    maxVersion: 'TLSv1.2',
  },
};

/** What comes back to somebody who speaks HTTP/2 at once, until the end. */
function knock(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...options,
    });
    socket.on('secureConnect', () => socket.write(preface, 'latin1'));
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}

for (const [what, options] of Object.entries(strangers)) {
  test(`${what} is turned away before a byte of HTTP/2`, async () => {
    assert.equal(await knock(options), '');
  });
}

test('the right certificate is let in, so that the tests above say something', async () => {
  const socket = connectTls({
    ...{ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] },
    ...{ cert: pem('gateway-link.crt'), key: pem('gateway-link.key') },
  });
  socket.on('error', () => {});
  socket.on('secureConnect', () => socket.write(preface, 'latin1'));
  const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  // A SETTINGS frame of HTTP/2.
  assert.equal(first[3], 4);
  socket.destroy();
});

test('HTTP/2, HTTP/1 and XMPP in plain text, and garbage, get no answer but an alert', async () => {
  for (const words of [
    preface,
    'GET /metrics HTTP/1.1\r\n\r\n',
    '<stream:stream>',
    '\0'.repeat(10_000),
    '\x16\x03\x01\xff\xff',
  ]) {
    const heard = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(port, '127.0.0.1');
      socket.on('data', (bytes: Buffer) => {
        all += bytes.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(all));
      socket.end(Buffer.from(words, 'latin1'));
    });
    assert.ok(heard === '' || (heard.startsWith('\x15\x03') && heard.length <= 7), JSON.stringify(heard));
  }
});

test('the log says who was turned away and why', () => {
  const log = site.pair.log('proxy');
  assert.match(log, /a certificate that our link CA does not vouch for: turned away/);
  assert.match(log, /a certificate of our CA, but none of link\.gateways: turned away/);
  assert.match(log, /a handshake on the link port failed/);
});

test('two hundred strangers do not disturb the link', async () => {
  const { cert, key } = strangers['another name of the right CA']!;
  await site.staysFlat(() =>
    site.keepsAnswering(async () => {
      for (let i = 0; i < 20; i++) {
        await Promise.all(Array.from({ length: 10 }, (_, n) => knock(n % 2 === 0 ? {} : { cert: cert!, key: key! })));
      }
    }),
  );
  await site.onlyDelivered();
  assert.doesNotMatch(site.pair.log('proxy'), /the inside is away/);
});
