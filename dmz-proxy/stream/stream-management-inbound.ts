// Stream management towards the partner, whoever dialled: only what is kept, answered or dropped by policy is acknowledged
// (XEP-0198; xmpp-boundary B4 to B6, invariant I1).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { type Ending, streamError } from './ending.ts';
import {
  countTooHigh,
  createHandledCount,
  enabled,
  type HandledCount,
  managementNs,
  noCount,
  printAnswer,
  readHandled,
  resumeFailed,
} from './stream-management.ts';
import type { Times } from './times.ts';

export type InboundManagement = {
  /** What is done with an element of the peer: `other` is none of stream management; an ending ends the stream. */
  readonly hear: (element: XmlElement) => 'other' | 'taken' | Ending;
  /** The peer has enabled it as we asked: its stanzas count from now on. */
  readonly begin: () => void;
  /** A stanza has come. What is returned is called when it is handled. */
  readonly arrived: () => () => void;
  /** Called by the sweep: says the count unasked. */
  readonly check: (now: Instant) => void;
  /** Says the count if it has moved since it was last said. */
  readonly acknowledge: () => void;
  readonly isOn: () => boolean;
  /** Stanzas that may not be acknowledged yet. */
  readonly underWay: () => number;
  /** Resolves when nothing is under way any more, `withinMs` later at the latest. */
  readonly settled: (withinMs: number) => Promise<void>;
  /** The stream is over: counts what its peer was not told of. */
  readonly over: () => void;
};

const unaskedEveryStanzas = 50;
// So many requests are honest whatever else a peer does; beyond, two a stanza and ten a second.
const requestsAtLeast = 1_000;

const unacknowledged = counter(
  'unacknowledged_in',
  'Stanzas whose stream ended before the partner was told that they are handled: their senders may hear of a failure',
);

/** `onEnabled` is called when the peer has asked for it, which only the one who dialled may. */
export function createInboundManagement(
  channel: Channel,
  clock: Clock,
  times: Times,
  onEnabled?: () => void,
): InboundManagement {
  let count: HandledCount | undefined;
  let since: Instant = 0;
  let told = 0;
  let toldAt: Instant = 0;
  let requests = 0;
  // How many had come when the last request was answered with less.
  let shortOf = 0;
  let owed = false;
  let resumes = 0;
  let settling: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  // A peer that does not read gets one answer when it does, however often it has asked.
  function tell(): void {
    if (count === undefined) return;
    owed = channel.isFull();
    if (owed) return;
    told = count.handled();
    toldAt = clock.now();
    channel.write(printAnswer(told));
  }

  function moved(): void {
    if (count === undefined) return;
    const asked = shortOf > told && count.handled() >= shortOf;
    if (asked || count.handled() - told >= unaskedEveryStanzas) tell();
    if (count.handled() === count.arrivals()) settling?.resolve();
  }

  function begin(): void {
    count = createHandledCount(moved);
    since = clock.now();
    toldAt = since;
  }

  function onEnable(): 'other' | 'taken' | Ending {
    if (onEnabled === undefined) return 'other';
    if (count !== undefined) return streamError('policy-violation', 'stream management was enabled a second time');
    begin();
    channel.write(enabled);
    onEnabled();
    return 'taken';
  }

  function onRequest({ arrivals }: HandledCount): 'taken' | Ending {
    requests += 1;
    const honest = requestsAtLeast + 2 * arrivals() + (clock.now() - since) / 100;
    if (requests > honest) return streamError('policy-violation', 'too many requests of stream management');
    shortOf = arrivals();
    tell();
    return 'taken';
  }

  // Where we send no stanza, the one true count is 0; where we do, the writer hears the answer first.
  function onAnswer(element: XmlElement): 'taken' | Ending {
    const h = readHandled(element);
    if (h === undefined) return noCount();
    return h === 0 ? 'taken' : countTooHigh(h, 0);
  }

  return {
    hear(element) {
      if (element.ns !== managementNs) return 'other';
      switch (element.name) {
        case 'enable':
          return onEnable();
        case 'resume':
          if (onEnabled === undefined) return 'other';
          resumes += 1;
          if (resumes > 1) return streamError('policy-violation', 'asked twice to resume a stream');
          channel.write(resumeFailed);
          return 'taken';
        case 'r':
          return count === undefined ? 'other' : onRequest(count);
        case 'a':
          return count === undefined ? 'other' : onAnswer(element);
        default:
          return 'other';
      }
    },
    begin,
    arrived: () => count?.arrived() ?? (() => {}),
    check(now) {
      if (count === undefined) return;
      const patience = count.handled() === told ? times.acknowledgeAgain : times.acknowledge;
      if (owed || (count.arrivals() > told && now - toldAt >= patience)) tell();
    },
    acknowledge() {
      if (count !== undefined && (owed || count.handled() !== told)) tell();
    },
    isOn: () => count !== undefined,
    underWay: () => (count === undefined ? 0 : count.arrivals() - count.handled()),
    settled(withinMs) {
      if (this.underWay() === 0) return Promise.resolve();
      if (settling === undefined) {
        settling = Promise.withResolvers<void>();
        setTimeout(settling.resolve, withinMs).unref();
      }
      return settling.promise;
    },
    over() {
      if (count !== undefined) unacknowledged.inc({}, count.arrivals() - told);
    },
  };
}
