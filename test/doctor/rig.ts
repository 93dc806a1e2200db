// A doctor as the proxy makes it, and partners that a test spoils; short times, real sockets, real DNS messages.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import type { Issued } from '../../deploy/certificates/issue.ts';
import { openDns } from '../../dmz-proxy/dns/ask-dns.ts';
import { type Attempts, createAttempts } from '../../dmz-proxy/doctor/attempts.ts';
import { createDoctor, type Doctor, type DoctorWorld } from '../../dmz-proxy/doctor/doctor.ts';
import type { AuditEntry } from '../../shared/audit.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import type { Partner } from '../../shared/policy/policy.ts';
import type { Said } from '../fakes/dns/dns-message.ts';
import { startDnsServer } from '../fakes/dns/dns-server.ts';
import { externalFeatures, header, listenScripted, type Peer, peerOn, startTls } from '../streams/scripted-peer.ts';
import { credentialsOf, keys, log, ours, partner, policyOf, settingsOf, theirs } from '../streams/setting.ts';

export type Surroundings = {
  readonly partner?: Partial<Partner>;
  readonly zone?: Readonly<Record<string, Said>>;
  readonly ours?: Issued;
  readonly attempts?: Attempts;
  readonly streams?: DoctorWorld['streams'];
  readonly bounds?: DoctorWorld['bounds'];
  readonly times?: DoctorWorld['times'];
  readonly domain?: string;
  readonly from?: string;
};

export type Opened = {
  readonly doctor: Doctor;
  readonly audited: readonly AuditEntry[];
  readonly questions: () => readonly string[];
};

/** A doctor of in.example whose only partner is out.example. */
export async function openDoctor(t: TestContext, { zone = {}, ...around }: Surroundings): Promise<Opened> {
  const names = await startDnsServer(new Map(), new Map(Object.entries(zone)));
  t.after(names.stop);
  const audited: AuditEntry[] = [];
  const policy = policyOf({ ...partner('out.example'), ...around.partner });
  const doctor = createDoctor({
    settings: settingsOf('in.example'),
    policy: () => policy,
    credentials: credentialsOf(around.ours ?? ours),
    keys,
    openDns: () => openDns(systemClock, { servers: [`127.0.0.1:${names.port}`], timeoutMs: 150, tries: 1 }),
    streams: around.streams ?? (() => []),
    attempts: around.attempts ?? createAttempts((domain) => policy.partners.has(domain)),
    audit: (entry) => audited.push(entry),
    log,
    clock: systemClock,
    times: { header: 400, handshake: 600, negotiation: 900, attempt: 400, dialback: 500, close: 100, ...around.times },
    bounds: { pingMs: 200, ...around.bounds },
  });
  return { doctor, audited, questions: names.questions };
}

/** All that the doctor finds of out.example, or of whom is asked for. */
export async function examine(t: TestContext, around: Surroundings): Promise<readonly Finding[]> {
  const { doctor } = await openDoctor(t, around);
  return visit(doctor, around);
}

export async function visit(
  doctor: Doctor,
  { domain = 'out.example', from = '' }: Surroundings = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of doctor.examine({ domain, from }, 'a test')) findings.push(finding);
  return findings;
}

/** The partner's server: each connection plays `script`. Returns the terms of an entry that pins it. */
export async function server(
  t: TestContext,
  script: (peer: Peer, connection: number) => Promise<void>,
  tls: 'starttls' | 'direct' = 'starttls',
) {
  const listening = await listenScripted(script);
  t.after(listening.close);
  const { port, connections } = listening;
  return { port, connections, connect: [{ host: '127.0.0.1', port, tls }] } as const;
}

export type Terms = {
  readonly issued?: Issued;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly alpn?: readonly string[];
  readonly header?: string;
  readonly features?: string;
  readonly lastFeatures?: string;
  /** Sent instead of the features inside TLS. */
  readonly instead?: string;
  /** Hears what came up to our EXTERNAL, header and all. */
  readonly hearAuth?: (words: string) => void;
  readonly refusesExternal?: boolean;
  readonly breaksAfterAuth?: boolean;
  /** What the answer to our dialback says; empty: there is none. */
  readonly dialback?: string;
  readonly onLive?: (peer: Peer) => Promise<void>;
  /** Called when TLS stands; false: the script goes no further. */
  readonly onSecure?: (socket: TLSSocket) => boolean;
};

const streamHeader = header('from="out.example" to="in.example" id="a" version="1.0"');

/** A whole stream as the server of out.example, as good as the terms are. The last of it hears whatever comes. */
export async function good(plain: Peer, terms: Terms = {}): Promise<void> {
  await plain.hear('xml:lang="en">');
  plain.say(`${terms.header ?? streamHeader}<stream:features>${startTls}</stream:features>`);
  await plain.hear(startTls);
  plain.socket.removeAllListeners('data');
  plain.say('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  await insideTls(plain, terms);
}

/** The same with TLS from the first byte on. */
export async function insideTls(plain: Peer, terms: Terms = {}): Promise<void> {
  plain.socket.removeAllListeners('data');
  const socket = await shakeAsServer(plain.socket, terms);
  if (terms.onSecure?.(socket) === false) return;
  const peer = peerOn(socket);
  await peer.hear('xml:lang="en">');
  peer.say(streamHeader + (terms.instead ?? terms.features ?? externalFeatures));
  if (terms.dialback !== undefined) {
    await peer.hear('</db:result>');
    peer.say(terms.dialback);
    await peer.hear('</stream:stream>');
    return;
  }
  const words = await peer.hear('</auth>');
  terms.hearAuth?.(words);
  if (terms.refusesExternal === true) {
    peer.say('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>');
    return;
  }
  if (terms.breaksAfterAuth === true) return void peer.socket.destroy();
  peer.say('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
  await peer.hear('xml:lang="en">');
  peer.say(`${streamHeader}<stream:features>${terms.lastFeatures ?? ''}</stream:features>`);
  if (terms.onLive === undefined) await peer.hear('</stream:stream>');
  else await terms.onLive(peer);
  peer.say('</stream:stream>');
}

function shakeAsServer(raw: Socket, { issued = theirs, minVersion, maxVersion, alpn }: Terms): Promise<TLSSocket> {
  const secure = new TLSSocket(raw, {
    isServer: true,
    secureContext: createSecureContext({
      cert: issued.certPem,
      key: issued.keyPem,
      ...(minVersion === undefined ? {} : { minVersion }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
    }),
    requestCert: true,
    rejectUnauthorized: false,
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  });
  secure.on('error', () => {});
  return new Promise((resolve) => secure.once('secure', () => resolve(secure)));
}

/** The one finding of this code; its words are tried, and who mends it. */
export function assertFound(
  findings: readonly Finding[],
  code: string,
  who: Finding['who'],
  says: RegExp,
  mend: RegExp = /^./,
): Finding {
  const codes = findings.map((each) => each.code);
  const them = findings.filter((each) => each.code === code);
  assert.equal(them.length, 1, `${code} once, in ${codes.join(' ')}`);
  const [finding] = them;
  assert.ok(finding !== undefined);
  assert.equal(finding.who, who, code);
  assert.match(finding.says, says);
  if (who !== 'nobody') assert.match(finding.mend, mend);
  return finding;
}

/** That exactly these codes are wrong. */
export function assertWrong(findings: readonly Finding[], ...codes: string[]): void {
  const wrong = findings.filter(({ level }) => level === 'wrong').map(({ code }) => code);
  assert.deepEqual(
    wrong.toSorted(),
    codes.toSorted(),
    JSON.stringify(findings.filter(({ level }) => level === 'wrong')),
  );
}
