// What is kept as one line of the text that the store seals, and back.
import { packetFromText, packetToText } from './packet-as-text.ts';
import type { Kept } from './store.ts';

/** Origin, time and the packet as JSON, with a space between them; no line break, which JSON never has. */
export function keptToLine({ packet, origin, keptAt }: Kept): string {
  return `${origin} ${keptAt} ${packetToText(packet)}`;
}

/** Reads what `keptToLine` wrote. Throws for anything else: the seal was whole, so it is a bug of ours. */
export function keptFromLine(line: string): Kept {
  const [origin, keptAt = ''] = line.split(' ', 2);
  if (origin !== 'xmpp' && origin !== 'sip') throw new Error('the store holds something that is not a packet');
  return { packet: packetFromText(line.slice(origin.length + keptAt.length + 2)), origin, keptAt: Number(keptAt) };
}

/** When the packet of such a line was kept. */
export function keptAtOf(line: string): number {
  return Number(line.split(' ', 2)[1]);
}
