// Writes what waits to a live stream: joined, under its back-pressure, with pings or requests of stream management
// behind it (architecture §4.1 point 2; XEP-0198; xmpp-boundary B4, B5, L5).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { createDeliveries } from './deliveries.ts';
import type { Ending } from './ending.ts';
import type { Mutable, StreamFacts } from './facts.ts';
import { createLiveness, printPing } from './liveness.ts';
import type { OutboundQueue } from './outbound-queue.ts';
import { countTooHigh, enable, managementNs, noCount, readHandled } from './stream-management.ts';
import type { Times } from './times.ts';

/** A live stream that carries our stanzas, whoever dialled it. */
export type Carrier = {
  readonly channel: Channel;
  readonly facts: Mutable<StreamFacts>;
  /** The partner offers stream management, so that we ask for it. */
  readonly streamManagement: boolean;
};

export type OutboundWriter = {
  /** Writes all that waits, as far as the socket takes it; goes on by itself when the socket has drained. */
  readonly flush: () => void;
  readonly answered: (id: string) => boolean;
  /** What is done with an element of the partner: `other` is none of stream management; an ending ends the stream. */
  readonly hear: (element: XmlElement) => 'other' | 'taken' | Ending;
  /** The partner has enabled stream management on a stream that it dialled. */
  readonly manage: () => void;
  /** `holdsBack`: it is we who do not read, so that no answer can be missed. */
  readonly check: (now: Instant, holdsBack?: boolean) => 'alive' | 'dead';
  /** How many stanzas are written and not yet known to have arrived. */
  readonly unsettled: () => number;
  readonly lastStanza: () => Instant;
  /** Writes nothing more, but still takes answers. */
  readonly retire: () => void;
  /** The stream is lost: what is not settled may have arrived or not. */
  readonly lost: () => void;
};

const joinedAtMost = 65_536;
/** Under load one ping covers all that was written since the last one. */
const pingGapMs = 20;
/** A partner that holds its acknowledgement back is asked for it so often; a turn that wrote something asks at once. */
const requestGapMs = 100;
/** Beyond this, what waits is not written: the queue fills, and refuses. As much as the wall's link has under way. */
const unsettledAtMost = 4_000;

/**
 * `heardFrom` tells when the partner's own streams of this pair were last heard; `onManaged` is called when the partner
 * has enabled what we asked for.
 */
export function createOutboundWriter(
  stream: Carrier,
  queue: Pick<OutboundQueue, 'size' | 'take'>,
  clock: Clock,
  times: Times,
  heardFrom: () => Instant = () => 0,
  onManaged: () => void = () => {},
): OutboundWriter {
  const { channel, facts } = stream;
  const deliveries = createDeliveries(facts, times);
  const liveness = createLiveness(clock.now(), times);
  let management: 'none' | 'asked' | 'on' = 'none';
  let lastStanza = clock.now();
  let lastAsked: Instant = 0;
  let askTimer: NodeJS.Timeout | undefined;
  let awaitsDrain = false;
  let retired = false;
  let over = false;

  if (stream.streamManagement) {
    management = 'asked';
    channel.write(enable);
    deliveries.management('asked', clock.now());
  }

  function flush(): void {
    if (retired || awaitsDrain) return;
    while (queue.size() > 0 && deliveries.size() < unsettledAtMost) {
      if (channel.isFull()) {
        awaitsDrain = true;
        channel.whenDrained(() => {
          awaitsDrain = false;
          flush();
        });
        return;
      }
      const shipments = queue.take(joinedAtMost);
      const { handed } = deliveries.add(shipments);
      const now = clock.now();
      lastStanza = now;
      facts.stanzasOut += shipments.length;
      let xml = '';
      for (const shipment of shipments) xml += shipment.xml;
      if (queue.size() === 0 && (management === 'on' || now - lastAsked >= pingGapMs)) xml += askDue(now);
      channel.write(xml, (fault) => {
        if (fault === undefined || fault === null) handed(clock.now());
      });
    }
    askLater();
  }

  function askDue(now: Instant): string {
    const words = deliveries.ask(now);
    if (words !== undefined) lastAsked = now;
    return words ?? '';
  }

  function askLater(): void {
    if (askTimer !== undefined || over || deliveries.size() === 0) return;
    const gap = management === 'on' ? requestGapMs : pingGapMs;
    const due = Math.max(pingGapMs, lastAsked + gap - clock.now());
    askTimer = setTimeout(() => {
      askTimer = undefined;
      if (clock.now() - lastAsked < gap) askLater();
      else askNow();
    }, due);
    askTimer.unref();
  }

  function askNow(): void {
    if (over || channel.isFull()) return;
    const words = askDue(clock.now());
    if (words !== '') channel.write(words);
  }

  function manage(): void {
    management = 'on';
    facts.managed = true;
    deliveries.management('on', clock.now());
    askNow();
  }

  function onAnswer(element: XmlElement): 'taken' | Ending {
    const h = readHandled(element);
    if (h === undefined) return noCount();
    if (!deliveries.acknowledged(h)) return countTooHigh(h, deliveries.sent());
    settledSome();
    return 'taken';
  }

  function settledSome(): void {
    if (queue.size() > 0) flush();
    askLater();
  }

  function checkLiveness(now: Instant): 'alive' | 'dead' {
    if (retired || channel.isFull()) return 'alive';
    const verdict = liveness.check(now, () => Math.max(channel.lastInput(), heardFrom()));
    facts.heardAt = channel.lastInput();
    facts.missedPings = liveness.missed();
    if (verdict !== 'ask') return verdict;
    deliveries.addOwn();
    channel.write(printPing(facts));
    return 'alive';
  }

  return {
    flush,
    answered(id) {
      if (!deliveries.answered(id)) return false;
      settledSome();
      return true;
    },
    hear(element) {
      if (element.ns !== managementNs || management === 'none') return 'other';
      const now = clock.now();
      switch (element.name) {
        case 'enabled':
          if (management !== 'asked') return 'other';
          onManaged();
          manage();
          return 'taken';
        case 'failed':
          if (management !== 'asked') return 'other';
          management = 'none';
          deliveries.management('refused', now);
          askNow();
          return 'taken';
        case 'a':
          return management === 'on' ? onAnswer(element) : 'other';
        default:
          return 'other';
      }
    },
    manage,
    check(now, holdsBack = false) {
      if (holdsBack) {
        deliveries.excuse(now);
        return 'alive';
      }
      const verdict = deliveries.check(now);
      settledSome();
      return verdict === 'dead' ? 'dead' : checkLiveness(now);
    },
    unsettled: deliveries.size,
    lastStanza: () => lastStanza,
    retire() {
      retired = true;
    },
    lost() {
      retired = true;
      over = true;
      clearTimeout(askTimer);
      deliveries.lost();
    },
  };
}

/** Resolves when all that was written is confirmed, `withinMs` later at the latest. */
export async function confirmed(writer: Pick<OutboundWriter, 'unsettled'>, withinMs: number): Promise<void> {
  for (let waited = 0; waited < withinMs && writer.unsettled() > 0; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
