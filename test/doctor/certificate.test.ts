// What the doctor says about certificates: all that is wrong at once, the order in which they came, and whose fault it is.
import assert from 'node:assert/strict';
import { hash, X509Certificate } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import {
  type CertificateOptions,
  type Issued,
  issueAuthority,
  issueCertificate,
  issueCrl,
} from '../../deploy/certificates/issue.ts';
import { explainCertificate } from '../../dmz-proxy/doctor/explain-certificate.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import { authority, partner, stranger, theirs } from '../streams/setting.ts';
import { assertFound, assertWrong, examine, good, server, type Terms } from './rig.ts';

const day = 86_400_000;
const out = ['out.example'];
const issued = (options: Partial<CertificateOptions>, by = authority) => issueCertificate(by, { dns: out, ...options });

/** What is found where out.example shows this certificate. */
async function shown(t: TestContext, certificate: Issued, terms: Partial<Partner> = {}, more: Terms = {}) {
  const { connect } = await server(t, (peer) => good(peer, { issued: certificate, ...more }));
  return examine(t, { partner: { connect, ...terms } });
}

test('an expired certificate is told with its date, and what it breaks in each direction', async (t) => {
  const expired = issued({ notBefore: new Date(Date.now() - 90 * day), notAfter: new Date(Date.now() - 3 * day) });
  const findings = await shown(t, expired);
  assertFound(findings, 'certificate-expired', 'partner', /expired on \d{4}-\d\d-\d\d, 3 days ago/, /renew/);
  assertFound(findings, 'no-external-in', 'partner', /we would refuse them/);
  assertWrong(findings, 'certificate-expired', 'no-external-in');
});

test('one that expires soon is a note', async (t) => {
  const findings = await shown(t, issued({ notAfter: new Date(Date.now() + 5 * day + 60_000) }));
  assertFound(findings, 'certificate-expires-soon', 'partner', /in 5 days/, /renew/);
  assertFound(findings, 'certificate-good', 'nobody', /DNS:out.example, by test CA/);
  assertWrong(findings, 'ping-unanswered');
});

test('one that begins in minutes speaks of a clock, one that begins in weeks of a date', async (t) => {
  const minutes = await shown(t, issued({ notBefore: new Date(Date.now() + 300_000) }));
  assertFound(minutes, 'clock-doubtful', 'us', /our clock says .*Z: [45] min too early/, /time source/);
  assertWrong(minutes, 'clock-doubtful', 'no-external-in');
  const weeks = await shown(t, issued({ notBefore: new Date(Date.now() + 20 * day) }));
  assertFound(weeks, 'certificate-not-yet-valid', 'partner', /in (19|20) days/);
  assertWrong(weeks, 'certificate-not-yet-valid', 'no-external-in');
});

test('a wrong name is told with the names that are there; all three kinds of name are good', async (t) => {
  const wrong = await shown(t, issued({ dns: ['mail.out.example', 'www.out.example'] }));
  assertFound(
    wrong,
    'wrong-name',
    'partner',
    /DNS:mail.out.example, DNS:www.out.example, not for out.example/,
    /subjectAltName/,
  );
  assertWrong(wrong, 'wrong-name', 'no-external-in');
  const none = await shown(t, issueCertificate(authority, { commonName: 'out.example' }));
  assertFound(none, 'no-name', 'partner', /only the common name out.example/);
  assertWrong(none, 'no-name', 'no-external-in');
  for (const [names, told] of [
    [{ dns: [], srvNames: ['_xmpp-server.out.example'] }, /^SRV:/],
    [{ dns: [], xmppAddrs: ['out.example'] }, /^xmppAddr:out.example/],
  ] as const) {
    assertFound(await shown(t, issued(names)), 'certificate-good', 'nobody', told);
  }
});

test('two faults are both told, where a stream would stop at the first', async (t) => {
  const both = issued({ dns: ['x.example'], notBefore: new Date(0), notAfter: new Date(1e12) }, stranger);
  const findings = await shown(t, both);
  assertWrong(findings, 'certificate-expired', 'wrong-name', 'chain-incomplete', 'no-external-in');
});

