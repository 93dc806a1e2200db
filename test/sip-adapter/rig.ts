// The SIP adapter between a broker that a test plays and front ends over real TLS on loopback.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { type Authority, issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import type { Accept, Acceptance, Delivery } from '../../inner-gateway/adapters/adapter.ts';
import { createSipAdapter } from '../../inner-gateway/adapters/sip/sip-adapter.ts';
import type { GatewaySettings } from '../../inner-gateway/settings.ts';
import { type Jid, parseJid } from '../../shared/address/jid.ts';
import { systemClock } from '../../shared/clock.ts';
import { openLog } from '../../shared/log.ts';
import type { Content, Outcome, Packet } from '../../shared/packet.ts';
import { startSkypeFrontEnd } from '../fakes/skype-front-end/front-end.ts';

export const fqdn = 'gw.out.example';
export const poolFqdn = 'pool.in.example';
export const ann = 'ann@out.example';
export const bob = 'bob@in.example';

export const authority: Authority = issueAuthority({ name: 'SIP test CA' });
const own = issueCertificate(authority, { dns: [fqdn] });
export const pool = issueCertificate(authority, { dns: [poolFqdn, 'fe1.in.example'] });

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of open.splice(0).reverse()) await stop();
});

/** To be stopped when the test has ended, however it ends. */
export function atEnd(stop: () => unknown): void {
  open.push(async () => {
    await stop();
  });
}

export type Rig = Awaited<ReturnType<typeof startRig>>;
export type PeerChanges = Partial<GatewaySettings['sip']['peers'][number]>;

/** What the broker of a test says to a packet; passed and delivered unless told. */
export type Judge = (packet: Packet) => Promise<Acceptance> | Acceptance;

/** The adapter alone, listening on a free port; it dials `dial`, where nobody listens unless told. */
export async function startAdapter(
  options: {
    readonly judge?: Judge;
    readonly dial?: number;
    readonly peer?: PeerChanges;
    readonly sip?: Partial<GatewaySettings['sip']>;
    readonly offsetMs?: () => number;
    /** Further files in the folder of the settings: name and text. */
    readonly files?: Readonly<Record<string, string>>;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'sip-adapter-'));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  for (const [name, text] of Object.entries(options.files ?? {})) file(name, text);
  const settings: GatewaySettings = {
    node: 'gateway-test',
    control: join(folder, 'control'),
    metrics: { host: '127.0.0.1', port: 0 },
    audit: { file: join(folder, 'audit'), rotateMegabytes: 256, required: true },
    log: { level: 'error' },
    domains: ['in.example'],
    users: [bob],
    policy: folder,
    store: { file: join(folder, 'store'), keyFile: join(folder, 'key') },
    link: { certFile: '', keyFile: '', caFile: '', uri: 'spiffe://x', proxies: [], remakeSeconds: 600 },
    sip: {
      listen: { host: '127.0.0.1', port: 0 },
      fqdn,
      certificate: { certFile: file('own.crt', own.certPem), keyFile: file('own.key', own.keyPem) },
      peers: [
        {
          fqdn: poolFqdn,
          alsoNames: ['fe1.in.example'],
          host: '127.0.0.1',
          port: options.dial ?? 1,
          caFile: file('ca.crt', authority.certPem),
          dialect: 'skype',
          domains: ['in.example'],
          wildcard: false,
          tls: '1.2',
          ...options.peer,
          ...(options.files?.['peer.crl'] === undefined ? {} : { crlFile: join(folder, 'peer.crl') }),
        },
      ],
      inviteSeconds: 60,
      idleMinutes: 10,
      ...options.sip,
    },
  };
  const accepted: Packet[] = [];
  const waiting: (() => void)[] = [];
  const accept: Accept = async (packet) => {
    accepted.push(packet);
    for (const wake of waiting.splice(0)) wake();
    return options.judge === undefined ? passed(packet) : options.judge(packet);
  };
  const offset = options.offsetMs ?? (() => 0);
  const adapter = createSipAdapter({
    settings,
    log: openLog('test', 'sip', process.env.SHOW === undefined ? 'error' : 'debug'),
    clock: { now: () => systemClock.now() + offset() },
    bootId: 'boot',
    lookEveryMs: 20,
  });
  await adapter.start(accept);
  open.push(async () => {
    await adapter.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let packets = 0;

  return {
    adapter,
    folder,
    /** Replaces a file by renaming, as tools that renew certificates do. */
    replace(name: string, text: string) {
      renameSync(file(`${name}.fresh`, text), join(folder, name));
    },
    port: adapter.port(),
    accepted,
    /** The packet with this number, counted from 0, as soon as it has come. */
    async packet(index: number): Promise<Packet> {
      while (accepted.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
      const packet = accepted[index];
      if (packet === undefined) throw new Error('no packet');
      return packet;
    },
    /** Delivers something from outside to an internal user. */
    async deliver(
      content: Content,
      more: {
        readonly from?: string;
        readonly to?: string;
        readonly again?: boolean;
        readonly written?: () => void;
      } = {},
    ): Promise<Outcome> {
      const delivery: Delivery = {
        packet: {
          id: `out-${++packets}`,
          from: jid(more.from ?? ann),
          to: jid(more.to ?? bob),
          at: Date.now(),
          delayed: false,
          stanzaId: '',
          lang: '',
          content,
        },
        again: more.again ?? false,
        written: more.written ?? (() => {}),
      };
      return adapter.deliver(delivery);
    },
  };
}

/** The adapter and the fake front end, each dialling the other. */
export async function startRig(
  options: Parameters<typeof startAdapter>[0] & { readonly users?: readonly string[] } = {},
) {
  let port = 0;
  const frontEndOptions = {
    fqdn: poolFqdn,
    domain: 'in.example',
    users: options.users ?? [bob, 'eve@in.example'],
    cert: pool.certPem,
    key: pool.keyPem,
    ca: authority.certPem,
    gateway: () => ({ fqdn, host: '127.0.0.1', port }),
  };
  const frontEnd = await startSkypeFrontEnd(frontEndOptions);
  open.push(frontEnd.stop);
  const gateway = await startAdapter({ ...options, dial: frontEnd.port });
  port = gateway.port;
  return {
    ...gateway,
    frontEnd,
    bob: frontEnd.user(bob),
    /** Another front end in the place of the first, on the same port, which knows no dialog. */
    restart: async () => {
      await frontEnd.stop();
      const next = await startSkypeFrontEnd({ ...frontEndOptions, port: frontEnd.port });
      open.unshift(next.stop);
      return next;
    },
  };
}

export function passed(
  packet: Packet,
  news: Outcome | { readonly state: 'kept' } = { state: 'delivered' },
): Acceptance {
  return { passed: true, id: packet.id, news: async () => news, ended: () => Promise.resolve() };
}

export function text(body: string): Content {
  return { kind: 'message', type: 'chat', body };
}

function jid(address: string): Jid {
  const read = parseJid(address);
  if (read === undefined) throw new Error(`${address} is not an address`);
  return read;
}
