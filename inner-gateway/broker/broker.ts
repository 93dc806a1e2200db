// The middle of the gateway: accepts what the adapters receive, owns it, and gives it to the network it is for.
import type { Audit } from '@sallyport/shared/audit.ts';
import type { Clock } from '@sallyport/shared/clock.ts';
import { createTails } from '@sallyport/shared/content/tails.ts';
import type { Watcher } from '@sallyport/shared/judge.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { Accept, Adapter, Delivery } from '../adapters/adapter.ts';
import type { HeldActions, Quarantine } from '../quarantine/quarantine.ts';
import type { End, Store } from '../store/store.ts';
import { createAccept, type Doors } from './accept.ts';
import { chooseNetwork } from './choose-network.ts';
import { createHeldDesk, type HeldDesk } from './held-desk.ts';
import { createHold } from './hold.ts';
import { createMoments } from './moments.ts';
import { createNewsDesk } from './news.ts';
import { createOutbox, type DeliveryEnd, faultOf } from './outbox.ts';
import { type Place, untilGone } from './place.ts';
import { createPresenceDesk, type PresenceDesk } from './presence-desk.ts';
import { createProbing } from './probing.ts';
import { createRecords, type PastRefusal } from './records.ts';
import type { SentIds } from './sent-ids.ts';

export type BrokerWorld = {
  readonly store: Store;
  readonly adapters: readonly Adapter[];
  /** The internal domains. */
  readonly domains: readonly string[];
  /** The internal users who may talk to partners, as bare addresses in lower case. */
  readonly users: readonly string[];
  readonly policy: () => Policy;
  readonly audit: Audit;
  readonly log: Log;
  readonly clock: Clock;
  /** New at every start of the process; the ids of what the broker makes begin with it. */
  readonly bootId: string;
  /** Makes and knows the ids under which packets leave. */
  readonly sentIds: SentIds;
  /** Where content rules hold packets; without it, what would be held is refused. */
  readonly quarantine?: Quarantine;
  readonly watcher?: Watcher;
};

export type Broker = {
  readonly accept: Accept;
  /** Takes over what an earlier process left, starts the adapters, and delivers. Rejects when an adapter cannot start. */
  readonly start: () => Promise<void>;
  /** Refuses what is new, stops the adapters, and waits until what has ended is on disk. What has not, stays kept. */
  readonly stop: () => Promise<void>;
  /** What is known of an id, for the reconciliation after a link cut. Rejects when the store cannot be read. */
  readonly lookUp: (id: PacketId) => Promise<'kept' | End | undefined>;
  /** Resolves when a packet counts at the bounds no more; at once for one that does not. */
  readonly ended: (id: PacketId) => Promise<void>;
  /** How many packets have not been handed to an adapter yet. */
  readonly waiting: () => number;
  /** How many kept packets have no end yet. */
  readonly unsettled: () => number;
  /** What operators do with held packets; absent without a quarantine. */
  readonly held: (HeldActions & Pick<HeldDesk, 'sweep'>) | undefined;
  /** Where the people of partners are, as far as somebody inside was told. */
  readonly presence: Pick<PresenceDesk, 'partnerIsGone' | 'available'>;
  /** The last 50, oldest first. */
  readonly lastRefusals: () => readonly PastRefusal[];
};

