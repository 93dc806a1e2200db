// Both ends of the wall as their processes build them, over real TLS and gRPC on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { AuditHead } from '@sallyport/shared/audit.ts';
import { type Authority, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { type ServedLink, serveLink } from '../../dmz-proxy/link/serve-link.ts';
import { createToInside } from '../../dmz-proxy/link/to-inside.ts';
import type { Accept } from '../../inner-gateway/adapters/adapter.ts';
import { createBoundaryAdapter } from '../../inner-gateway/adapters/boundary/boundary-adapter.ts';
import { parseJid } from '../../shared/address/jid.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ArrivalNews, Receive } from '../../shared/link/arrivals.ts';
import { openLog } from '../../shared/log.ts';
import type { Packet } from '../../shared/packet.ts';

export const proxyUri = 'spiffe://sallyport/proxy-1';
export const gatewayUri = 'spiffe://sallyport/gateway-1';

const log = openLog('test', 'wall', 'error');

export type Folder = { readonly path: string; readonly remove: () => void };

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'wall-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes a certificate with this URI name, and its CA, and says where they are. */
export function linkFiles(folder: Folder, authority: Authority, name: string, uri: string) {
  const { certPem, keyPem } = issueCertificate(authority, { uris: [uri], commonName: name });
  const files = {
    certFile: join(folder.path, `${name}.crt`),
    keyFile: join(folder.path, `${name}.key`),
    caFile: join(folder.path, `${name}-ca.crt`),
  };
  writeFileSync(files.certFile, certPem);
  writeFileSync(files.keyFile, keyPem);
  writeFileSync(files.caFile, authority.certPem);
  return files;
}

export const authority = issueAuthority({ name: 'Wall test CA' });

/** The files of both ends, for the tests of one file; gone when these are over. */
export function filesOfBothEnds() {
  const folder = temporaryFolder();
  after(folder.remove);
  return {
    folder,
    outsideFiles: linkFiles(folder, authority, 'proxy', proxyUri),
    insideFiles: linkFiles(folder, authority, 'gateway', gatewayUri),
  };
}

export type OutsideOptions = {
  readonly files: ReturnType<typeof linkFiles> & { readonly crlFile?: string };
  readonly port?: number;
  readonly boot?: string;
  readonly receive?: Receive;
  readonly diagnose?: Parameters<typeof serveLink>[0]['diagnose'];
  readonly offer?: Parameters<typeof serveLink>[0]['policies']['offer'];
  readonly gateways?: readonly string[];
  readonly auditHead?: () => AuditHead;
};

/** The proxy's end. */
export async function openOutside(options: OutsideOptions) {
  let link: ServedLink | undefined;
  const toInside = createToInside({ peers: () => link?.peers ?? new Map(), clock: systemClock });
  link = await serveLink({
    settings: {
      ...options.files,
      listen: { host: '127.0.0.1', port: options.port ?? 0 },
      uri: proxyUri,
      gateways: [...(options.gateways ?? [gatewayUri])],
    },
    introduction: () => ({
      software: 'dmz-proxy test',
      node: 'proxy-1',
      boot: options.boot ?? 'p1',
      policyRevision: 'r',
    }),
    receive: options.receive ?? ((_packet, _again, news) => news.settled({ state: 'delivered' })),
    partners: () => [{ domain: 'out.example', waiting: 3, policy: { published: 'new\u001b[31m', active: 'old' } }],
    diagnose: options.diagnose ?? async function* () {},
    policies: {
      offer: options.offer ?? (() => ({ active: false, problems: ['there is no policy in this test'] })),
      states: () => ({ signed: true, trouble: [] }),
    },
    onUp: toInside.onUp,
    auditHead: options.auditHead ?? (() => ({ file: 'audit.jsonl', sequence: 0, hash: '' })),
    clock: systemClock,
    log,
  });
  const served = link;
  return {
    port: served.port,
    toInside,
    peers: served.peers,
    async close() {
      await toInside.stop();
      await served.stop('test over');
    },
  };
}

export type InsideOptions = {
  readonly files: ReturnType<typeof linkFiles> & { readonly crlFile?: string };
  readonly port: number;
  readonly boot?: string;
  readonly accept?: Accept;
  readonly remakeSeconds?: number;
  readonly proxyUri?: string;
  readonly lookUp?: Parameters<typeof createBoundaryAdapter>[0]['lookUp'];
  readonly witness?: (proxy: string, head: AuditHead) => Promise<void>;
  readonly policyForDmz?: Parameters<typeof createBoundaryAdapter>[0]['policyForDmz'];
};

/** The gateway's end. */
export async function openInside(options: InsideOptions) {
  const adapter = createBoundaryAdapter({
    onUnreadable: () => {},
    settings: {
      ...options.files,
      uri: gatewayUri,
      proxies: [{ host: '127.0.0.1', port: options.port, uri: options.proxyUri ?? proxyUri }],
      remakeSeconds: options.remakeSeconds ?? 600,
    },
    introduction: () => ({
      software: 'inner-gateway test',
      node: 'gateway-1',
      boot: options.boot ?? 'g1',
      policyRevision: 'r',
    }),
    lookUp: options.lookUp ?? (async () => undefined),
    witness: options.witness ?? (async () => {}),
    policyForDmz: options.policyForDmz ?? (() => undefined),
    clock: systemClock,
    log,
  });
  await adapter.start(options.accept ?? (async (packet) => kept(packet)));
  return adapter;
}

/** What an accept answers that keeps everything and ends it at once. */
export function kept(packet: Packet) {
  return {
    passed: true,
    id: packet.id,
    news: async () => ({ state: 'delivered' as const }),
    ended: () => Promise.resolve(),
  } as const;
}

export function message(id: string, from: string, to: string, body: string): Packet {
  const fromJid = parseJid(from);
  const toJid = parseJid(to);
  if (fromJid === undefined || toJid === undefined) throw new Error('a bad address in a test');
  return {
    id,
    from: fromJid,
    to: toJid,
    at: Date.now(),
    delayed: false,
    stanzaId: id,
    lang: '',
    content: { kind: 'message', type: 'chat', body },
  };
}

export async function until(what: string, condition: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export type { ArrivalNews };
