// What the gateway and the thread of its quarantine say to each other.
import type { HeldEnd, HeldItem, Holding, QuarantineCounts } from './quarantine.ts';

export type Bounds = {
  readonly items: number;
  readonly bytes: number;
  readonly itemsOfSender: number;
  readonly expireMs: number;
};

export type Opening = { readonly file: string; readonly key: Uint8Array; readonly bounds: Bounds };

/** A packet to be held; `text` is what will be sealed. */
export type ToHold = Omit<HeldItem, 'id' | 'expiresAt' | 'bytes'> & {
  readonly senderDomain: string;
  readonly text: string;
};

export type Sealed = { readonly item: HeldItem; readonly text: string | undefined };

export type Question =
  | { readonly ask: 'hold'; readonly packet: ToHold }
  | { readonly ask: 'recorded'; readonly id: string }
  | { readonly ask: 'unrecorded' | 'list' | 'counts' | 'close' }
  | { readonly ask: 'open'; readonly id: string }
  | { readonly ask: 'expired'; readonly now: number }
  | { readonly ask: 'end'; readonly id: string; readonly end: HeldEnd; readonly now: number };

export type Reply = {
  readonly holding?: Holding;
  readonly items?: readonly HeldItem[];
  readonly sealed?: readonly Sealed[];
  readonly ended?: boolean;
  readonly counts?: QuarantineCounts;
};

export type Asked = { readonly number: number; readonly question: Question };
export type Answer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly line: string }
  | { readonly kind: 'answered'; readonly number: number; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string };
