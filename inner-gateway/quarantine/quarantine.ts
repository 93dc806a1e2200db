// What content rules hold until somebody has looked at it, as the broker sees it (policy-directory-teams §1.2).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { Direction } from '@sallyport/shared/policy/policy.ts';

/** A held packet, without what it says. */
export type HeldItem = {
  /** Made inside and used once: by it operators name the packet, and the audit its incident. */
  readonly id: string;
  readonly packet: PacketId;
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly direction: Direction;
  readonly rule: string;
  readonly bytes: number;
  readonly heldAt: Instant;
  readonly expiresAt: Instant;
};

/** With its content; without it where the seal is broken: a damaged file, or one that somebody has changed. */
export type HeldPacket = { readonly item: HeldItem; readonly packet: Packet | undefined };

/** At which bound a packet was not held: nobody's packets are pushed out by another's. */
export type FullOf = 'items' | 'bytes' | 'sender' | 'partner' | 'direction';

/** How a held packet ends. */
export type HeldEnd = 'released' | 'refused' | 'expired';

export type Holding =
  /** It is on disk. `known`: a packet of this id was held before, and may have ended since. */
  | { readonly held: true; readonly id: string; readonly known: boolean }
  | { readonly held: false; readonly full: FullOf };

export type Quarantine = {
  /** Rejects when it could not be written. */
  readonly hold: (packet: Packet, direction: Direction, rule: string) => Promise<Holding>;
  /** The audit has it. What has not been written down when a process ends is told of by `unrecorded` of the next one. */
  readonly recorded: (id: string) => Promise<void>;
  readonly unrecorded: () => Promise<readonly HeldItem[]>;
  /** All that is held, oldest first. */
  readonly list: () => Promise<readonly HeldItem[]>;
  /** Undefined where nothing of this id is held. */
  readonly open: (id: string) => Promise<HeldPacket | undefined>;
  /** What has been held for too long, oldest first, 100 at most. */
  readonly expired: () => Promise<readonly HeldPacket[]>;
  /** Erases what it says, on disk when this resolves. False where nothing of this id is held any more. */
  readonly end: (id: string, end: HeldEnd) => Promise<boolean>;
  readonly counts: () => Promise<QuarantineCounts>;
  readonly close: () => Promise<void>;
};

export type QuarantineCounts = {
  readonly items: number;
  readonly bytes: number;
  readonly oldest: Instant | undefined;
};

/** What an operator asked for is done, or why it is not, in words for him. */
export type Done<T = unknown> = ({ readonly done: true } & T) | { readonly done: false; readonly why: string };

/** What operators do with held packets. `by` says who, and stands in the audit before anything happens. */
export type HeldActions = {
  readonly list: () => Promise<readonly HeldItem[]>;
  /** With its content. */
  readonly show: (id: string, by: string) => Promise<Done<{ readonly item: HeldItem; readonly packet: Packet }>>;
  /** Delivers it with its original time, in the order of its pair. */
  readonly release: (id: string, by: string) => Promise<Done>;
  /** Ends it; its sender gets the bounce. */
  readonly refuse: (id: string, by: string) => Promise<Done>;
};