export function createBroker(world: BrokerWorld): Broker {
  const { store, adapters, policy, audit, log, clock, bootId } = world;
  const domains: ReadonlySet<string> = new Set(world.domains);
  const users: ReadonlySet<string> = new Set(world.users);
  const byNetwork = new Map(adapters.map((adapter) => [adapter.network, adapter]));
  const records = createRecords(audit, clock);
  const news = createNewsDesk();
  let made = 0;
  let stopping = false;

  const networkOf = (packet: Packet) => chooseNetwork(packet.to.domain, domains);
  const nextId = () => `${bootId}-broker-${++made}`;

  const desk = createPresenceDesk({
    isInside: (domain) => domains.has(domain),
    mayHearOfArrivals: (domain) => policy().partners.get(domain)?.vocabulary?.has('arrivals') === true,
    say: (packet) => accept(packet, { network: 'sip', peer: 'presence desk' }),
    clock,
    log,
  });

  async function deliver(delivery: Delivery): Promise<DeliveryEnd> {
    const adapter = byNetwork.get(networkOf(delivery.packet));
    if (adapter === undefined) return { state: 'refused', refusal: { code: 'network-away', note: 'no such adapter' } };
    try {
      const taken = desk.take(delivery.packet);
      if (taken !== undefined) return await taken;
      const end = await adapter.deliver(delivery);
      if (end.state === 'delivered') desk.arrived(delivery.packet);
      return end;
    } catch (error) {
      log.error({ network: adapter.network, packet: delivery.packet.id }, 'an adapter threw');
      return faultOf(error);
    }
  }

  const outbox = createOutbox({ store, clock, log, news, records, nextId, networkOf, deliver });
  const moments = createMoments(news, deliver, (packet, end, since) => {
    const origin = domains.has(packet.from.domain) ? 'sip' : 'xmpp';
    if (end.state === 'delivered') records.delivered(packet, origin, since);
    else records.refused(packet, origin, end.refusal, since);
  });
  const { quarantine } = world;
  const withSentId = (packet: Packet) => doors.withSentId(packet);
  const judgeHeld: Doors['judgeHeld'] = (packet, origin) => doors.judgeHeld(packet, origin);
  const heldDesk =
    quarantine === undefined
      ? undefined
      : createHeldDesk({
          ...{ quarantine, store, outbox, records, audit, policy, clock, log, nextId, networkOf },
          ...{ judgeHeld, withSentId },
        });
  const hold = createHold({
    ...{ quarantine, store, outbox, audit, policy, clock, log, nextId, networkOf, withSentId },
    onHeld: () => heldDesk?.changed(),
  });
  const doors = createAccept({
    ...{ domains, users, policy, store, clock, log, bootId, outbox, moments, news, records },
    ...(world.watcher === undefined ? {} : { watcher: world.watcher }),
    ...{ sentIds: world.sentIds, hold },
    tails: createTails(clock),
    probing: createProbing(),
    stopping: () => stopping,
  });
  const accept: Accept = doors.accept;

  // An audit line for each that goes on: the process that kept it may have died before it could write one.
  async function recover(place: Place): Promise<void> {
    try {
      await records.accepted(place.packet, place.origin, policy().revision, { note: 'recovered after a restart' });
      outbox.ready(place);
    } catch {
      const refusal = { code: 'internal-fault', note: 'the audit did not record it' } as const;
      await outbox.refuse(place, { state: 'refused', refusal });
    }
  }

  return {
    accept,
    async start() {
      const kept = await store.unsettled();
      await heldDesk?.reconcile(kept);
      const left = kept.map((each) => outbox.recover(each));
      if (left.length > 0) log.info({ packets: left.length }, 'taking over what was not delivered before the restart');
      await Promise.all(left.map(recover));
      await heldDesk?.start();
      await Promise.all(adapters.map((adapter) => adapter.start(accept)));
      outbox.open();
    },
    async stop() {
      stopping = true;
      heldDesk?.stop();
      outbox.close();
      // Who waits for news of what is kept is answered while there is a connection: it will be delivered.
      news.close();
      await Promise.allSettled(adapters.map((adapter) => adapter.stop()));
      await outbox.written();
    },
    async lookUp(id) {
      const place = outbox.find(id);
      if (place?.ready === true) return 'kept';
      await place?.acceptance;
      return store.lookUp(id);
    },
    async ended(id) {
      const place = outbox.find(id);
      if (place !== undefined) await untilGone(place);
    },
    held: heldDesk,
    presence: desk,
    waiting: () => outbox.waiting() + moments.waiting(),
    unsettled: outbox.unsettled,
    lastRefusals: records.lastRefusals,
  };
}
