// The terms of one partner, on real streams of both directions: TLS versions, pins, revocation lists (T13 to T15, I9).
import assert from 'node:assert/strict';
import { createPublicKey, hash } from 'node:crypto';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { type Issued, issueAuthority, issueCertificate, issueCrl } from '../../deploy/certificates/issue.ts';
import type { Partner, Policy } from '../../shared/policy/policy.ts';
import {
  acceptStream,
  acceptTls,
  auth,
  connectedClient,
  dial,
  header,
  listenScripted,
  secureClient,
  startTls,
} from './scripted-peer.ts';
import { authority, dialOut, partner, policyOf, serve, shipment, theirs, until } from './setting.ts';

const selfSigned = issueCertificate(authority, { dns: ['out.example'], selfSigned: true });
const pinOf = ({ certPem }: Issued) => hash('sha256', createPublicKey(certPem).export({ type: 'spki', format: 'der' }));

/** Dials as out.example, in this TLS version; what we say next: the features that offer SASL, or an error. */
async function greet(policy: () => Policy, issued = theirs, version?: 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  const { listener } = await serve({ policy });
  try {
    const plain = await dial(listener.port);
    plain.say(header());
    await plain.hear('</stream:features>');
    plain.say(startTls);
    await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    const versions = version === undefined ? {} : { minVersion: version, maxVersion: version };
    const peer = await plain.tlsAsClient({ cert: issued.certPem, key: issued.keyPem, ...versions });
    peer.say(header());
    return await peer.hear('</stream:');
  } finally {
    await listener.stop('system-shutdown');
  }
}

/** The same, then EXTERNAL, and all that comes of it. */
async function tries(terms: Partial<Partner>): Promise<string> {
  const { listener } = await serve({ policy: () => policyOf({ ...partner('out.example'), ...terms }) });
  try {
    const peer = await secureClient(listener.port, theirs);
    peer.say(header());
    await peer.hear('EXTERNAL');
    peer.say(auth());
    return await peer.hear('</stream:stream>');
  } finally {
    await listener.stop('system-shutdown');
  }
}

const welcomes = (terms: Partial<Partner>, issued?: Issued, version?: 'TLSv1.2' | 'TLSv1.3') =>
  greet(() => policyOf({ ...partner('out.example'), ...terms }), issued, version);

test('a partner that dials with a TLS version that is not agreed is told which ones are (T13)', async () => {
  const old = { tls: { min: '1.2', max: '1.2' } } as const;
  const modern = { tls: { min: '1.3', max: '1.3' } } as const;
  assert.match(await welcomes(old, theirs, 'TLSv1.2'), /EXTERNAL/);
  assert.match(await welcomes(modern, theirs, 'TLSv1.3'), /EXTERNAL/);
  assert.match(await welcomes({}, theirs, 'TLSv1.2'), /EXTERNAL/);
  const above = await welcomes(old, theirs, 'TLSv1.3');
  assert.match(above, /<policy-violation .*TLS 1\.3 is not agreed between us; 1\.2 is</);
  const below = await welcomes(modern, theirs, 'TLSv1.2');
  assert.match(below, /<policy-violation .*TLS 1\.2 is not agreed between us; 1\.3 is</);
  for (const words of [above, below]) assert.doesNotMatch(words, /EXTERNAL/);
});

test('a partner is dialled within the TLS versions agreed (T13)', async () => {
  const versions: (string | null)[] = [];
  const server = await listenScripted(async (plain) => {
    const peer = await acceptTls(plain, theirs);
    versions.push(peer.socket instanceof TLSSocket ? peer.socket.getProtocol() : null);
  });
  for (const tls of [undefined, { min: '1.2', max: '1.2' }, { min: '1.3', max: '1.3' }] as const) {
    const terms = tls === undefined ? {} : { tls };
    const { streams } = dialOut(() => policyOf({ ...partner('out.example', server.port), ...terms }));
    const had = versions.length;
    streams.ship(shipment('one').shipment);
    await until(() => versions.length > had, 'the handshake');
    await streams.stop('system-shutdown');
  }
  assert.deepEqual(versions, ['TLSv1.3', 'TLSv1.2', 'TLSv1.3']);
  server.close();
});

test('with pins the key counts besides the path to a CA (T15)', async () => {
  const other = pinOf(issueCertificate(authority, { dns: ['out.example'] }));
  assert.match(await welcomes({ pins: [other, pinOf(theirs)] }), /EXTERNAL/);
  assert.match(await welcomes({ pins: [other] }), /<not-authorized .*made for another key than the one agreed/);
  assert.match(await welcomes({ pins: [pinOf(selfSigned)] }, selfSigned), /<not-authorized .*self-signed/);
  const renewed = issueCertificate(authority, { dns: ['out.example'], keyPem: theirs.keyPem });
  assert.match(await welcomes({ pins: [pinOf(theirs)] }, renewed), /EXTERNAL/, 'a renewed one with the same key');
});

test('with pinsOnly the pinned key stands for the CA, and nothing else is forgiven (T15)', async () => {
  const only = (...issued: Issued[]) => ({ trust: [], pinsOnly: true, pins: issued.map(pinOf) });
  assert.match(await welcomes(only(selfSigned), selfSigned), /EXTERNAL/);
  assert.match(await welcomes(only(selfSigned), theirs), /<not-authorized .*another key/);
  const expired = issueCertificate(authority, {
    dns: ['out.example'],
    selfSigned: true,
    notBefore: new Date(0),
    notAfter: new Date(1e12),
  });
  assert.match(await welcomes(only(expired), expired), /<not-authorized .*expired/);
  const other = issueCertificate(authority, { dns: ['other.example'], selfSigned: true });
  assert.match(await welcomes(only(other), other), /<not-authorized .*not valid for out\.example/);
  assert.match(await welcomes({ trust: [], pinsOnly: true }, selfSigned), /<not-authorized /, 'no pin, no trust');
});

