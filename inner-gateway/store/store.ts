// What the gateway keeps across restarts, as the broker sees it. SQLite is the embedded one.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import type { Network } from '../adapters/adapter.ts';

export type Kept = { readonly packet: Packet; readonly origin: Network; readonly keptAt: Instant };

/** The end of a packet, remembered for ten minutes after its body is erased. */
export type End = {
  readonly id: PacketId;
  /** `held`: it ended here, and is in the quarantine. */
  readonly state: 'delivered' | 'refused' | 'held';
  readonly code?: RefusalCode;
  /** Its sender was told by a packet that was kept with this end; written by the store. */
  readonly bounced?: boolean;
};

export type Store = {
  /**
   * Resolves when the packet is on disk; rejects when it could not be kept. A packet whose id is known already
   * (kept or ended) is not kept twice: `known`.
   */
  readonly keep: (kept: Kept) => Promise<'kept' | 'known'>;
  /**
   * Ends a packet: its body is erased, its end remembered. `bounce`, where the sender must be told, is kept in the
   * same transaction, so that no crash can fall between the two. Resolves when it is on disk; rejects when it could
   * not be written, and may then be asked again. A packet that has ended already keeps its first end, and no bounce.
   */
  readonly settle: (end: End, bounce?: Kept) => Promise<void>;
  /** All that is kept and has no end, oldest first. */
  readonly unsettled: () => Promise<readonly Kept[]>;
  /** What is known of an id: kept and not ended, its end, or nothing. */
  readonly lookUp: (id: PacketId) => Promise<'kept' | End | undefined>;
  readonly counts: () => Promise<{ readonly kept: number; readonly oldest: Instant | undefined }>;
  readonly close: () => Promise<void>;
};
