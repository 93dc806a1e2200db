// All peer groups with their connections: which one a request leaves on, whether a peer is up (sip-dialect §1, §2.5).
import type { TLSSocket } from 'node:tls';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { PeerStatus } from '../../adapter.ts';
import { type Connection, serveConnection, type Told } from './connection.ts';
import { type Dialler, keepDialled } from './dial.ts';
import { type Listener, listen } from './listen.ts';
import type { PeerGroup } from './peer-group.ts';

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
  readonly connections: Set<Connection>;
  readonly waiters: Set<Waiter>;
  dialler: Dialler | undefined;
  since: Instant;
};

const waitersAtMost = 4_096;
const silenceMs = 30_000;

/** The peers of the settings. `own` is what we present in both directions. */
export function createPeers(
  options: {
    readonly host: string;
    readonly port: number;
    readonly certPem: string;
    readonly keyPem: string;
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
      { group, connections: new Set(), waiters: new Set(), dialler: undefined, since: clock.now() },
    ]),
  );
  // Peers must not be asked all in the same second.
  const patience = new WeakMap<Connection, number>();
  let listener: Listener | undefined;
  let stopped = false;

  function serve(link: Link, socket: TLSSocket, name: string, dialled: boolean): void {
    const connection = serveConnection(socket, { group: link.group, name, dialled }, clock, {
      ...told,
      closed(gone, why) {
        link.connections.delete(gone);
        if (link.connections.size === 0) link.since = clock.now();
        log.info({ peer: name, dialled, why }, 'a SIP connection ended');
        if (dialled) link.dialler?.lost();
        told.closed(gone, why);
      },
    });
    if (link.connections.size === 0) link.since = clock.now();
    link.connections.add(connection);
    patience.set(connection, silenceMs + Math.random() * silenceMs);
    log.info({ peer: name, dialled, tls: socket.getProtocol() }, 'a SIP connection is up');
    for (const waiter of link.waiters) waiter.resolve(connection);
    link.waiters.clear();
  }

  function best(group: PeerGroup): Connection | undefined {
    let other: Connection | undefined;
    for (const connection of links.get(group)?.connections ?? []) {
      if (!connection.live()) continue;
      if (connection.dialled) return connection;
      other ??= connection;
    }
    return other;
  }

  return {
    async start() {
      listener = await listen(options, world, (socket, group, name) => {
        const link = links.get(group);
        if (link !== undefined) serve(link, socket, name, false);
      });
      for (const link of links.values()) {
        link.dialler = keepDialled(link.group, options, world, (socket, name) => serve(link, socket, name, true));
        link.dialler.want();
      }
      return listener.port;
    },
    serving(domain) {
      const serving = groups.filter((group) => group.settings.domains.includes(domain));
      return serving.find((group) => best(group) !== undefined) ?? serving[0];
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
      for (const link of links.values()) {
        link.dialler?.tick();
        for (const waiter of link.waiters) {
          if (waiter.deadline > now) {
            link.dialler?.want();
            continue;
          }
          link.waiters.delete(waiter);
          waiter.resolve(undefined);
        }
        for (const connection of link.connections) {
          const silent = now - connection.saidAt();
          if (connection.dialled && silent > (patience.get(connection) ?? silenceMs)) ping(connection);
        }
      }
    },
    status: () => [...links.values()].map((link) => statusOf(link, clock.now())),
    async stop() {
      stopped = true;
      for (const link of links.values()) {
        link.dialler?.stop();
        for (const waiter of link.waiters) waiter.resolve(undefined);
        link.waiters.clear();
        for (const connection of link.connections) connection.close('stopping');
      }
      await listener?.close();
    },
  };
}

function statusOf(link: Link, now: Instant): PeerStatus {
  const live = [...link.connections];
  const heard = Math.max(0, ...live.map((connection) => connection.heardAt()));
  const ours = live.filter((connection) => connection.dialled).length;
  const trouble = link.dialler?.trouble() ?? '';
  const detail =
    live.length === 0
      ? trouble || 'not connected yet'
      : `${ours} dialled, ${live.length - ours} from there, last heard ${Math.round((now - heard) / 1000)} s ago`;
  const state = live.length > 0 ? 'up' : link.dialler?.dialling() === true ? 'connecting' : 'down';
  const reached = ours === 0 && live.length > 0 && trouble !== '' ? `, not reached from here: ${trouble}` : '';
  return { peer: link.group.settings.fqdn, state, since: link.since, detail: detail + reached };
}
