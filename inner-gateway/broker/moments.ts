// State of the moment (typing, presence, receipts): never kept, the newest of a pair wins, and messages go first.
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Outcome, Packet } from '@sallyport/shared/packet.ts';
import type { Delivery } from '../adapters/adapter.ts';
import { pairOf } from './bounds.ts';
import type { NewsDesk, Story } from './news.ts';

type End = Exclude<Outcome, { readonly state: 'written' }>;
type Slot = { busy: boolean; next: Waiting | undefined };
type Waiting = { readonly packet: Packet; readonly story: Story; readonly since: Instant };

export type Moments = {
  readonly offer: (packet: Packet, since: Instant) => Story;
  /** A message ends the typing that was still waiting to be shown. */
  readonly messageFollows: (packet: Packet) => void;
  readonly waiting: () => number;
};

const atOnce = 256;
const waitingAtMost = 5_000;

/**
 * `deliver` never rejects; `ended` hears each end. At most 256 are with the adapters at once and one of a kind and
 * pair; beyond 5,000 waiting the oldest is forgotten. What is overtaken or forgotten has the news `kept`.
 */
export function createMoments(
  news: NewsDesk,
  deliver: (delivery: Delivery) => Promise<End>,
  ended: (packet: Packet, end: End, since: Instant) => void,
): Moments {
  const slots = new Map<string, Slot>();
  const queue = new Set<string>();
  let busy = 0;
  let scheduled = false;

  // At the end of the turn, so that the messages of the same turn are ahead.
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const key of queue) {
        if (busy >= atOnce) return;
        queue.delete(key);
        void run(key);
      }
    });
  }

  async function run(key: string): Promise<void> {
    const slot = slots.get(key);
    const next = slot?.next;
    if (slot === undefined || next === undefined) return;
    slot.next = undefined;
    slot.busy = true;
    busy += 1;
    const { packet, story, since } = next;
    const end = await deliver({ packet, again: false, written: () => news.written(story) });
    busy -= 1;
    slot.busy = false;
    news.end(story, end);
    ended(packet, end, since);
    if (slot.next === undefined) slots.delete(key);
    else queue.add(key);
    if (queue.size > 0) schedule();
  }

  function forget(key: string): void {
    const slot = slots.get(key);
    if (slot?.next === undefined) return;
    news.end(slot.next.story, { state: 'kept' });
    slot.next = undefined;
    queue.delete(key);
    if (!slot.busy) slots.delete(key);
  }

  return {
    offer(packet, since) {
      const key = keyOf(packet);
      forget(key);
      if (queue.size >= waitingAtMost) {
        const [oldest] = queue;
        if (oldest !== undefined) forget(oldest);
      }
      const story = news.open();
      const slot = slots.get(key) ?? { busy: false, next: undefined };
      slot.next = { packet, story, since };
      slots.set(key, slot);
      if (!slot.busy) {
        queue.add(key);
        schedule();
      }
      return story;
    },
    messageFollows(packet) {
      if (slots.size > 0) forget(`chat-state ${pairOf(packet)}`);
    },
    waiting: () => queue.size,
  };
}

// What replaces what. Receipts replace nothing but themselves; each device has a presence of its own.
function keyOf(packet: Packet): string {
  const { content } = packet;
  if (content.kind === 'receipt') return `receipt ${content.what} ${content.ofId} ${pairOf(packet)}`;
  if (content.kind === 'presence') return `presence ${jidText(packet.from)} ${packet.to.bare}`;
  return `${content.kind} ${pairOf(packet)}`;
}
