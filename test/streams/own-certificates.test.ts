// One of our domains may have a certificate of its own: who is shown which, and what a renewal of one does (T11, T12).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { type Issued, issueCertificate } from '../../deploy/certificates/issue.ts';
import { proxySettings } from '../../dmz-proxy/settings.ts';
import { openOwnCredentials } from '../../dmz-proxy/tls/own-credentials.ts';
import { auth, dial, header, type Peer, startTls } from './scripted-peer.ts';
import {
  authority,
  credentialsOf,
  dialOut,
  partner,
  policyOf,
  serve,
  settingsOf,
  shipment,
  theirs,
  until,
} from './setting.ts';

const bücher = 'bücher.example';
const named = (...dns: string[]) => issueCertificate(authority, { dns });

/** in.example and second.example in the common certificate, bücher.example in one of its own. */
function onDisk(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'own-certificates-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = (name: string) => ({ certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) });
  const put = (name: string, issued: Issued): void => {
    writeFileSync(files(name).certFile, issued.certPem);
    writeFileSync(files(name).keyFile, issued.keyPem);
  };
  put('common', named('in.example', 'second.example'));
  put('books', named('xn--bcher-kva.example'));
  const own = openOwnCredentials({
    domains: ['in.example', 'second.example', bücher],
    certificate: files('common'),
    certificates: [{ ...files('books'), domains: [bücher] }],
  });
  return { own, put };
}

const domains = { moreDomains: ['second.example', bücher] };

/** Dials as out.example; `servername` is empty where TLS shall name none. Also the name on the certificate shown. */
async function greet(port: number, to: string, servername: string): Promise<{ peer: Peer; shown: string }> {
  const plain = await dial(port);
  plain.say(header(`from="out.example" to="${to}" version="1.0"`));
  await plain.hear('</stream:features>');
  plain.say(startTls);
  await plain.hear('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  const peer = await plain.tlsAsClient({ cert: theirs.certPem, key: theirs.keyPem, servername });
  peer.say(header(`from="out.example" to="${to}" version="1.0"`));
  await peer.hear('</stream:features>');
  assert.ok(peer.socket instanceof TLSSocket);
  return { peer, shown: peer.socket.getPeerCertificate().subjectaltname ?? '' };
}

const books = 'DNS:xn--bcher-kva.example';
const common = 'DNS:in.example, DNS:second.example';
for (const [title, to, servername, expected] of [
  ['the server name in TLS decides', bücher, 'xn--bcher-kva.example', books],
  ['also in capitals', bücher, 'XN--BCHER-KVA.example', books],
  ['without one the stream header before TLS does', bücher, '', books],
  ['a domain without a certificate of its own is in the common one', 'second.example', 'second.example', common],
  ['a name that is not ours gets the common one', 'in.example', 'else.example', common],
  [
    'a name that is another one of ours changes nothing but the certificate',
    'in.example',
    'xn--bcher-kva.example',
    books,
  ],
] as const) {
  test(`which certificate a partner is shown: ${title}`, async (t) => {
    const { listener } = await serve({ ...domains, credentials: onDisk(t).own.of });
    t.after(() => listener.stop('system-shutdown'));
    const { peer, shown } = await greet(listener.port, to, servername);
    assert.equal(shown, expected);
    peer.say(auth());
    await peer.hear('<success');
  });
}

test('a partner that we dial is shown the certificate of the domain that we speak for', async (t) => {
  const far = await serve({
    domain: 'out.example',
    credentials: credentialsOf(theirs),
    policy: () => policyOf(partner(bücher), partner('in.example')),
  });
  t.after(() => far.listener.stop('system-shutdown'));
  const { own } = onDisk(t);
  for (const [domain, name] of [
    [bücher, 'DNS:xn--bcher-kva.example'],
    ['in.example', 'DNS:in.example'],
  ] as const) {
    const { streams } = dialOut(() => policyOf(partner('out.example', far.listener.port)), {
      domain,
      credentials: own.of,
    });
    t.after(() => streams.stop('system-shutdown'));
    const one = shipment('one', { from: domain });
    const before = far.received.length;
    streams.ship(one.shipment);
    await one.written;
    await until(() => far.received.length > before, 'the message');
    assert.equal(far.received.at(-1)?.stream.certificate?.matchedName, name);
  }
});

test('a renewal of one certificate ends the streams that were shown it, and no others', async (t) => {
  const { own, put } = onDisk(t);
  const random = Math.random;
  Math.random = () => 0;
  t.after(() => {
    Math.random = random;
  });
  const { listener } = await serve({ ...domains, credentials: own.of });
  t.after(() => listener.stop('system-shutdown'));
  const joined = async (to: string, servername: string): Promise<Peer> => {
    const { peer } = await greet(listener.port, to, servername);
    peer.say(auth());
    await peer.hear('<success');
    peer.say(header(`from="out.example" to="${to}" version="1.0"`));
    await peer.hear('</stream:features>');
    return peer;
  };
  const toBooks = await joined(bücher, '');
  const toCommon = await joined('in.example', 'in.example');
  put('books', named('xn--bcher-kva.example'));
  assert.deepEqual(own.reload(), [
    { ok: true, changed: false },
    { ok: true, changed: true },
  ]);
  assert.match(await toBooks.hear('</stream:stream>'), /<reset/);
  toCommon.say(' ');
  assert.equal(toCommon.isClosed(), false);
  await until(() => listener.streams().length === 1, 'the other one is left');
});

test('a certificate that lacks its domain is told by its file, and a worse one is not taken', (t) => {
  const { own, put } = onDisk(t);
  assert.deepEqual(own.faults(), []);
  put('books', named('in.example'));
  const [, second] = own.reload();
  assert.match(
    second?.ok === false ? second.reason : '',
    /books\.pem: the certificate does not name xn--bcher-kva\.example/,
  );
  assert.equal(own.of(bücher), own.of('xn--bcher-kva.example'));
});

test('a domain with a certificate of its own is one of ours, and has one', () => {
  const settings = { ...settingsOf('in.example'), s2s: { port: 0 } };
  const entry = (...domains: string[]) => ({ certFile: 'x', keyFile: 'x', domains });
  const problems = (...certificates: unknown[]) =>
    proxySettings
      .safeParse({ ...settings, certificates })
      .error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];
  assert.deepEqual(problems(entry('in.example')), []);
  assert.deepEqual(problems(entry('else.example')), [
    ['certificates.0.domains.0', 'write one of the internal domains under domains'],
  ]);
  assert.deepEqual(problems(entry('in.example'), entry('in.example')), [
    ['certificates.1.domains.0', 'leave it with one certificate; it stands above already'],
  ]);
});
