// Stanzas that wait for their stream: bounded in number, in bytes and in time (xmpp-boundary §0.2).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Shipment } from './shipment.ts';

export type OutboundQueue = {
  /** False: it is full. */
  readonly push: (shipment: Shipment, now: Instant) => boolean;
  /** The oldest, as many as `bytes` hold, at least one where there is one. */
  readonly take: (bytes: number) => readonly Shipment[];
  /** Takes out those that came before `instant`. */
  readonly takeOlder: (instant: Instant) => readonly Shipment[];
  readonly takeAll: () => readonly Shipment[];
  readonly size: () => number;
};

type Waiting = { readonly shipment: Shipment; readonly bytes: number; readonly since: Instant };

export function createOutboundQueue(limits: { readonly packets: number; readonly bytes: number }): OutboundQueue {
  const waiting: Waiting[] = [];
  let bytesWaiting = 0;

  function takeFirst(count: number): readonly Shipment[] {
    return waiting.splice(0, count).map(({ shipment, bytes }) => {
      bytesWaiting -= bytes;
      return shipment;
    });
  }

  return {
    push(shipment, now) {
      const bytes = Buffer.byteLength(shipment.xml);
      if (waiting.length >= limits.packets || bytesWaiting + bytes > limits.bytes) return false;
      waiting.push({ shipment, bytes, since: now });
      bytesWaiting += bytes;
      return true;
    },
    take(bytes) {
      let count = 0;
      let sum = 0;
      for (const each of waiting) {
        sum += each.bytes;
        if (count > 0 && sum > bytes) break;
        count += 1;
      }
      return takeFirst(count);
    },
    takeOlder(instant) {
      const young = waiting.findIndex(({ since }) => since > instant);
      return takeFirst(young < 0 ? waiting.length : young);
    },
    takeAll: () => takeFirst(waiting.length),
    size: () => waiting.length,
  };
}
