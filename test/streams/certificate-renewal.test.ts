// Our own certificate is renewed while streams stand: taken without a restart, or refused with a plain line (T12, I9).
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Issued, issueCertificate } from '../../deploy/certificates/issue.ts';
import { openCredentials } from '../../dmz-proxy/tls/credentials.ts';
import { connectedClient } from './scripted-peer.ts';
import {
  authority,
  credentialsOf,
  dialOut,
  ours,
  partner,
  policyOf,
  serve,
  shipment,
  theirs,
  until,
} from './setting.ts';

const day = 86_400_000;

async function onDisk(t: TestContext, issued: Issued, domains = ['in.example']) {
  const folder = await mkdtemp(join(tmpdir(), 'renewal-'));
  t.after(() => rm(folder, { recursive: true }));
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  // As certbot and its like do it: each file appears at once, one after the other.
  const put = (certPem: string, keyPem: string): void => {
    writeFileSync(join(folder, 'fresh'), certPem);
    renameSync(join(folder, 'fresh'), files.certFile);
    writeFileSync(join(folder, 'fresh'), keyPem);
    renameSync(join(folder, 'fresh'), files.keyFile);
  };
  put(issued.certPem, issued.keyPem);
  return { files, put, credentials: openCredentials(files, domains) };
}

test('a new certificate is taken from its files: streams both ways end with reset and come back with it', async (t) => {
  const { put, credentials } = await onDisk(t, ours);
  t.after(credentials.watch((result) => assert.deepEqual(result, { ok: true, changed: true }), 20));
  const random = Math.random;
  Math.random = () => 0;
  t.after(() => {
    Math.random = random;
  });
  const far = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner('in.example')),
  });
  t.after(() => far.listener.stop('system-shutdown'));
  const { streams } = dialOut(() => policyOf(partner('out.example', far.listener.port)), {
    credentials: credentials.current,
  });
  t.after(() => streams.stop('system-shutdown'));
  const near = await serve({ credentials: credentials.current });
  t.after(() => near.listener.stop('system-shutdown'));

  const one = shipment('under the old one');
  streams.ship(one.shipment);
  await one.written;
  const peer = await connectedClient(near.listener.port, theirs);
  const before = far.listener.streams()[0]?.certificate?.sha256;
  const renewed = issueCertificate(authority, { dns: ['in.example'] });
  put(renewed.certPem, renewed.keyPem);

  assert.match(await peer.hear('</stream:stream>'), /<reset/);
  assert.equal(await one.settled, undefined, 'what was written is confirmed before its stream ends');
  await until(() => streams.streams().length === 0, 'our own stream is retired');
  const two = shipment('under the new one');
  streams.ship(two.shipment);
  await two.written;
  await until(() => far.received.length === 2, 'both have arrived');
  const after = far.received[1]?.stream.certificate?.sha256;
  assert.notEqual(after, before);
  const again = await connectedClient(near.listener.port, theirs);
  again.say(' ');
  assert.equal(again.isClosed(), false);
});

const expired = {
  dns: ['in.example'],
  notBefore: new Date(Date.now() - 9 * day),
  notAfter: new Date(Date.now() - day),
};
const bad: readonly (readonly [string, () => readonly [string, string], RegExp])[] = [
  ['whose key is another one', () => [issue(['in.example']).certPem, ours.keyPem], /key\.pem: the key does not match/],
  [
    'that has expired',
    () => pair(issueCertificate(authority, expired)),
    /cert\.pem: the certificate is expired since \d{4}-/,
  ],
  [
    'that is not valid yet',
    () => pair(issueCertificate(authority, { dns: ['in.example'], notBefore: new Date(Date.now() + day) })),
    /cert\.pem: the certificate is not valid before \d{4}-/,
  ],
  ['for another domain', () => pair(issue(['x.example'])), /does not name in\.example, .*issued with in\.example/],
  ['that is no certificate', () => ['x', ours.keyPem], /cert\.pem: no certificate in it/],
  ['without a key', () => [issue(['in.example']).certPem, 'x'], /key\.pem: no private key in it/],
];

for (const [name, made, reason] of bad) {
  test(`a new certificate ${name} is not taken, and the reason is one line`, async (t) => {
    const { put, credentials } = await onDisk(t, ours);
    const before = credentials.current();
    const [cert, key] = made();
    const told = new Promise<ReturnType<typeof credentials.reload>>((resolve) => {
      t.after(credentials.watch(resolve, 20));
    });
    put(cert, key);
    const result = await told;
    assert.ok(!result.ok);
    assert.match(result.reason, reason);
    assert.doesNotMatch(result.reason, /\n/);
    assert.equal(credentials.current(), before);
  });
}

test('a certificate that was never complete may be renewed by one that is no worse', async (t) => {
  const { put, credentials } = await onDisk(t, ours, ['in.example', 'second.example']);
  assert.match(credentials.faults().join(), /does not name second\.example/);
  const renewed = issue(['in.example']);
  put(renewed.certPem, renewed.keyPem);
  assert.deepEqual(credentials.reload(), { ok: true, changed: true });
  const worse = issue(['second.example']);
  put(worse.certPem, worse.keyPem);
  assert.equal(credentials.reload().ok, false);
});

function issue(dns: readonly string[]): Issued {
  return issueCertificate(authority, { dns });
}

function pair(issued: Issued): readonly [string, string] {
  return [issued.certPem, issued.keyPem];
}
