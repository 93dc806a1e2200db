// Presence, subscriptions and questions of partners, until a network inside can be asked: who is where is remembered, the
// newest of each device, and whoever asks is told at once (RFC 6121 §3, §4; xmpp-boundary §3.5).
import { hash } from 'node:crypto';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import { counter, gauge } from '@sallyport/shared/metrics.ts';
import type { Availability, Content, Outcome, Packet, Presence } from '@sallyport/shared/packet.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import type { Acceptance } from '../adapters/adapter.ts';

/** `removed`: it is no partner any more. `unproved`: its certificate no longer holds. */
export type PartnerGone = 'removed' | 'unproved';

type End = Exclude<Outcome, { readonly state: 'written' }>;

/** What each device of one person said last to one user inside, the oldest news first. */
type Devices = Map<string, Availability>;

/** The people of one partner, by `person user`, the oldest news first; and how many devices that are in all. */
type People = { readonly devices: Map<string, Devices>; count: number };

export type PresenceDesk = {
  /** The end of a packet that is for the desk; undefined for one that a network has to carry. */
  readonly take: (packet: Packet) => End | Promise<End> | undefined;
  /** A packet has reached its user: where its sender asked to be told, and may be (XEP-0184), he is. */
  readonly arrived: (packet: Packet) => void;
  /** Nobody of this domain can be reached any more: all its people are unavailable. */
  readonly partnerIsGone: (domain: string, why: PartnerGone) => void;
  /** The devices of a partner that are available to somebody inside, in words; empty for none. */
  readonly available: (domain: string) => string;
};

/**
 * So many devices are remembered of one person, of one partner, and in all. Beyond the first two the oldest is forgotten,
 * beyond the last nothing new is remembered; nor is a device whose address is longer than people's are.
 */
export const presenceAtMost = { ofPerson: 16, ofPartner: 20_000, inAll: 100_000, characters: 256 };

const delivered: End = { state: 'delivered' };
const presences = gauge('presence_known', 'devices of partners that are available to somebody inside');
const partnersGone = counter('presence_partner_gone_total', 'partners whose people became unavailable all at once', [
  'why',
] as const);

/** `say` accepts a packet from inside, as that of any network. `isInside`: of one of the internal domains. */
export function createPresenceDesk(world: {
  readonly isInside: (domain: string) => boolean;
  readonly say: (packet: Packet) => Promise<Acceptance>;
  readonly mayHearOfArrivals: (domain: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}): PresenceDesk {
  const partners = new Map<string, People>();
  let known = 0;

  function remember({ from, to }: Packet, { availability }: Presence): End {
    const people: People = partners.get(from.domain) ?? { devices: new Map(), count: 0 };
    const before = people.count;
    const key = `${from.bare} ${to.bare}`;
    const devices: Devices = people.devices.get(key) ?? new Map();
    const had = devices.size;
    if (availability === 'unavailable' && from.resource === '') devices.clear();
    else devices.delete(from.resource);
    if (availability !== 'unavailable' && mayRemember(key, from.resource)) {
      if (devices.size >= presenceAtMost.ofPerson) forgetOldest(devices);
      devices.set(from.resource, availability);
    }
    // INVARIANT: in the order of their news.
    people.devices.delete(key);
    if (devices.size > 0) people.devices.set(key, devices);
    people.count += devices.size - had;
    if (people.count > presenceAtMost.ofPartner) forgetOldestOf(people);
    known += people.count - before;
    if (people.count === 0) partners.delete(from.domain);
    else partners.set(from.domain, people);
    presences.set(known);
    return delivered;
  }

  function mayRemember(key: string, resource: string): boolean {
    return known < presenceAtMost.inAll && key.length + resource.length <= presenceAtMost.characters;
  }

  function answerTo({ id, from, to }: Pick<Packet, 'id' | 'from' | 'to'>, content: Content): Packet {
    const name = `desk-${hash('sha256', id).slice(0, 32)}`;
    return { id: name, from: to, to: from, at: world.clock.now(), delayed: false, stanzaId: '', lang: '', content };
  }

  // Nobody inside can be asked, so that nobody is watched. Kept before the request ends, and once for each request.
  async function denied({ id, from, to }: Packet): Promise<End> {
    const answer = await world.say(answerTo({ id, from, to }, { kind: 'subscription', step: 'unsubscribed' }));
    return answer.passed ? delivered : { state: 'refused', refusal: answer.refusal };
  }

  function take(packet: Packet): End | Promise<End> | undefined {
    if (world.isInside(packet.from.domain)) return undefined;
    const { content } = packet;
    switch (content.kind) {
      case 'presence':
        return remember(packet, content);
      case 'subscription':
        switch (content.step) {
          case 'subscribe':
            return denied(packet);
          case 'unsubscribe':
            // There is nothing to end, and no answer to it (RFC 6121 §3.3.3).
            return delivered;
          case 'subscribed':
          case 'unsubscribed':
            // An answer to a request that nobody inside has made (trap d of §3.5: it changes nothing).
            return refused('answer-not-asked');
          default:
            return content.step satisfies never;
        }
      case 'probe':
        // Nobody may be watched, and silence is what those who do not exist say as well (S15).
        return delivered;
      case 'bounce':
        return content.ofKind === 'message' ? undefined : delivered;
      case 'card-query':
        // As for somebody who does not exist: there is no directory to ask.
        return refused('query-not-served');
      case 'avatar':
        // That somebody has another picture is heard; its bytes nobody has asked for.
        return content.data.length === 0 ? delivered : refused('not-carried');
      case 'card':
      case 'avatar-query':
        return refused('not-carried');
      case 'receipt':
        // It was asked for, and no network inside has a place to show it.
        return delivered;
      case 'message':
      case 'chat-state':
      case 'reactions':
      case 'retraction':
      case 'invitation':
        return undefined;
      default:
        return content satisfies never;
    }
  }

  return {
    take,
    arrived(packet) {
      const { content, stanzaId } = packet;
      if (content.kind !== 'message' || content.receiptRequested !== true || stanzaId === '') return;
      if (world.isInside(packet.from.domain) || !world.mayHearOfArrivals(packet.from.domain)) return;
      world.say(answerTo(packet, { kind: 'receipt', what: 'received', ofId: stanzaId })).catch(() => {
        world.log.error({ packet: packet.id }, 'a receipt could not be sent');
      });
    },
    partnerIsGone(domain, why) {
      const people = partners.get(domain);
      if (people === undefined) return;
      partners.delete(domain);
      known -= people.count;
      presences.set(known);
      partnersGone.inc({ why });
      world.log.warn({ domain, why, devices: people.count }, 'the people of a partner are unavailable from now on');
    },
    available(domain) {
      const counts = new Map<Availability, number>();
      for (const devices of partners.get(domain)?.devices.values() ?? []) {
        for (const each of devices.values()) counts.set(each, (counts.get(each) ?? 0) + 1);
      }
      return [...counts].map(([availability, devices]) => `${devices} ${availability}`).join(', ');
    },
  };
}

function forgetOldestOf(people: People): void {
  const [oldest] = people.devices;
  if (oldest === undefined) return;
  const [key, devices] = oldest;
  forgetOldest(devices);
  people.count -= 1;
  if (devices.size === 0) people.devices.delete(key);
}

function forgetOldest(devices: Devices): void {
  const [oldest] = devices.keys();
  if (oldest !== undefined) devices.delete(oldest);
}

function refused(code: RefusalCode): End {
  return { state: 'refused', refusal: { code, stage: 'presenceDesk' } };
}
