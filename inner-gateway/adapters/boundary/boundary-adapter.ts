// The outside as the broker sees it: packets for XMPP partners go over the wall, what partners say comes over it.
import type { PartnerState__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnerState.ts';
import type { AuditHead } from '@sallyport/shared/audit.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Diagnosis } from '@sallyport/shared/finding.ts';
import { revisionWords } from '@sallyport/shared/link/agreement.ts';
import type { Held, Receive } from '@sallyport/shared/link/arrivals.ts';
import type { Settlement } from '@sallyport/shared/link/frame.ts';
import { createPeer, type Peer, type PeerWorld } from '@sallyport/shared/link/peer.ts';
import { rendezvous } from '@sallyport/shared/link/rendezvous.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { gauge } from '@sallyport/shared/metrics.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { SignedRevision } from '@sallyport/shared/policy/signed-revision.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { createSlotMap } from '@sallyport/shared/slot-map.ts';
import type { GatewaySettings } from '../../settings.ts';
import type { Accept, Adapter, Delivery } from '../adapter.ts';
import { createPolicyDelivery } from './deliver-policy.ts';
import { type Dialling, keepDialling } from './dial-link.ts';

export type BoundaryWorld = {
  readonly settings: GatewaySettings['link'];
  readonly introduction: PeerWorld['introduction'];
  /** What the store knows of a packet that an earlier process of this node took. */
  readonly lookUp: (id: PacketId) => Promise<Settlement | Held | undefined>;
  /** A proxy says that a partner is off, and why; again and again while it is so. */
  readonly onPartnerOff?: (domain: string, why: PartnerOff) => void;
  /** A proxy offered what is no packet (I4): refused, and for the audit, since an honest proxy never does. */
  readonly onUnreadable: (id: PacketId, refusal: Refusal) => void;
  /** Writes down durably where the audit of a proxy stands. */
  readonly witness: (proxy: string, head: AuditHead) => Promise<void>;
  /** The signed policy that a proxy may have; undefined: the proxies get theirs by other ways. */
  readonly policyForDmz?: () => SignedRevision | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/** `removed`: it is no partner any more. `unproved`: its certificate no longer holds. */
export type PartnerOff = 'removed' | 'unproved';

export type BoundaryAdapter = Adapter & {
  /** What the proxies last told of their partners. */
  readonly partners: () => readonly PartnerState__Output[];
  /** Another policy is in force: every proxy is given its copy. */
  readonly policyChanged: () => void;
  /** What the doctor of each proxy finds about a partner, and of each that could not be asked why. */
  readonly diagnose: (question: {
    readonly domain: string;
    readonly from: string;
  }) => Promise<{ readonly diagnoses: readonly Diagnosis[]; readonly troubles: readonly string[] }>;
};

type Ended = Awaited<ReturnType<Adapter['deliver']>>;
type Waiting = {
  readonly delivery: Delivery;
  readonly end: (ended: Ended) => void;
  readonly since: Instant;
  readonly peer: Peer;
};

// Never offered for so long: its sender is told. Offered on a link that was cut: the proxy is asked when it is back.
const unofferedMs = 120_000;
const unansweredMs = 600_000;
const sweepMs = 1_000;
const delivered = { state: 'delivered' } as const;
const linksUp = gauge('proxy_connected', '1 while a proxy is connected', ['proxy']);

/** The adapter of the network `xmpp`; dials when it is started. */
export function createBoundaryAdapter(world: BoundaryWorld): BoundaryAdapter {
  const { settings, clock, log } = world;
  const waiting = createSlotMap<PacketId, Waiting>();
  const partners = new Map<string, PartnerState__Output>();
  let accept: Accept | undefined;
  let dialling: readonly Dialling[] = [];

  const receive: Receive = (packet, _again, news) => {
    const from = packet.from.domain;
    if (accept === undefined) {
      news.settled({ state: 'refused', refusal: { code: 'shutting-down', stage: 'accept' } });
      return;
    }
    accept(packet, { network: 'xmpp', peer: from }).then(
      (acceptance) => {
        if (!acceptance.passed) {
          news.settled({ state: 'refused', refusal: acceptance.refusal });
          return;
        }
        news.taken();
        void acceptance.ended().then(() => news.settled(delivered));
      },
      (error: unknown) => {
        log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'accept threw');
        news.settled({ state: 'refused', refusal: { code: 'internal-fault', stage: 'accept' } });
      },
    );
  };

  const peers = new Map(
    settings.proxies.map((proxy) => {
      linksUp.set({ proxy: proxy.uri }, 0);
      const peer = createPeer({
        introduction: world.introduction,
        receive,
        lookUp: world.lookUp,
        onUnreadable: world.onUnreadable,
        marks: 'held',
        // Written is not durable: a proxy that died may or may not have got it through.
        afterTaken: 'offer-again',
        onUp(hello) {
          linksUp.set({ proxy: proxy.uri }, 1);
          const ours = world.introduction().policyRevision;
          log.info(
            { proxy: proxy.uri, peerNode: hello.node.slice(0, 64), skewMs: hello.clockMs - clock.now() },
            'the proxy is connected',
          );
          if (hello.policyRevision !== ours)
            log.warn({ proxy: proxy.uri }, 'the proxy has another revision of the policy');
        },
        onDown() {
          linksUp.set({ proxy: proxy.uri }, 0);
          log.warn({ proxy: proxy.uri }, 'the proxy is away');
        },
        audit: { witness: (head) => world.witness(proxy.uri, head) },
        clock,
        log,
      });
      return [proxy.uri, peer] as const;
    }),
  );

  const deliveries = settings.proxies.map(({ uri }) =>
    createPolicyDelivery(uri, world.policyForDmz ?? (() => undefined), log),
  );

  const onlyPeer = peers.size === 1 ? [...peers.values()][0] : undefined;

  function choosePeer({ from, to }: Packet): Peer | undefined {
    if (onlyPeer !== undefined) return onlyPeer;
    const key = `${from.domain} ${to.domain}`;
    const live: string[] = [];
    for (const [uri, peer] of peers) if (peer.facts().up) live.push(uri);
    return peers.get(rendezvous(live.length > 0 ? live : [...peers.keys()], key) ?? '');
  }

  function refuse(each: Waiting, note: string): void {
    waiting.delete(each.delivery.packet.id);
    each.end({ state: 'refused', refusal: { code: 'partner-unreachable', stage: 'send-outside', note } });
  }

  const sweep = setInterval(() => {
    const now = clock.now();
    for (const each of waiting.values()) {
      const age = now - each.since;
      if (age < unofferedMs) break;
      const id = each.delivery.packet.id;
      if (each.peer.withdraw(id)) refuse(each, 'no proxy was connected');
      else if (age > unansweredMs && each.peer.withdraw(id, true)) refuse(each, 'the proxy did not come back');
    }
  }, sweepMs);
  sweep.unref();

  return {
    network: 'xmpp',
    async start(toAccept) {
      accept = toAccept;
      dialling = settings.proxies.flatMap((proxy, i) => {
        const [peer, delivery] = [peers.get(proxy.uri), deliveries[i]];
        if (peer === undefined || delivery === undefined) return [];
        return [
          keepDialling({
            settings,
            proxy,
            peer,
            delivery,
            log,
            onPartner(state) {
              rememberPartner(partners, proxy.uri, state);
              const off = offOf(state);
              if (off !== undefined) world.onPartnerOff?.(shown(state.domain, 253), off);
            },
          }),
        ];
      });
    },
    deliver(delivery) {
      const { packet } = delivery;
      const peer = choosePeer(packet);
      if (peer === undefined) {
        return Promise.resolve({ state: 'refused', refusal: { code: 'partner-unreachable', stage: 'send-outside' } });
      }
      return new Promise((end) => {
        waiting.set(packet.id, { delivery, end, since: clock.now(), peer });
        peer.offer({
          packet,
          again: delivery.again,
          taken: delivery.written,
          settled(settlement) {
            waiting.delete(packet.id);
            end(settlement);
          },
        });
      });
    },
    async stop() {
      accept = undefined;
      clearInterval(sweep);
      for (const each of dialling) each.stop();
      for (const peer of peers.values()) peer.farewell('the gateway is going down');
      const deadline = clock.now() + 2_500;
      while ([...peers.values()].some((peer) => peer.facts().up) && clock.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    status: () =>
      settings.proxies.map((proxy, i) => {
        const facts = peers.get(proxy.uri)?.facts();
        const trouble = dialling[i]?.lastTrouble() ?? '';
        return {
          peer: proxy.uri,
          state: facts?.up === true ? 'up' : 'down',
          since: facts?.since ?? 0,
          detail:
            facts?.up === true
              ? `${facts.node}, ${facts.software}, ${revisionWords(facts.policyRevision, world.introduction().policyRevision)}${withTrouble(deliveries[i]?.trouble())}`
              : trouble,
        };
      }),
    partners: () => [...partners.values()],
    policyChanged() {
      for (const delivery of deliveries) delivery.policyChanged();
    },
    async diagnose(question) {
      const begun = clock.now();
      const answers = await Promise.all(
        settings.proxies.map(async ({ uri }, i) => {
          const answer = (await dialling[i]?.diagnose(question)) ?? { trouble: 'it is not connected' };
          if ('trouble' in answer) return `${uri}: ${answer.trouble}`;
          return { ...question, ...answer, tookMs: clock.now() - begun };
        }),
      );
      return {
        diagnoses: answers.filter((answer) => typeof answer === 'object'),
        troubles: answers.filter((answer) => typeof answer === 'string'),
      };
    },
  };
}

function withTrouble(words = ''): string {
  return words === '' ? '' : ` (${words})`;
}

function offOf({ standing }: PartnerState__Output): PartnerOff | undefined {
  if (standing === 'PARTNER_REMOVED') return 'removed';
  return standing === 'PARTNER_UNPROVED' ? 'unproved' : undefined;
}

// What a proxy tells is shown to an operator and kept: so many partners, of each so much, and no terminal commands.
const partnersAtMost = 5_000;
const streamsAtMost = 16;

function rememberPartner(
  partners: Map<string, PartnerState__Output>,
  proxy: string,
  state: PartnerState__Output,
): void {
  const domain = shown(state.domain, 253);
  const key = `${proxy} ${domain}`;
  if (!partners.has(key) && partners.size >= partnersAtMost) return;
  const streams = state.streams.slice(0, streamsAtMost).map((stream) => ({
    ...stream,
    localDomain: shown(stream.localDomain, 253),
    remoteAddress: shown(stream.remoteAddress, 64),
    tls: shown(stream.tls, 16),
    certificateSha256: shown(stream.certificateSha256, 100),
    matchedName: shown(stream.matchedName, 300),
  }));
  const policy = state.policy && {
    published: shown(state.policy.published, 64),
    received: shown(state.policy.received, 64),
    verified: shown(state.policy.verified, 64),
    active: shown(state.policy.active, 64),
  };
  partners.set(key, { ...state, domain, streams, lastError: shown(state.lastError, 200), policy });
}

// A copy: a slice of a long text would keep the whole of it in memory.
function shown(text: string, characters: number): string {
  const cleaned = text.slice(0, characters).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return Buffer.from(cleaned).toString();
}
