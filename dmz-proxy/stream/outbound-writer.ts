// Writes what waits to a live stream: joined, under its back-pressure, with pings behind it (architecture §4.1 point 2).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { createDeliveries } from './deliveries.ts';
import type { DialledStream } from './dial-stream.ts';
import type { OutboundQueue } from './outbound-queue.ts';
import type { Times } from './times.ts';

export type OutboundWriter = {
  /** Writes all that waits, as far as the socket takes it; goes on by itself when the socket has drained. */
  readonly flush: () => void;
  readonly answered: (id: string) => boolean;
  readonly check: (now: Instant) => 'alive' | 'dead';
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

export function createOutboundWriter(
  stream: DialledStream,
  queue: OutboundQueue,
  clock: Clock,
  times: Times,
): OutboundWriter {
  const { channel, facts } = stream;
  const deliveries = createDeliveries(facts, times);
  let lastStanza = clock.now();
  let lastPing: Instant = 0;
  let pingTimer: NodeJS.Timeout | undefined;
  let awaitsDrain = false;
  let retired = false;
  let over = false;

  function flush(): void {
    if (retired || awaitsDrain) return;
    while (queue.size() > 0) {
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
      if (queue.size() === 0 && now - lastPing >= pingGapMs) xml += pingDue(now);
      channel.write(xml, (fault) => {
        if (fault === undefined || fault === null) handed(clock.now());
      });
    }
    pingLater();
  }

  function pingDue(now: Instant): string {
    const ping = deliveries.ping(now);
    if (ping !== undefined) lastPing = now;
    return ping ?? '';
  }

  function pingLater(): void {
    if (pingTimer !== undefined || over || deliveries.size() === 0) return;
    pingTimer = setTimeout(() => {
      pingTimer = undefined;
      if (over || channel.isFull()) return;
      const ping = pingDue(clock.now());
      if (ping !== '') channel.write(ping);
    }, pingGapMs);
    pingTimer.unref();
  }

  return {
    flush,
    answered(id) {
      if (!deliveries.answered(id)) return false;
      pingLater();
      return true;
    },
    check(now) {
      pingLater();
      return deliveries.check(now);
    },
    unsettled: deliveries.size,
    lastStanza: () => lastStanza,
    retire() {
      retired = true;
    },
    lost() {
      retired = true;
      over = true;
      clearTimeout(pingTimer);
      deliveries.lost();
    },
  };
}
