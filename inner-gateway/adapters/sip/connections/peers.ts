// All peer groups with their connections: which one a request leaves on, whether a peer is up (sip-dialect §1, §2.5).
import type { TLSSocket } from 'node:tls';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { PeerStatus } from '../../adapter.ts';
import { type Connection, serveConnection, type Told } from './connection.ts';
import type { OwnTls } from './credentials.ts';
import { type Dialler, keepDialled } from './dial.ts';
import { type Listener, listen } from './listen.ts';
import type { PeerGroup, Recognised } from './peer-group.ts';
import { createSecondLook, type SecondLook } from './second-look.ts';

export type Peers = {
  /** Opens the listener and dials every group. Resolves with the port. */
  readonly start: () => Promise<number>;
  /** The group that serves an internal domain: one that is up, if there are several. */
  readonly serving: (domain: string) => PeerGroup | undefined;
  /** A live connection to a group: our own first, else one that the group has opened. */
  readonly best: (group: PeerGroup) => Connection | undefined;
  /** The same, waiting for it if need be; undefined where there is none in time, or too many wait already. */
  readonly reach: (group: PeerGroup, withinMs: number) => Promise<Connection | undefined>;
  /** Once a second: dials, ends waiting, and asks silent peers whether they live by `ping`. */
  readonly tick: (ping: (connection: Connection) => void) => void;
  readonly status: () => readonly PeerStatus[];
  readonly stop: () => Promise<void>;
};

type Waiter = { readonly deadline: Instant; readonly resolve: (connection: Connection | undefined) => void };
type Link = {
  readonly group: PeerGroup;
  readonly connections: Map<Connection, Kept>;
  readonly waiters: Set<Waiter>;
  dialler: Dialler | undefined;
  /** The connection that we dialled last; an older one only finishes what it has begun. */
  ours: Connection | undefined;
  since: Instant;
  lateList: boolean;
};
type Kept = {
  readonly secondLook: SecondLook;
  /** Of our certificate, where we dialled. */
  readonly generation: number | undefined;
  readonly pingAfterMs: number;
  endAt: Instant;
};

const waitersAtMost = 4_096;
const silenceMs = 30_000;
/** A connection that was replaced may still carry answers for so long (timer F, RFC 3261 §17.1.2.2). */
const finishMs = 32_000;

