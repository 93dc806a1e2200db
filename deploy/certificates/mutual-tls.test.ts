// The credentials of the wall: what is refused at reading, and what a change of a file does.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { type LinkFiles, linkCredentials, uriNames, watchLinkCredentials } from '@sallyport/shared/mutual-tls.ts';
import { issueAuthority, issueCertificate, issueCrl } from './issue.ts';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-'));
after(() => rmSync(dir, { recursive: true }));
const ca = issueAuthority({ name: 'Link CA' });
const other = issueAuthority({ name: 'Other CA' });
const own = issueCertificate(ca, { uris: ['spiffe://sallyport/proxy-1'], dns: ['proxy-1'] });

let count = 0;
function put(text: string): string {
  count += 1;
  const file = join(dir, `${count}.pem`);
  writeFileSync(file, text);
  return file;
}

const files = { certFile: put(own.certPem), keyFile: put(own.keyPem), caFile: put(ca.certPem) };

function trouble(changed: Partial<LinkFiles>): string {
  try {
    linkCredentials({ ...files, ...changed }).read();
    return 'none';
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.ok(!error.message.includes('\n'), 'one line');
    return error.message.replaceAll(dir, '');
  }
}

test('credentials that fit are read, with their list, and Node takes them', async () => {
  const crlFile = put(await issueCrl(ca, []));
  const read = linkCredentials({ ...files, crlFile }).read();
  assert.equal(read.cert, own.certPem);
  createSecureContext({ cert: read.cert, key: read.key, ca: read.ca, crl: read.crl, minVersion: 'TLSv1.3' });
  assert.notEqual(read.digest, linkCredentials(files).read().digest);
});

test('each thing that is wrong is named with its file and its mend', async () => {
  assert.match(trouble({ keyFile: join(dir, 'none.pem') }), /^\/none.pem: there is no such file/);
  assert.match(trouble({ keyFile: put(other.keyPem) }), /the key does not match the certificate/);
  assert.match(trouble({ keyFile: put('x') }), /no private key in it; write/);
  assert.match(trouble({ certFile: put('x') }), /no certificate in it; write/);
  assert.match(trouble({ caFile: put('x') }), /no certificate in it; write the CA/);
  assert.match(trouble({ caFile: put(other.certPem) }), /issued by nobody we trust; it must be issued by the CA in/);
  const old = issueCertificate(ca, { notBefore: new Date(0), notAfter: new Date('2026-01-02T00:00:00Z') });
  assert.match(
    trouble({ certFile: put(old.certPem), keyFile: put(old.keyPem) }),
    /the certificate is expired on 2026-01-02; have it issued anew/,
  );
  assert.match(trouble({ crlFile: put(await issueCrl(other, [])) }), /the revocation list is not from the CA/);
  assert.match(trouble({ crlFile: put('x') }), /no revocation list in it/);
  assert.match(trouble({ crlFile: put(await issueCrl(ca, [own.certPem])) }), /the certificate is revoked/);
  const late = await issueCrl(ca, [], { thisUpdate: new Date(0), nextUpdate: new Date('2026-01-02T00:00:00Z') });
  assert.match(trouble({ crlFile: put(late) }), /the revocation list expired on 2026-01-02/);
});

test('URI names come from the certificate itself', () => {
  assert.deepEqual(uriNames(new X509Certificate(own.certPem).raw), ['spiffe://sallyport/proxy-1']);
  assert.deepEqual(uriNames(Buffer.from('junk')), []);
});

test('a file replaced by renaming is noticed once, the same content again is not, and stopping stops', async () => {
  let changes = 0;
  const stop = watchLinkCredentials(files, () => (changes += 1), { everyMs: 10 });
  const replace = (text: string) => renameSync(put(text), files.certFile);
  replace(own.certPem);
  await sleep(60);
  assert.equal(changes, 0);
  replace(issueCertificate(ca, {}).certPem);
  await sleep(60);
  assert.equal(changes, 1);
  stop();
  replace(own.certPem);
  await sleep(60);
  assert.equal(changes, 1);
});
