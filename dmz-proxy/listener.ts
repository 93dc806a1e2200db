// Where partners connect: accepts connections within their limits, and keeps account of the streams (N1, T9, L7, L9).
import { createServer, type Server, type Socket } from 'node:net';
import type { AuditEntry } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { StreamCondition } from '@sallyport/shared/refusals.ts';
import type { DialbackKeys } from './dialback/keys.ts';
import { type Dns, openDns } from './dns/ask-dns.ts';
import type { ProxySettings } from './settings.ts';
import { type AddressLimits, createAddressLimits } from './stream/address-limits.ts';
import { listAppliances, readAnnouncement } from './stream/appliances.ts';
import { type Ending, streamError } from './stream/ending.ts';
import type { Receive, ServedStream, StreamFacts } from './stream/facts.ts';
import { type ServeWorld, serveStream, type Visit } from './stream/serve-stream.ts';
import { type Times, timesOf } from './stream/times.ts';
import { createVerifications } from './stream/verifications.ts';
import type { Carried, PartnersStream } from './stream/ways.ts';
import type { CredentialsOf } from './tls/own-credentials.ts';

export type ListenWorld = {
  readonly settings: ProxySettings;
  readonly policy: () => Policy;
  readonly credentials: CredentialsOf;
  readonly log: Log;
  readonly audit: (entry: AuditEntry) => void;
  readonly clock: Clock;
  readonly receive: Receive;
  /** The same as for our own streams: it is asked of us about them (XEP-0220). */
  readonly keys: DialbackKeys;
  /** Asked for the servers of partners that use dialback; the name servers of the settings unless told. */
  readonly dns?: Dns;
  /** Told with which certificates a partner is proved, and when these no longer hold. */
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
  /** Hears of each connection that is over and had said who it is; `joined`: it had proved it. */
  readonly onOver?: (
    remoteDomain: string,
    visit: {
      readonly localDomain: string;
      readonly address: string;
      readonly joined: boolean;
      readonly ending: Ending;
    },
  ) => void;
  /** Has a stream carry our stanzas as well (XEP-0288); without it none does. */
  readonly carry?: (stream: PartnersStream) => Carried;
  /** Tests make times shorter. */
  readonly times?: Partial<Times>;
};

export type Listener = {
  readonly port: number;
  readonly directTlsPort: number | undefined;
  /** The authenticated inbound streams. */
  readonly streams: () => readonly StreamFacts[];
  /** When any stream of this pair was last heard; 0: there is none. */
  readonly heardFrom: (localDomain: string, remoteDomain: string) => Instant;
  /** Takes no more connections, ends all streams with this condition, and resolves when all are gone. */
  readonly stop: (condition: StreamCondition) => Promise<void>;
  /** Ends the streams of one partner. */
  readonly dropPartner: (domain: string, condition: StreamCondition) => void;
};

type Transport = 'starttls' | 'direct-tls';

const headersRefused = counter(
  'proxy_headers_refused',
  'Connections of listed appliances that did not begin with a PROXY header',
);

const visitsAtMost = 4_000;
const announcingAtMost = 500;
/** For an appliance that asks whether we live. */
const unlimited: AddressLimits = { enter: () => true, leave() {}, penalise() {} };
const strangersAtMost = 500;
const streamsPerPair = 4;
/** A stream that has been silent for so long makes room for a new one of the same pair. */
const silentMs = 300_000;
const handshakesPerSecond = 100;
const handshakesAtOnce = 200;

