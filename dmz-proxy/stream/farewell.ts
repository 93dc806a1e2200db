// The end of a stream, said in order (RFC 6120 §4.4, §4.9.1; xmpp-boundary L1 to L3).
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { type Ending, printStreamError } from './ending.ts';

const closingTag = '</stream:stream>';

/** Says the last words at once, whoever is reading: an error behind our header, or the closing tag alone. */
export function sayEnding(channel: Channel, ending: Ending, ourHeader: string): void {
  const header = channel.isOpen() ? '' : ourHeader;
  switch (ending.kind) {
    case 'error':
      channel.sayLast(header + printStreamError(ending) + closingTag);
      return;
    case 'closed':
      if (header === '') channel.sayLast(closingTag);
      return;
    case 'cut':
      return;
    default:
      ending satisfies never;
  }
}

/**
 * Ends the stream: our last words, then the peer's, at most `closeMs` later, then the transport. What still arrives
 * is handed to `late` unless the peer has broken the rules: it may not have seen our words yet.
 */
export async function farewell(
  channel: Channel,
  ending: Ending,
  more: {
    readonly ourHeader: string;
    readonly closeMs: number;
    readonly late?: (element: XmlElement, bytes: number) => void | Promise<void>;
  },
): Promise<void> {
  sayEnding(channel, ending, more.ourHeader);
  if (ending.kind === 'cut') {
    channel.destroy();
    return;
  }
  const peerIsThrough = ending.kind === 'closed' && ending.by === 'peer';
  if (!peerIsThrough) {
    const listens = endsInPeace(ending);
    channel.expect(undefined, '');
    const patience = setTimeout(() => channel.interrupt({ kind: 'cut', note: 'the peer did not close' }), more.closeMs);
    for (;;) {
      const event = await channel.next();
      if (event.kind === 'close' || event.kind === 'ends') break;
      if (event.kind === 'element' && listens) {
        const taken = more.late?.(event.element, event.bytes);
        if (taken !== undefined) await taken;
      }
    }
    clearTimeout(patience);
  }
  channel.end();
}

/** Whether nobody has broken a rule: stanzas that are under way still count. */
export function endsInPeace(ending: Ending): boolean {
  return ending.kind === 'closed' || (ending.kind === 'error' && stanzasStillCount.has(ending.condition));
}

// Ours to say, for reasons of our own: the peer did nothing wrong.
const stanzasStillCount: ReadonlySet<string> = new Set(['system-shutdown', 'reset']);
