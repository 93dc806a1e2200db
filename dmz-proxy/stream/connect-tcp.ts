// A TCP connection to the first of several addresses of one server that answers, begun one after the other (RFC 8305).
import { connect, type Socket } from 'node:net';

export type Connected =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly note: string };

export type Patience = {
  /** The longest that one address may take, ms. */
  readonly attempt: number;
  /** The next address is begun after so long, or as soon as one has failed (RFC 8305 §5). */
  readonly stagger: number;
};

/**
 * Connects to the IP addresses as they stand, and looks nothing up. The first connection that stands is taken, all
 * others are closed. `note` tells of each address why not. Attempts run side by side: at most all of the addresses.
 */
export function connectTcp(addresses: readonly string[], port: number, patience: Patience): Promise<Connected> {
  return new Promise((resolve) => {
    const waiting = [...addresses];
    const under = new Set<Socket>();
    const notes: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;

    const finish = (connected: Connected): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      for (const socket of under) socket.destroy();
      resolve(connected);
    };
    const begin = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (over || address === undefined) return;
      attempt(address);
      if (waiting.length > 0) timer = setTimeout(begin, patience.stagger);
    };
    const attempt = (address: string): void => {
      const socket = connect({ host: address, port, noDelay: true });
      under.add(socket);
      const fail = (note: string): void => {
        clearTimeout(limit);
        if (!under.delete(socket)) return;
        socket.destroy();
        notes.push(`${placeOf(address, port)}: ${note}`);
        if (waiting.length > 0) begin();
        else if (under.size === 0) finish({ ok: false, note: notes.join(', ') });
      };
      const limit = setTimeout(() => fail('no answer in time'), patience.attempt);
      socket.on('error', (error) => fail('code' in error ? String(error.code) : 'unknown error'));
      socket.once('close', () => clearTimeout(limit));
      socket.once('connect', () => {
        clearTimeout(limit);
        under.delete(socket);
        socket.setKeepAlive(true, 60_000);
        finish({ ok: true, socket, address });
      });
    };
    if (addresses.length === 0) finish({ ok: false, note: 'no address' });
    else begin();
  });
}

/** `192.0.2.10:5269`, `[2001:db8::1]:5269`. */
export function placeOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
