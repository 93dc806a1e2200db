// Writes a packet as the text that the store seals, and reads it back. Never on a wire: only this process reads it.
import type { Packet } from '@sallyport/shared/packet.ts';

/** JSON; bytes stand as `{"base64": …}`. A packet has no open-ended objects, so that nothing else can look like it. */
export function packetToText(packet: Packet): string {
  return holdsBytes(packet) ? JSON.stringify(packet, bytesToBase64) : JSON.stringify(packet);
}

/** Reads what `packetToText` wrote. Throws for anything else: the seal was whole, so it is a bug of ours. */
export function packetFromText(text: string): Packet {
  const packet: Packet = JSON.parse(text, base64ToBytes);
  if (typeof packet.id !== 'string' || typeof packet.content?.kind !== 'string') {
    throw new Error('the store holds something that is not a packet');
  }
  return packet;
}

// A replacer costs several times what plain JSON does, and hardly any packet needs it.
function holdsBytes({ content }: Packet): boolean {
  switch (content.kind) {
    case 'presence':
    case 'avatar':
    case 'avatar-query':
      return true;
    default:
      return false;
  }
}

// A Buffer has turned itself into something else before a replacer sees it, so the holder is asked.
function bytesToBase64(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const held = this[key];
  return held instanceof Uint8Array ? { base64: Buffer.from(held).toString('base64') } : value;
}

function base64ToBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return value;
  return typeof value.base64 === 'string' ? new Uint8Array(Buffer.from(value.base64, 'base64')) : value;
}
