// What the tests of the streams share: certificates, settings, a policy, and short times.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Issued, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { createDialbackKeys, type DialbackKeys } from '../../dmz-proxy/dialback/keys.ts';
import { type ListenWorld, listen } from '../../dmz-proxy/listener.ts';
import { type ProxySettings, proxySettings } from '../../dmz-proxy/settings.ts';
import type { ServedStream } from '../../dmz-proxy/stream/facts.ts';
import { createOutboundStreams } from '../../dmz-proxy/stream/outbound-streams.ts';
import type { Times } from '../../dmz-proxy/stream/times.ts';
import { type Credentials, openCredentials } from '../../dmz-proxy/tls/credentials.ts';
import type { CredentialsOf } from '../../dmz-proxy/tls/own-credentials.ts';
import type { XmlElement } from '../../dmz-proxy/xml/element.ts';
import type { AuditEntry } from '../../shared/audit.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { rulesOfWords } from '../../shared/policy/content.ts';
import type { Partner, Policy } from '../../shared/policy/policy.ts';
import { compileRates } from '../../shared/policy/rate-schema.ts';
import type { Refusal } from '../../shared/refusals.ts';
import { acceptStream, listenScripted, type Peer } from './scripted-peer.ts';

export const authority = issueAuthority({ name: 'test CA' });
export const stranger = issueAuthority({ name: 'a CA that nobody trusts' });
export const ours = issueCertificate(authority, { dns: ['in.example'] });
export const theirs = issueCertificate(authority, { dns: ['out.example'] });
export const keys = createDialbackKeys('the secret of in.example');
export const log = pino({ level: process.env.SHOW_LOG === undefined ? 'silent' : 'trace' });

/** The files of a certificate, read as the process reads them. */
export function credentialsOf(issued: Issued): () => Credentials {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-streams-'));
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(certFile, issued.certPem);
  writeFileSync(keyFile, issued.keyPem);
  return openCredentials({ certFile, keyFile }).current;
}

export function partner(domain: string, port = 1, trust = [authority.certPem]): Partner {
  return {
    domain,
    connect: [{ host: '127.0.0.1', port }],
    trust,
    mayTalk: () => true,
    rates: compileRates({ stanzasPerSecond: 1000, burst: 1000, bytesPerSecond: 1e9 }),
    invalid: 'refuse',
    unknown: 'strip',
  };
}

export function policyOf(...partners: Partner[]): Policy {
  return {
    revision: 'r1',
    partners: new Map(partners.map((each) => [each.domain, each])),
    content: rulesOfWords([]),
  };
}

export function settingsOf(
  domain: string,
  limits: Partial<ProxySettings['limits']> = {},
  appliances: readonly string[] = [],
): ProxySettings {
  const link = {
    certFile: 'x',
    keyFile: 'x',
    caFile: 'x',
    listen: { port: 0 },
    uri: 'spiffe://a',
    gateways: ['spiffe://b'],
  };
  return proxySettings.parse({
    node: 'p',
    control: 'x',
    metrics: { port: 0 },
    audit: { file: 'x' },
    domains: [domain],
    retiredDomains: ['old.example'],
    policy: 'x',
    s2s: { port: 0 },
    directTls: { port: 0 },
    certificate: { certFile: 'x', keyFile: 'x' },
    link,
    appliances,
    limits: { attemptsPerAddress: 1000, connectionsPerAddress: 100, ...limits },
  });
}

export type Received = { readonly element: XmlElement; readonly stream: ServedStream };

export type ServerOptions = {
  readonly domain?: string;
  /** Ours as well. */
  readonly moreDomains?: readonly string[];
  readonly credentials?: CredentialsOf;
  readonly policy?: () => Policy;
  readonly limits?: Partial<ProxySettings['limits']>;
  readonly appliances?: readonly string[];
  readonly times?: Partial<Times>;
  readonly keys?: DialbackKeys;
  readonly log?: Log;
  readonly receive?: ListenWorld['receive'];
  readonly onOver?: ListenWorld['onOver'];
  readonly carry?: ListenWorld['carry'];
  readonly heardFrom?: (localDomain: string, remoteDomain: string) => number;
};

function withDomains(settings: ProxySettings, more: readonly string[] = []): ProxySettings {
  return { ...settings, domains: [...settings.domains, ...more] };
}

/** The inbound side on free ports; `received` and `audited` fill as it goes. */
export async function serve(options: ServerOptions = {}) {
  const received: Received[] = [];
  const audited: AuditEntry[] = [];
  const listener = await listen({
    keys: options.keys ?? keys,
    settings: withDomains(
      settingsOf(options.domain ?? 'in.example', options.limits, options.appliances),
      options.moreDomains,
    ),
    policy: options.policy ?? (() => policyOf(partner('out.example'))),
    credentials: options.credentials ?? credentialsOf(ours),
    log: options.log ?? log,
    audit: (entry) => audited.push(entry),
    clock: systemClock,
    receive: (element, bytes, stream, handled) => {
      received.push({ element, stream });
      if (options.receive !== undefined) return options.receive(element, bytes, stream, handled);
      handled();
    },
    ...(options.onOver === undefined ? {} : { onOver: options.onOver }),
    ...(options.carry === undefined ? {} : { carry: options.carry }),
    times: { sweep: 20, close: 300, ...options.times },
  });
  return { listener, received, audited };
}

/** The outbound side of in.example. */
export function dialOut(policy: () => Policy, options: ServerOptions = {}) {
  const audited: AuditEntry[] = [];
  const streams = createOutboundStreams({
    keys: options.keys ?? keys,
    settings: settingsOf(options.domain ?? 'in.example', options.limits),
    policy,
    credentials: options.credentials ?? credentialsOf(ours),
    log: options.log ?? log,
    audit: (entry) => audited.push(entry),
    clock: systemClock,
    ...(options.heardFrom === undefined ? {} : { heardFrom: options.heardFrom }),
    ...(options.receive === undefined ? {} : { receive: options.receive }),
    times: { sweep: 20, close: 300, lived: 300, retry: 100, retryRefused: 200, ...options.times },
  });
  return { streams, audited };
}

/** Ships one message; the promises tell what becomes of it. */
export function shipment(body: string, more: { to?: string; from?: string; mayWait?: boolean } = {}) {
  let tellWritten: () => void = () => {};
  let tellSettled: (refusal: Refusal | undefined) => void = () => {};
  const counts = { written: 0, settled: 0 };
  const written = new Promise<void>((resolve) => {
    tellWritten = resolve;
  });
  const settled = new Promise<Refusal | undefined>((resolve) => {
    tellSettled = resolve;
  });
  const { to = 'out.example', from = 'in.example', mayWait } = more;
  return {
    written,
    settled,
    counts,
    shipment: {
      xml: `<message from="bob@${from}" to="ann@${to}" id="m1" type="chat"><body>${body}</body></message>`,
      localDomain: from,
      remoteDomain: to,
      written: () => {
        counts.written += 1;
        tellWritten();
      },
      settled: (refusal: Refusal | undefined) => {
        counts.settled += 1;
        tellSettled(refusal);
      },
      ...(mayWait === undefined ? {} : { mayWait }),
    },
  };
}

/** Waits until the condition holds; fails after two seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 2_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within two seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A partner whose every connection is a good stream, then handed to `then`. */
export async function goodPartner(then: (peer: Peer, connection: number) => Promise<void>) {
  return listenScripted(async (plain, connection) => then(await acceptStream(plain, theirs), connection));
}
