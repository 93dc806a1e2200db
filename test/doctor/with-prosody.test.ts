// The doctor and a real Prosody: well, and then with the troubles that its administrators know.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Issued, issueCertificate } from '../../deploy/certificates/issue.ts';
import { createAttempts } from '../../dmz-proxy/doctor/attempts.ts';
import { describeEnding } from '../../dmz-proxy/stream/ending.ts';
import { freePort } from '../daemon.ts';
import { startProsody } from '../interop/prosody.ts';
import { firstMissing } from '../peers/peers.ts';
import { authority, ours, partner, policyOf, serve, stranger, theirs } from '../streams/setting.ts';
import type { Opened } from './rig.ts';
import { assertFound, assertWrong, openDoctor, visit } from './rig.ts';

const missing = firstMissing(['prosody']);
const skip = missing !== undefined && process.env.REQUIRE_PEERS !== '1' && `${missing} is not installed`;

/** Prosody as out.example, our listener, and a doctor that hears of both. */
async function opened(t: TestContext, shows: Issued, weShow: Issued = ours) {
  const port = await freePort();
  const policy = policyOf(partner('out.example', port));
  const attempts = createAttempts((domain) => policy.partners.has(domain));
  let doctor: Opened['doctor'] | undefined;
  const { listener } = await serve({
    policy: () => policy,
    receive: (element, _bytes, _stream, handled) => {
      const { from = '', to = '', id = '' } = element.attributes;
      doctor?.pingAnswered(from, to, id);
      handled();
    },
    onOver: (remoteDomain, { ending, ...visit }) =>
      attempts.add(remoteDomain, { at: Date.now(), ...visit, note: describeEnding(ending) }),
  });
  t.after(() => listener.stop('system-shutdown'));
  const prosody = await startProsody({
    domain: 'out.example',
    users: [{ name: 'ann', password: 'secret' }],
    certs: { cert: shows.certPem, key: shows.keyPem, ca: authority.certPem },
    hosts: new Map([['in.example', { host: '127.0.0.1', port: listener.port }]]),
    s2sPort: port,
    logLevel: 'debug',
  });
  t.after(() => prosody.stop());
  const open = await openDoctor(t, {
    partner: { connect: [{ host: '127.0.0.1', port }] },
    attempts,
    streams: listener.streams,
    ours: weShow,
    bounds: { pingMs: 5_000 },
    times: { header: 3_000, handshake: 3_000, negotiation: 6_000, attempt: 3_000 },
  });
  doctor = open.doctor;
  return { findings: () => visit(open.doctor), prosody };
}

test('a Prosody that is well is found well, with a ping there and back', { skip, timeout: 60_000 }, async (t) => {
  const { findings, prosody } = await opened(t, theirs);
  const found = await findings();
  assertWrong(found);
  assertFound(found, 'tls-spoken', 'nobody', /TLS 1\.2 and 1\.3/);
  assertFound(found, 'features', 'nobody', /stream management/);
  assertFound(found, 'ping-answered', 'nobody', /took \d+ ms/);
  assertFound(found, 'streams-live', 'nobody', /1 stream from them/);
  // Its administrators see streams like any other, and no trouble.
  assert.doesNotMatch(
    prosody.log(),
    /\t(warn|error)\t(?!.*(mod_posix|libunbound|Unbound|resolver|certificate|deprecated))/,
  );
});

test('a Prosody that does not trust our CA says so, and is understood', { skip, timeout: 60_000 }, async (t) => {
  const { findings } = await opened(t, theirs, issueCertificate(stranger, { dns: ['in.example'] }));
  const found = await findings();
  assertFound(
    found,
    'our-certificate-refused',
    'partner',
    /Your server's certificate/,
    /trust the CA of our certificate for in.example/,
  );
  assertWrong(found, 'our-certificate-refused');
});

test('a Prosody with an expired certificate is told so', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const expired = issueCertificate(authority, {
    dns: ['out.example'],
    notBefore: new Date(0),
    notAfter: new Date(1e12),
  });
  const { findings } = await opened(t, expired);
  const found = await findings();
  assertFound(found, 'certificate-expired', 'partner', /2001-09-09/);
  assertWrong(found, 'certificate-expired', 'no-external-in');
});
