// The header of PROXY protocol, version 2 alone: the address of a client as the appliance in front of us says it
// (HAProxy's specification, §2.2). Bytes in, an address or a reason out; whose word counts is decided elsewhere.

/** The fixed part of the header; behind it stands the block whose length it tells. */
export const fixedBytes = 16;
/** A block has 36 bytes of addresses, and TLVs that are not for us. A longer one is refused. */
export const blockAtMost = 1_024;

export type ProxyHeader =
  /** The client's address as text, IPv4 or IPv6. */
  | { readonly kind: 'client'; readonly address: string }
  /** The appliance itself, asking whether we live. */
  | { readonly kind: 'local' }
  | { readonly kind: 'refused'; readonly note: string };

/** `\r\n\r\n\0\r\nQUIT\n`: no other protocol begins so. */
const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const version1 = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];

/** Why what has come so far can no longer become a header; undefined while it can. */
export function notAHeader(bytes: Buffer): string | undefined {
  if (agrees(bytes, signature)) return undefined;
  if (!agrees(bytes, version1)) return 'no header of PROXY protocol';
  // `PROXY` may be no more than its first letters yet; nothing else of ours begins so.
  return 'PROXY protocol version 1; set the appliance to version 2';
}

/** The length of the block behind the fixed part, or why there is none. `fixed` has 16 bytes. */
export function blockBytes(fixed: Buffer): number | string {
  const wrong = notAHeader(fixed);
  if (wrong !== undefined) return wrong;
  const command = fixed[12] ?? 0;
  if (command >> 4 !== 2) return `version ${command >> 4} of PROXY protocol; set the appliance to version 2`;
  if ((command & 15) > 1) return 'an unknown command of PROXY protocol';
  const length = fixed.readUInt16BE(14);
  return length > blockAtMost ? `a PROXY header of ${fixedBytes + length} bytes; no more than 1040 are taken` : length;
}

/** Reads the whole header. What a LOCAL one carries is thrown away, as the specification demands; TLVs must be whole. */
export function readProxyHeader(fixed: Buffer, block: Buffer): ProxyHeader {
  if (((fixed[12] ?? 0) & 15) === 0) return { kind: 'local' };
  switch (fixed[13]) {
    case 0x11:
      return announced(block, 4);
    case 0x21:
      return announced(block, 16);
    default:
      return { kind: 'refused', note: 'a PROXY header without an address of TCP over IPv4 or IPv6' };
  }
}

// Two addresses, two ports, then TLVs.
function announced(block: Buffer, bytes: 4 | 16): ProxyHeader {
  const addresses = 2 * bytes + 4;
  if (block.length < addresses) return { kind: 'refused', note: 'a PROXY header that is too short for its addresses' };
  for (let at = addresses; at < block.length; ) {
    if (at + 3 > block.length || at + 3 + block.readUInt16BE(at + 1) > block.length) {
      return { kind: 'refused', note: 'a PROXY header whose TLVs are cut off' };
    }
    at += 3 + block.readUInt16BE(at + 1);
  }
  return { kind: 'client', address: bytes === 4 ? ipv4(block, 0) : ipv6(block) };
}

function ipv4(bytes: Buffer, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

// A mapped IPv4 address is written as Node writes it, so that a host has one name and one limit.
function ipv6(bytes: Buffer): string {
  const isMapped = bytes.readUInt32BE(0) === 0 && bytes.readUInt32BE(4) === 0 && bytes.readUInt32BE(8) === 0xffff;
  if (isMapped) return `::ffff:${ipv4(bytes, 12)}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return groups.join(':');
}

function agrees(bytes: Buffer, beginning: readonly number[]): boolean {
  const length = Math.min(bytes.length, beginning.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== beginning[i]) return false;
  return true;
}
