// A ping through a stream of the doctor, whose answer comes back by the partner's own stream (XEP-0199, RFC 6120 §8.2.3).
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Channel } from '../stream/channel.ts';
import type { Ending } from '../stream/ending.ts';
import { newPingId, printPing } from '../stream/liveness.ts';
import { readStreamError } from '../stream/stream-error.ts';

export type PingResult = {
  readonly at: string;
  /** There and back; undefined: no answer came. */
  readonly ms: number | undefined;
  readonly waitedMs: number;
};

export type Pings = {
  /** Writes one and waits. Returns the partner's last words, where it ended the stream instead. */
  readonly send: (
    pair: { readonly localDomain: string; readonly remoteDomain: string },
    at: string,
    channel: Channel,
    tell: (result: PingResult) => void,
  ) => Promise<Ending | undefined>;
  /** An answer or an error with this id came from the domain `from` to our domain `to`. True: it was ours. */
  readonly answered: (from: string, to: string, id: string) => boolean;
};

/** One is under way for each stream of the doctor, so that the open ones are bounded by its visits. */
export function createPings(clock: Clock, waitMs: number): Pings {
  const open = new Map<string, () => void>();
  return {
    async send(pair, at, channel, tell) {
      const id = newPingId();
      const key = `${pair.remoteDomain} ${pair.localDomain} ${id}`;
      const sentAt = clock.now();
      let ms: number | undefined;
      open.set(key, () => {
        ms = clock.now() - sentAt;
        channel.interrupt({ kind: 'closed', by: 'us', note: 'answered' });
      });
      channel.expect(sentAt + waitMs, 'the answer to a ping');
      channel.write(printPing(pair, id));
      try {
        for (;;) {
          const event = await channel.next();
          if (event.kind === 'element') {
            const said = readStreamError(event.element);
            if (said !== undefined) return said;
            continue;
          }
          // Our own deadline, and our own end when the answer is here, are no words of the partner.
          return event.kind === 'ends' && event.ending.kind === 'cut' ? event.ending : undefined;
        }
      } finally {
        open.delete(key);
        tell({ at, ms, waitedMs: waitMs });
      }
    },
    answered(from, to, id) {
      const hear = open.get(`${from} ${to} ${id}`);
      hear?.();
      return hear !== undefined;
    },
  };
}
