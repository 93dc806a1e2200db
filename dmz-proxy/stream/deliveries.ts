// What was written to one stream and is not yet known to have arrived (architecture §4.1 point 2): settled by the
// answer to a ping behind it (XEP-0199), or by the stream living on.
import { randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';
import type { Shipment } from './outbound-streams.ts';
import type { Times } from './times.ts';

export type Deliveries = {
  /** Takes what is about to be written, as one batch; `handed` is called when the system has taken it. */
  readonly add: (shipments: readonly Shipment[]) => { readonly handed: (now: Instant) => void };
  /** The ping to write behind the latest batch, or undefined when none is due. */
  readonly ping: (now: Instant) => string | undefined;
  /** An answer came. True when it was to our ping. */
  readonly answered: (id: string) => boolean;
  /** `dead`: a partner that used to answer does not answer any more. */
  readonly check: (now: Instant) => 'alive' | 'dead';
  /** The stream is lost: whatever is not settled is refused, for it may have arrived or not. */
  readonly lost: () => void;
  readonly size: () => number;
};

type Batch = {
  readonly shipments: readonly Shipment[];
  handedAt: Instant | undefined;
  settled: boolean;
};

/** A partner that let a ping go unanswered is asked again after so long. */
const silentForMs = 60_000;

export function createDeliveries(
  pair: { readonly localDomain: string; readonly remoteDomain: string },
  times: Times,
): Deliveries {
  let batches: Batch[] = [];
  let outstanding: { readonly id: string; readonly covers: Batch; readonly at: Instant } | undefined;
  let answers = 0;
  let askAgainAt: Instant = 0;
  let pinged: Batch | undefined;

  function settle(batch: Batch, refusal: Refusal | undefined): void {
    if (batch.settled) return;
    batch.settled = true;
    if (refusal === undefined) tellWritten(batch, 0);
    for (const shipment of batch.shipments) shipment.settled(refusal);
  }
  function tellWritten(batch: Batch, now: Instant): void {
    if (batch.handedAt !== undefined) return;
    batch.handedAt = now;
    for (const shipment of batch.shipments) shipment.written();
  }
  function settleUpTo(last: Batch): void {
    const count = batches.indexOf(last) + 1;
    for (const batch of batches.splice(0, count)) settle(batch, undefined);
  }

  return {
    add(shipments) {
      const batch: Batch = { shipments, handedAt: undefined, settled: false };
      batches.push(batch);
      return {
        handed(now) {
          if (!batch.settled) tellWritten(batch, now);
        },
      };
    },
    ping(now) {
      const last = batches.at(-1);
      if (outstanding !== undefined || last === undefined || last === pinged || now < askAgainAt) return undefined;
      const id = randomBytes(12).toString('base64url');
      outstanding = { id, covers: last, at: now };
      pinged = last;
      return (
        `<iq type="get" id="${id}" from="${pair.localDomain}" to="${pair.remoteDomain}">` +
        '<ping xmlns="urn:xmpp:ping"/></iq>'
      );
    },
    answered(id) {
      if (outstanding === undefined || outstanding.id !== id) return false;
      const { covers } = outstanding;
      outstanding = undefined;
      answers += 1;
      settleUpTo(covers);
      return true;
    },
    check(now) {
      const patience = answers > 0 ? times.pong : times.lived;
      if (outstanding !== undefined && now - outstanding.at >= patience) {
        if (answers > 0) return 'dead';
        outstanding = undefined;
        askAgainAt = now + silentForMs;
      }
      // A partner that answers is taken at its word; for another one it is enough that the stream lives on.
      if (answers > 0) return 'alive';
      const young = batches.findIndex(({ handedAt }) => handedAt === undefined || now - handedAt < times.lived);
      for (const batch of batches.splice(0, young < 0 ? batches.length : young)) settle(batch, undefined);
      return 'alive';
    },
    lost() {
      const left = batches;
      batches = [];
      outstanding = undefined;
      for (const batch of left) settle(batch, { code: 'partner-unreachable', note: 'lost-after-write' });
    },
    size: () => batches.reduce((sum, batch) => sum + batch.shipments.length, 0),
  };
}