/** The peers of the settings. `own` is what we present in both directions, from now on. */
export function createPeers(
  options: {
    readonly host: string;
    readonly port: number;
    readonly own: () => OwnTls;
    readonly groups: readonly PeerGroup[];
  },
  world: { readonly clock: Clock; readonly log: Log },
  told: Told,
): Peers {
  const { groups } = options;
  const { clock, log } = world;
  const links = new Map<PeerGroup, Link>(
    groups.map((group) => [
      group,
      {
        group,
        connections: new Map(),
        waiters: new Set(),
        dialler: undefined,
        ours: undefined,
        since: clock.now(),
        lateList: false,
      },
    ]),
  );
  let listener: Listener | undefined;
  let presented = 0;
  let stopped = false;

  /** `generation` of our certificate: where we dialled. */
  function serve(link: Link, socket: TLSSocket, who: Extract<Recognised, { known: true }>, generation?: number): void {
    const { name } = who;
    const dialled = generation !== undefined;
    const connection = serveConnection(socket, { group: link.group, name, dialled }, clock, {
      ...told,
      closed(gone, why) {
        link.connections.delete(gone);
        if (link.connections.size === 0) link.since = clock.now();
        log.info({ peer: name, dialled, why }, 'a SIP connection ended');
        if (gone === link.ours) {
          link.ours = undefined;
          link.dialler?.lost();
        }
        told.closed(gone, why);
      },
    });
    if (link.connections.size === 0) link.since = clock.now();
    const before = link.ours === undefined ? undefined : link.connections.get(link.ours);
    if (dialled) {
      if (before !== undefined) before.endAt = clock.now() + finishMs;
      link.ours = connection;
    }
    link.connections.set(connection, {
      secondLook: createSecondLook(who, clock),
      generation,
      // Peers must not be asked all in the same second.
      pingAfterMs: silenceMs + Math.random() * silenceMs,
      endAt: Number.POSITIVE_INFINITY,
    });
    log.info({ peer: name, dialled, tls: socket.getProtocol() }, 'a SIP connection is up');
    for (const waiter of link.waiters) waiter.resolve(connection);
    link.waiters.clear();
  }

  function best(group: PeerGroup): Connection | undefined {
    const link = links.get(group);
    if (link?.ours?.live() === true) return link.ours;
    for (const connection of link?.connections.keys() ?? []) if (connection.live()) return connection;
    return undefined;
  }

  function checkConnections(link: Link, now: Instant, ping: (connection: Connection) => void): void {
    for (const [connection, kept] of link.connections) {
      const silent = now - connection.saidAt();
      if (connection.dialled && silent > kept.pingAfterMs) ping(connection);
      if (now >= kept.endAt) connection.close('replaced by a newer one');
      else {
        kept.secondLook.check(now, (why) => {
          log.warn({ peer: connection.name, why }, 'a SIP peer is believed no more');
          connection.close(why);
        });
      }
    }
  }

  // Connections that came to us stay: they prove their owner, and go on under what we showed them then.
  function renew(own: OwnTls): void {
    if (own.generation !== presented) {
      presented = own.generation;
      listener?.present(own);
    }
    for (const link of links.values()) {
      const ours = link.ours === undefined ? undefined : link.connections.get(link.ours);
      if (ours !== undefined && ours.generation !== own.generation) link.dialler?.renew();
    }
  }

  function tellLateList(link: Link, now: Instant): void {
    const { due = Number.POSITIVE_INFINITY } = link.group.trust();
    if (due <= now && !link.lateList) {
      log.warn(
        { peer: link.group.settings.fqdn, file: link.group.settings.crlFile },
        'a revocation list is out of date',
      );
    }
    link.lateList = due <= now;
  }

  return {
    async start() {
      const own = options.own();
      presented = own.generation;
      listener = await listen({ ...options, own }, world, (socket, who) => {
        const link = links.get(who.group);
        if (link !== undefined) serve(link, socket, who);
      });
      for (const link of links.values()) {
        link.dialler = keepDialled(link.group, options.own, world, (socket, who, generation) =>
          serve(link, socket, who, generation),
        );
        link.dialler.want();
      }
      return listener.port;
    },
    serving(domain) {
      let down: PeerGroup | undefined;
      for (const group of groups) {
        if (!group.settings.domains.includes(domain)) continue;
        if (best(group) !== undefined) return group;
        down ??= group;
      }
      return down;
    },
    best,
    reach(group, withinMs) {
      const ready = best(group);
      if (ready !== undefined) return Promise.resolve(ready);
      const link = links.get(group);
      if (stopped || link === undefined || link.waiters.size >= waitersAtMost) return Promise.resolve(undefined);
      link.dialler?.want();
      return new Promise((resolve) => {
        link.waiters.add({ deadline: clock.now() + withinMs, resolve });
      });
    },
    tick(ping) {
      const now = clock.now();
      renew(options.own());
      for (const link of links.values()) {
        link.dialler?.tick();
        tellLateList(link, now);
        for (const waiter of link.waiters) {
          if (waiter.deadline > now) {
            link.dialler?.want();
            continue;
          }
          link.waiters.delete(waiter);
          waiter.resolve(undefined);
        }
        checkConnections(link, now, ping);
      }
    },
    status: () => [...links.values()].map((link) => statusOf(link, clock.now())),
    async stop() {
      stopped = true;
      for (const link of links.values()) {
        link.dialler?.stop();
        for (const waiter of link.waiters) waiter.resolve(undefined);
        link.waiters.clear();
        for (const connection of link.connections.keys()) connection.close('stopping');
      }
      await listener?.close();
    },
  };
}

function statusOf(link: Link, now: Instant): PeerStatus {
  const live = [...link.connections.keys()];
  const heard = Math.max(0, ...live.map((connection) => connection.heardAt()));
  const ours = live.filter((connection) => connection.dialled).length;
  const trouble = link.dialler?.trouble() ?? '';
  const detail =
    live.length === 0
      ? trouble || 'not connected yet'
      : `${ours} dialled, ${live.length - ours} from there, last heard ${Math.round((now - heard) / 1000)} s ago`;
  const state = live.length > 0 ? 'up' : link.dialler?.dialling() === true ? 'connecting' : 'down';
  const reached = ours === 0 && live.length > 0 && trouble !== '' ? `, not reached from here: ${trouble}` : '';
  const late = link.lateList ? ', its revocation list is out of date' : '';
  return { peer: link.group.settings.fqdn, state, since: link.since, detail: detail + reached + late };
}
