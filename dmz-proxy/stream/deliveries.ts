// What was written to one stream and is not yet known to have arrived (architecture §4.1 point 2): settled by the
// partner's acknowledgements (XEP-0198), else by the answer to a ping behind it (XEP-0199), or by the stream living on.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import { newPingId, printPing } from './liveness.ts';
import type { Shipment } from './shipment.ts';
import { request, wholeCount } from './stream-management.ts';
import type { Times } from './times.ts';

export type Deliveries = {
  /** Takes what is about to be written, as one batch; `handed` is called when the system has taken it. */
  readonly add: (shipments: readonly Shipment[]) => { readonly handed: (now: Instant) => void };
  /** Counts a stanza of our own that needs no settlement; it must be written at once. */
  readonly addOwn: () => void;
  /** What to write behind the latest batch: a ping, or a request of stream management; undefined when none is due. */
  readonly ask: (now: Instant) => string | undefined;
  /** An answer came. True when it was to our ping. */
  readonly answered: (id: string) => boolean;
  /** Stream management: we have asked for it; it is on; the partner does not want to. */
  readonly management: (word: 'asked' | 'on' | 'refused', now: Instant) => void;
  /** The partner has handled so many stanzas (modulo 2^32). False: more than it was sent. */
  readonly acknowledged: (h: number) => boolean;
  /** `dead`: a partner that used to answer does not answer any more. */
  readonly check: (now: Instant) => 'alive' | 'dead';
  /** The stream is lost: whatever is not settled is refused, for it may have arrived or not. */
  readonly lost: () => void;
  /** Stanzas that are not settled. */
  readonly size: () => number;
  /** It is we who do not read: what is waited for may have come, and its time begins anew. */
  readonly excuse: (now: Instant) => void;
  /** Stanzas written that stream management counts, our pings among them. */
  readonly sent: () => number;
};

type Batch = {
  readonly shipments: readonly Shipment[];
  /** The number of its first stanza on this stream. */
  readonly first: number;
  handedAt: Instant | undefined;
  settled: number;
};

/** A partner that let a ping go unanswered is asked again after so long. */
const silentForMs = 60_000;

export function createDeliveries(
  pair: { readonly localDomain: string; readonly remoteDomain: string },
  times: Times,
): Deliveries {
  let batches: Batch[] = [];
  let size = 0;
  let sent = 0;
  let outstanding: { readonly id: string; readonly covers: Batch; at: Instant } | undefined;
  let answers = 0;
  let askAgainAt: Instant = 0;
  let pinged: Batch | undefined;
  // XEP-0198. Until the partner has answered our wish, nothing is asked for and nothing settled by silence.
  let manages = false;
  let uncounted: number | undefined;
  let quietUntil: Instant = 0;
  let acknowledged = 0;
  let requestedAt: Instant | undefined;

  function settle(batch: Batch, count: number, refusal: Refusal | undefined): void {
    if (count <= batch.settled) return;
    if (refusal === undefined) tellWritten(batch, 0);
    const settledNow = batch.shipments.slice(batch.settled, count);
    batch.settled += settledNow.length;
    size -= settledNow.length;
    for (const shipment of settledNow) shipment.settled(refusal);
  }
  function tellWritten(batch: Batch, now: Instant): void {
    if (batch.handedAt !== undefined) return;
    batch.handedAt = now;
    for (const shipment of batch.shipments) shipment.written();
  }
  function settleFirst(count: number): void {
    for (const batch of batches.splice(0, count)) settle(batch, batch.shipments.length, undefined);
  }

  function ping(now: Instant): string | undefined {
    const last = batches.at(-1);
    if (outstanding !== undefined || last === undefined || last === pinged || now < askAgainAt) return undefined;
    outstanding = { id: newPingId(), covers: last, at: now };
    pinged = last;
    sent += 1;
    return printPing(pair, outstanding.id);
  }

  return {
    add(shipments) {
      const batch: Batch = { shipments, first: sent + 1, handedAt: undefined, settled: 0 };
      batches.push(batch);
      size += shipments.length;
      sent += shipments.length;
      return {
        handed(now) {
          if (batch.settled === 0) tellWritten(batch, now);
        },
      };
    },
    addOwn() {
      sent += 1;
    },
    ask(now) {
      if (now < quietUntil) return undefined;
      if (!manages) return ping(now);
      if (requestedAt !== undefined || size === 0) return undefined;
      requestedAt = now;
      return request;
    },
    answered(id) {
      if (outstanding === undefined || outstanding.id !== id) return false;
      const { covers } = outstanding;
      outstanding = undefined;
      answers += 1;
      settleFirst(batches.indexOf(covers) + 1);
      return true;
    },
    management(word, now) {
      quietUntil = word === 'asked' ? now + times.lived : 0;
      // Counted from our own word on: what was written before it is not, but any count proves that it was read.
      if (word !== 'refused') uncounted ??= sent;
      manages = word === 'on';
      // A ping from before may still be answered, but nothing hangs on it any more.
      if (manages) outstanding = undefined;
    },
    acknowledged(h) {
      const before = uncounted ?? 0;
      const whole = wholeCount(h, acknowledged, sent - before);
      if (whole === undefined) return false;
      acknowledged = whole;
      requestedAt = undefined;
      let done = 0;
      for (const batch of batches) {
        const count = Math.min(before + whole - batch.first + 1, batch.shipments.length);
        settle(batch, count, undefined);
        if (count < batch.shipments.length) break;
        done += 1;
      }
      batches.splice(0, done);
      return true;
    },
    check(now) {
      if (now < quietUntil) return 'alive';
      if (manages) return requestedAt !== undefined && now - requestedAt >= times.pong ? 'dead' : 'alive';
      const patience = answers > 0 ? times.pong : times.lived;
      if (outstanding !== undefined && now - outstanding.at >= patience) {
        if (answers > 0) return 'dead';
        outstanding = undefined;
        askAgainAt = now + silentForMs;
      }
      // A partner that answers is taken at its word; for another one it is enough that the stream lives on.
      if (answers > 0) return 'alive';
      const young = batches.findIndex(({ handedAt }) => handedAt === undefined || now - handedAt < times.lived);
      settleFirst(young < 0 ? batches.length : young);
      return 'alive';
    },
    lost() {
      const left = batches;
      batches = [];
      outstanding = undefined;
      const refusal = { code: 'partner-unreachable', note: 'lost-after-write' } as const;
      for (const batch of left) settle(batch, batch.shipments.length, refusal);
    },
    excuse(now) {
      if (requestedAt !== undefined) requestedAt = now;
      if (outstanding !== undefined) outstanding.at = now;
    },
    size: () => size,
    sent: () => sent - (uncounted ?? 0),
  };
}
