// Load balancers and TLS appliances in front of us: who they are, and what they must say first (PROXY protocol v2), so
// that limits per address see the partner's address and not theirs (xmpp-boundary L7; architecture §11, Rates).
import { BlockList, isIPv6, type Socket } from 'node:net';
import { blockBytes, fixedBytes, notAHeader, type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/** Whether an address is one of the listed addresses and networks (`192.0.2.7`, `2001:db8::/64`). */
export function listAppliances(listed: readonly string[]): (address: string) => boolean {
  if (listed.length === 0) return () => false;
  const list = new BlockList();
  for (const entry of listed) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}

export type Announcement =
  | Exclude<ProxyHeader, { kind: 'refused' }>
  /** `quiet`: not one byte came, as of a health check that only connects. */
  | { readonly kind: 'refused'; readonly note: string; readonly quiet: boolean };

/**
 * Takes the header off a new connection, and not a byte of what stands behind it. The header must be whole within
 * `withinMs`, however it is cut into segments; what cannot become one is refused with its first wrong byte.
 */
export function readAnnouncement(socket: Socket, withinMs: number): Promise<Announcement> {
  return new Promise((resolve) => {
    let taken = Buffer.alloc(0);
    let fixed: Buffer | undefined;
    let wanted = fixedBytes;

    const end = (announcement: Announcement): void => {
      clearTimeout(timer);
      socket.off('readable', read);
      socket.off('end', cut);
      socket.off('close', cut);
      resolve(announcement);
    };
    const refuse = (note: string, quiet = false): void => end({ kind: 'refused', note, quiet });
    const cut = (): void => refuse('the connection was cut before its PROXY header', taken.length === 0);
    const timer = setTimeout(() => refuse('no whole PROXY header in time'), withinMs);

    function read(): void {
      for (;;) {
        const bytes = Math.min(wanted - taken.length, socket.readableLength);
        if (bytes > 0) {
          const chunk: unknown = socket.read(bytes);
          if (!Buffer.isBuffer(chunk)) return;
          taken = Buffer.concat([taken, chunk]);
        }
        if (taken.length < wanted) {
          const wrong = fixed === undefined ? notAHeader(taken) : undefined;
          if (wrong !== undefined) refuse(wrong);
          else if (socket.readableLength === 0) socket.read(0);
          return;
        }
        if (fixed !== undefined) {
          const header = readProxyHeader(fixed, taken);
          end(header.kind === 'refused' ? { ...header, quiet: false } : header);
          return;
        }
        const length = blockBytes(taken);
        if (typeof length === 'string') {
          refuse(length);
          return;
        }
        fixed = taken;
        taken = Buffer.alloc(0);
        wanted = length;
      }
    }

    socket.on('readable', read);
    socket.once('end', cut);
    socket.once('close', cut);
  });
}