/** Opens the ports. Rejects when one cannot be opened. */
export async function listen(world: ListenWorld): Promise<Listener> {
  const { settings, clock, log } = world;
  const times = timesOf(settings.limits, world.times);
  const limits = createAddressLimits(
    { connections: settings.limits.connectionsPerAddress, attempts: settings.limits.attemptsPerAddress },
    clock,
  );
  const isAppliance = listAppliances(settings.appliances);
  const visits = new Map<Visit, Socket>();
  const announcing = new Set<Socket>();
  const dns = world.dns ?? openDns(clock, settings.dns);
  const verifications = createVerifications({ ...world, times, dns });
  const serveWorld: ServeWorld = {
    ...world,
    times,
    verifications,
    mayShake: handshakeBudget(clock),
    mayJoin,
    carry: world.carry,
  };
  let stopping = false;

  function welcome(socket: Socket, transport: Transport): void {
    socket.on('error', () => {});
    const address = socket.remoteAddress ?? '';
    if (isAppliance(address)) void introduce(socket, transport, address);
    else receive(socket, transport, address, limits);
  }

  // An appliance says first for whom it speaks. Nothing is counted of its own address, which all partners share.
  async function introduce(socket: Socket, transport: Transport, appliance: string): Promise<void> {
    if (stopping || announcing.size >= announcingAtMost) {
      socket.destroy();
      return;
    }
    announcing.add(socket);
    const announced = await readAnnouncement(socket, times.announcement);
    announcing.delete(socket);
    switch (announced.kind) {
      case 'client':
        receive(socket, transport, announced.address, limits);
        return;
      case 'local':
        receive(socket, transport, appliance, unlimited);
        return;
      case 'refused':
        if (!announced.quiet) {
          headersRefused.inc();
          log.warn({ address: appliance, note: announced.note }, 'an appliance did not say for whom it speaks');
        }
        socket.destroy();
        return;
      default:
        announced satisfies never;
    }
  }

  function receive(socket: Socket, transport: Transport, address: string, limits: AddressLimits): void {
    // A refusal at this level says nothing: it must cost us less than it costs them.
    const crowded = visits.size >= visitsAtMost || strangers() >= strangersAtMost;
    if (stopping || crowded || address === '' || socket.destroyed || !limits.enter(address)) {
      log.debug({ address, crowded }, 'a connection beyond the limits');
      socket.destroy();
      return;
    }
    if (transport === 'direct-tls' && !serveWorld.mayShake()) {
      limits.leave(address);
      socket.destroy();
      return;
    }
    socket.setKeepAlive(true, 60_000);
    const visit = serveStream(socket, transport, serveWorld, address);
    visits.set(visit, socket);
    socket.once('close', () => {
      visits.delete(visit);
      limits.leave(address);
    });
    void visit.over.then((ending) => {
      const joined = visit.pairs().length > 0;
      if (!joined && isUnwelcome(ending)) limits.penalise(address);
      for (const { remoteDomain, localDomain } of joined
        ? visit.pairs()
        : [visit.claims()].flatMap((claims) => claims ?? [])) {
        if (remoteDomain !== undefined) world.onOver?.(remoteDomain, { localDomain, address, joined, ending });
      }
    });
  }

  function strangers(): number {
    if (visits.size < strangersAtMost) return 0;
    let count = 0;
    for (const visit of visits.keys()) if (visit.pairs().length === 0) count += 1;
    return count;
  }

  function mayJoin(stream: ServedStream): boolean {
    const others = [...visits.keys()].filter((visit) =>
      visit.pairs().some((pair) => pair.id !== stream.id && samePair(pair, stream)),
    );
    if (others.length < streamsPerPair) return true;
    const quietest = others.reduce((a, b) => (a.channel.lastInput() <= b.channel.lastInput() ? a : b));
    if (clock.now() - quietest.channel.lastInput() < silentMs) return false;
    quietest.close(streamError('reset', 'silent, and a newer stream needs the place'));
    return true;
  }

  const servers: Server[] = [];
  async function open(endpoint: { host: string; port: number }, transport: Transport): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => welcome(socket, transport));
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(endpoint.port, endpoint.host, () => {
        server.off('error', reject);
        server.on('error', (error) => log.error({ err: error }, 'the port of the partners has a fault'));
        resolve();
      });
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : endpoint.port;
  }

  let port: number;
  let directTlsPort: number | undefined;
  try {
    port = await open(settings.s2s, 'starttls');
    directTlsPort = settings.directTls === undefined ? undefined : await open(settings.directTls, 'direct-tls');
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  const sweep = setInterval(() => {
    for (const visit of visits.keys()) visit.check();
  }, times.sweep);

  return {
    port,
    directTlsPort,
    streams: () => [...visits.keys()].flatMap((visit) => visit.pairs()),
    heardFrom(localDomain, remoteDomain) {
      let latest = 0;
      for (const visit of visits.keys()) {
        if (visit.pairs().some((pair) => samePair(pair, { localDomain, remoteDomain }))) {
          latest = Math.max(latest, visit.lastInput());
        }
      }
      return latest;
    },
    async stop(condition) {
      stopping = true;
      for (const server of servers) server.close();
      for (const socket of announcing) socket.destroy();
      const gone = [...visits].map(
        ([visit, socket]) =>
          new Promise<void>((resolve) => {
            if (socket.closed) resolve();
            else socket.once('close', () => resolve());
            visit.close(streamError(condition, 'this node is going down'));
          }),
      );
      // A visit in its handshake hears nothing, and one whose stanza waits inside cannot read the peer's closing tag.
      const patience = setTimeout(() => {
        for (const socket of visits.values()) socket.destroy();
      }, times.close + 1_000);
      await Promise.all(gone);
      if (world.dns === undefined) dns.close();
      clearTimeout(patience);
      clearInterval(sweep);
    },
    dropPartner(domain, condition) {
      for (const visit of visits.keys()) {
        const carriesIt = visit.pairs().some(({ remoteDomain }) => remoteDomain === domain);
        if (carriesIt) visit.close(streamError(condition, 'dropped by the operator'));
      }
    },
  };
}

type Pair = Pick<StreamFacts, 'localDomain' | 'remoteDomain'>;

function samePair(a: Pair, b: Pair): boolean {
  return a.remoteDomain === b.remoteDomain && a.localDomain === b.localDomain;
}

// Whoever said nothing (Openfire probes so, N11) or left in order has done nothing wrong.
function isUnwelcome(ending: Ending): boolean {
  if (ending.kind === 'cut') return ending.quiet !== true;
  return ending.kind === 'error' ? ending.refusal !== undefined : ending.by === 'us';
}

// A full handshake costs as much as fifty stanzas.
function handshakeBudget(clock: Clock): () => boolean {
  let tokens = handshakesAtOnce;
  let filledAt = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(handshakesAtOnce, tokens + ((now - filledAt) / 1000) * handshakesPerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