test('self-signed, alone, and of another CA are three things', async (t) => {
  const self = await shown(t, issued({ selfSigned: true }));
  assertFound(self, 'self-signed', 'partner', /self-signed/, /pinsOnly/);
  assertWrong(self, 'self-signed', 'no-external-in');

  const middle = issueAuthority({ name: 'the middle CA', issuedBy: authority, pathLength: 0 });
  const alone = await shown(t, issued({}, middle));
  assertFound(alone, 'chain-incomplete', 'partner', /comes alone; it was issued by the middle CA/, /whole chain/);
  assertWrong(alone, 'chain-incomplete', 'no-external-in');

  const other = issueAuthority({ name: 'another root', pathLength: 1 });
  const below = issueAuthority({ name: 'below it', issuedBy: other });
  const leaf = issued({}, below);
  const foreign = await shown(t, { ...leaf, certPem: leaf.certPem + below.certPem + other.certPem });
  assertFound(foreign, 'issuer-not-trusted', 'us', /ends at another root/, /add that CA to trust/);
  assertWrong(foreign, 'issuer-not-trusted', 'no-external-in');
});

test('an unordered chain is seen, though our own check sorts it', async (t) => {
  const root = issueAuthority({ name: 'root', pathLength: 1 });
  const middle = issueAuthority({ name: 'middle', issuedBy: root });
  const leaf = issued({}, middle);
  const trust = [root.certPem];
  const wrong = await shown(t, { ...leaf, certPem: leaf.certPem + root.certPem + middle.certPem }, { trust });
  assertFound(wrong, 'chain-unordered', 'partner', /out.example \/ root \/ middle/, /own certificate first/);
  assertWrong(wrong, 'ping-unanswered');
  const right = await shown(t, { ...leaf, certPem: leaf.certPem + middle.certPem }, { trust });
  assert.ok(!right.some(({ code }) => code === 'chain-unordered'));
});

test('a CA certificate that is out of date is told as that of a CA', async (t) => {
  const root = issueAuthority({ name: 'root', pathLength: 1 });
  const middle = issueAuthority({ name: 'middle', issuedBy: root, days: -1 });
  const leaf = issued({}, middle);
  const terms = { trust: [root.certPem] };
  const findings = await shown(t, { ...leaf, certPem: leaf.certPem + middle.certPem }, terms);
  assertFound(findings, 'chain-expired', 'partner', /its CA is (expired|not yet valid)/, /CA certificates of today/);
});

test('what may be used by servers alone is taken by us, and told; by clients alone it is refused', async (t) => {
  const server = await shown(t, issued({ usages: ['serverAuth'] }));
  assertFound(server, 'no-client-auth', 'partner', /serverAuth without clientAuth/, /both/);
  assertFound(server, 'external-in', 'nobody', /EXTERNAL works/);
  assertWrong(server, 'ping-unanswered');
  const client = await shown(t, issued({ usages: ['clientAuth'] }));
  assertFound(client, 'client-only', 'partner', /not valid for this use/);
  assertWrong(client, 'client-only', 'no-external-in');
});

test('revoked, and spoken for by no list, are told apart', async (t) => {
  const naming = await issueCrl(authority, [theirs.certPem]);
  const revoked = await shown(t, theirs, { crl: { lists: [naming], required: false } });
  assertFound(revoked, 'revoked', 'partner', /revoked/);
  assertWrong(revoked, 'revoked', 'no-external-in');
  const late = await issueCrl(authority, [], { thisUpdate: new Date(1e12), nextUpdate: new Date(1.1e12) });
  const unknown = await shown(t, theirs, { crl: { lists: [late], required: true } });
  assertFound(unknown, 'revocation-unknown', 'us', /revocation list in date/, /newest list/);
  assertWrong(unknown, 'revocation-unknown', 'no-external-in');
});

test('another key than the pinned one is told with its digest, ready to be compared', async (t) => {
  const key = new X509Certificate(theirs.certPem).publicKey.export({ type: 'spki', format: 'der' });
  const findings = await shown(t, theirs, { pins: ['0'.repeat(64)] });
  assertFound(findings, 'pin-mismatch', 'us', new RegExp(hash('sha256', key)), /telephone/);
  assertWrong(findings, 'pin-mismatch', 'no-external-in');
  assertWrong(await shown(t, theirs, { pins: [hash('sha256', key)] }), 'ping-unanswered');
});

test('a server without a certificate is told to have one', async () => {
  // TLS as we speak it cannot stand without one; should it ever, this is what is said.
  const { believed, findings } = await explainCertificate(
    { chain: [], sent: undefined },
    partner('out.example'),
    Date.now(),
  );
  assert.equal(believed, false);
  assertFound(findings, 'certificate-missing', 'partner', /no certificate/);
});

test('a weak key is told', async (t) => {
  const findings = await shown(t, issued({ keyBits: 1024 }), {}, {});
  const codes = findings.map(({ code }) => code);
  // Some builds of OpenSSL refuse such a key before we do.
  assert.ok(codes.includes('key-weak') || codes.includes('tls-fails'), codes.join(' '));
});
