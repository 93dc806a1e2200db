// Reads a live stream until it ends: stream management, stanzas, and what else a peer may say (RFC 6120 §8; B3, B5, P13).
import { createTurns } from '@sallyport/shared/turns.ts';
import type { XmlElement } from '../xml/element.ts';
import { readBidi } from './bidi.ts';
import type { Channel } from './channel.ts';
import { type Ending, streamError } from './ending.ts';
import type { Mutable, Receive, ServedStream } from './facts.ts';
import { isStanza, notAStanza } from './first-level.ts';
import type { InboundManagement } from './stream-management-inbound.ts';

export type StanzaReader = {
  /** Resolves with what ended the stream. */
  readonly read: () => Promise<Ending>;
  /** Whether a stanza waits inside, so that nothing is read. */
  readonly holdsBack: () => boolean;
  readonly lastStanza: () => number;
};

/** A request that comes too late changes nothing (B3); nobody has a reason to make many. */
const lateRequestsAtMost = 8;

/**
 * `writer` hears first where our stanzas go out on the same stream. Without `receive` no stanza of the peer may come:
 * it has its own stream.
 */
export function createStanzaReader(world: {
  readonly channel: Channel;
  readonly management: InboundManagement;
  /** Of which stream of a pair it is; undefined where its sender is not proved. */
  readonly streamOf: (element: XmlElement) => Mutable<ServedStream> | undefined;
  readonly writer: () => { readonly hear: (element: XmlElement) => 'other' | 'taken' | Ending } | undefined;
  readonly receive: Receive | undefined;
  /** Takes what else may be said on this stream; false: it may not. */
  readonly other?: (element: XmlElement) => boolean;
  readonly now: () => number;
}): StanzaReader {
  const { channel, management, receive } = world;
  let holding = false;
  let lateRequests = 0;
  const turns = createTurns();
  let lastStanza = world.now();

  /** An ending, or how long to wait before reading on. */
  function take(element: XmlElement, bytes: number): Ending | undefined | Promise<void> {
    const words = world.writer()?.hear(element) ?? 'other';
    const heard = words === 'other' ? management.hear(element) : words;
    if (heard === 'taken') return undefined;
    if (heard !== 'other') return heard;
    if (!isStanza(element)) return isOther(element) ? undefined : notAStanza(element);
    if (receive === undefined)
      return streamError('unsupported-stanza-type', 'the partner sends on a stream that is ours');
    const stream = world.streamOf(element);
    if (stream === undefined) return streamError('not-authorized', 'a stanza before authentication');
    stream.stanzasIn += 1;
    lastStanza = world.now();
    return receive(element, bytes, stream, management.arrived()) ?? undefined;
  }

  function isOther(element: XmlElement): boolean {
    if (readBidi(element) === undefined) return world.other?.(element) === true;
    lateRequests += 1;
    return lateRequests <= lateRequestsAtMost;
  }

  return {
    async read() {
      for (;;) {
        const event = channel.ready() ?? (await channel.next());
        switch (event.kind) {
          case 'element': {
            const turn = turns.mine();
            if (turn !== undefined) await turn;
            const taken = take(event.element, event.bytes);
            if (taken === undefined) break;
            if (!(taken instanceof Promise)) return taken;
            holding = true;
            await taken;
            holding = false;
            break;
          }
          case 'close':
            return { kind: 'closed', by: 'peer', note: 'the peer closed the stream' };
          case 'open':
            return streamError('invalid-xml', 'a second header');
          case 'ends':
            return event.ending;
          default:
            event satisfies never;
        }
      }
    },
    holdsBack: () => holding,
    lastStanza: () => lastStanza,
  };
}