test('a partner that we dial is held to its pins and its list', async () => {
  const crl = await issueCrl(authority, [theirs.certPem]);
  for (const [terms, why] of [
    [{ pins: ['0'.repeat(64)] }, /another key/],
    [{ crl: { lists: [crl], required: false } }, /revoked/],
  ] as const) {
    const server = await listenScripted(async (plain) => {
      const peer = await acceptTls(plain, theirs);
      await peer.hear('xml:lang="en">');
      peer.say(header('from="out.example" to="in.example" id="a" version="1.0"'));
    });
    const { streams, audited } = dialOut(() => policyOf({ ...partner('out.example', server.port), ...terms }));
    const one = shipment('one');
    streams.ship(one.shipment);
    assert.match((await one.settled)?.note ?? '', why);
    assert.equal(audited[0]?.code, 'certificate-refused');
    await streams.stop('system-shutdown');
    server.close();
  }
});

test('a list refuses whom it names; where lists are required, also whom no list in date speaks for (T14)', async () => {
  const other = issueAuthority({ name: 'another CA' });
  const clean = await issueCrl(authority, []);
  const late = await issueCrl(authority, [], { thisUpdate: new Date(1e12), nextUpdate: new Date(1.1e12) });
  const foreign = await issueCrl(other, []);
  const revoking = await issueCrl(authority, [theirs.certPem], {
    thisUpdate: new Date(1e12),
    nextUpdate: new Date(1.1e12),
  });
  const by = (required: boolean, ...lists: string[]) => ({ crl: { lists, required } });
  assert.match(await welcomes(by(true, clean)), /EXTERNAL/);
  for (const list of [late, foreign]) {
    assert.match(await welcomes(by(false, list)), /EXTERNAL/);
    assert.match(
      await tries(by(true, list)),
      /<temporary-auth-failure\/>.*not spoken for by a revocation list in date/,
    );
  }
  assert.match(await welcomes(by(false, revoking)), /<not-authorized .*revoked/, 'a late list still names him');
});

test('what our own lists leave open is a temporary failure; what is wrong besides it is told first (A11)', async () => {
  const late = await issueCrl(authority, [], { thisUpdate: new Date(1e12), nextUpdate: new Date(1.1e12) });
  const required = { crl: { lists: [late], required: true } };
  const expired = { dns: ['out.example'], notBefore: new Date(0), notAfter: new Date(1e12) };
  assert.match(await welcomes(required, issueCertificate(authority, expired)), /<not-authorized .*expired/);
  const unreadable = { crl: { lists: ['-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----'], required: false } };
  assert.match(await tries(unreadable), /<temporary-auth-failure\/>.*a revocation list cannot be read/);
  const { listener, audited } = await serve({ policy: () => policyOf({ ...partner('out.example'), ...required }) });
  const peer = await secureClient(listener.port, theirs);
  peer.say(header());
  await peer.hear('</stream:features>');
  peer.say(auth());
  await peer.closed;
  assert.match(peer.heard(), /^<failure .*<\/failure><\/stream:stream>$/);
  assert.equal(listener.streams().length, 0);
  await listener.stop('system-shutdown');
  assert.equal(audited[0]?.code, 'certificate-refused');
});

test('a new list, other pins or other TLS versions reach the streams that live already (I9)', async () => {
  const crl = await issueCrl(authority, [theirs.certPem]);
  for (const [terms, why] of [
    [{ crl: { lists: [crl], required: false } }, /revoked/],
    [{ pins: ['0'.repeat(64)] }, /another key/],
    [{ tls: { min: '1.2', max: '1.2' } }, /TLS versions/],
  ] as const) {
    let policy = policyOf(partner('out.example'));
    const { listener } = await serve({ policy: () => policy });
    const peer = await connectedClient(listener.port, theirs);
    await until(() => listener.streams().length === 1, 'the stream');
    policy = { ...policyOf({ ...partner('out.example'), ...terms }), revocation: 'r2' };
    assert.match(await peer.hear('</stream:stream>'), /<reset /, String(why));
    await until(() => listener.streams().length === 0, 'its end');
    await listener.stop('system-shutdown');
  }
});

test('a stream of ours ends when its partner is revoked', async () => {
  const crl = await issueCrl(authority, [theirs.certPem]);
  const ended: string[] = [];
  const server = await listenScripted(async (plain) => {
    const peer = await acceptStream(plain, theirs);
    ended.push(await peer.hear('</stream:stream>'));
  });
  let policy = policyOf(partner('out.example', server.port));
  const { streams } = dialOut(() => policy);
  const one = shipment('one');
  streams.ship(one.shipment);
  await one.written;
  policy = {
    ...policyOf({ ...partner('out.example', server.port), crl: { lists: [crl], required: false } }),
    revocation: 'r2',
  };
  await until(() => ended.length === 1, 'the end of the stream');
  assert.match(ended[0] ?? '', /<reset /);
  await streams.stop('system-shutdown');
  server.close();
});
