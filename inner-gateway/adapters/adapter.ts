// A network as the broker sees it. Adapters know this file and their own folder, nothing else.
import type { Outcome, Packet, PacketId } from '@sallyport/shared/packet.ts';
import type { Refusal } from '@sallyport/shared/refusals.ts';

export type Network = 'xmpp' | 'sip';

/** What an adapter calls for everything that it received. It resolves when somebody durable has the packet. */
export type Accept = (packet: Packet, origin: Origin) => Promise<Acceptance>;

export type Origin = {
  readonly network: Network;
  /** The peer that the packet came from: a proxy's node name, a front end's FQDN. */
  readonly peer: string;
};

export type Acceptance =
  | { readonly passed: false; readonly refusal: Refusal }
  | {
      readonly passed: true;
      readonly id: PacketId;
      /**
       * The first news of the packet: written, delivered, or refused; `kept` when `withinMs` have passed without.
       * Who asks, answers its sender itself: a refusal that is returned here is not told to the sender again.
       * A refusal that nobody was waiting for reaches the sender as a packet of kind `bounce`.
       */
      readonly news: (withinMs: number) => Promise<Outcome | { readonly state: 'kept' }>;
      /** Resolves when the packet has ended, however. For those who only count; it changes nothing of the above. */
      readonly ended: () => Promise<void>;
    };

/** A packet that the broker hands to an adapter, and what it wants to know of it. */
export type Delivery = {
  readonly packet: Packet;
  /** It may have been delivered before, by a process that is no more: mark it as repeated. */
  readonly again: boolean;
  /** To be called once, as soon as it is written to an authenticated live connection; not for refusals. */
  readonly written: () => void;
};

export type Adapter = {
  readonly network: Network;
  /** Opens what the adapter listens on and dials. What it receives goes to `accept`. */
  readonly start: (accept: Accept) => Promise<void>;
  /** Delivers one packet; resolves with its end, never rejects. The broker gives one packet of a pair at a time. */
  readonly deliver: (delivery: Delivery) => Promise<Extract<Outcome, { state: 'delivered' | 'refused' }>>;
  /** Ends politely (BYE, goodbye) within a few seconds; deliveries under way end refused with `shutting-down`. */
  readonly stop: () => Promise<void>;
  /** What `sallyport status` shows: one line a peer. */
  readonly status: () => readonly PeerStatus[];
};

export type PeerStatus = {
  readonly peer: string;
  readonly state: 'up' | 'down' | 'connecting';
  readonly since: number;
  readonly detail: string;
};
