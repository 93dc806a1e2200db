// Listens for front ends and edges over mutual TLS, with limits before and after the handshake (sip-dialect §2.1).
import { constants } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Clock } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { OwnTls } from './credentials.ts';
import { type PeerGroup, type Recognised, recognise } from './peer-group.ts';

export type Listener = {
  readonly port: number;
  /** Shows another certificate to whoever connects from now on. */
  readonly present: (own: OwnTls) => void;
  readonly close: () => Promise<void>;
};

const handshakesPerAddress = 20;
const handshakeMs = 10_000;
const connectionsAtMost = 1_024;

/**
 * Listens and hands over each connection whose certificate is that of a peer in the list; all others are closed
 * without a word. Bounds: 20 handshakes at a time per address, 10 s for each, 1,024 connections.
 */
export async function listen(
  options: {
    readonly host: string;
    readonly port: number;
    readonly own: OwnTls;
    readonly groups: readonly PeerGroup[];
  },
  world: { readonly clock: Clock; readonly log: Log },
  accepted: (socket: TLSSocket, who: Extract<Recognised, { known: true }>) => void,
): Promise<Listener> {
  const { groups } = options;
  const shaking = new Map<string, number>();
  const open = new Set<Socket>();
  const finishes = new Map<string, () => void>();
  const contextOf = ({ certPem, keyPem }: OwnTls): SecureContextOptions => ({
    cert: certPem,
    key: keyPem,
    minVersion: groups.every((group) => group.settings.tls === '1.3') ? 'TLSv1.3' : 'TLSv1.2',
    // A resumed session would carry no certificate chain to check.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  const server = createServer({
    ...contextOf(options.own),
    requestCert: true,
    // INVARIANT: nothing is served before `recognise` has said who it is.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeMs,
  });
  server.maxConnections = connectionsAtMost;

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (shaking.get(address) ?? 0) + 1;
    if (count > handshakesPerAddress) {
      socket.destroy();
      return;
    }
    shaking.set(address, count);
    open.add(socket);
    let counted = true;
    const finish = () => {
      if (!counted) return;
      counted = false;
      const left = (shaking.get(address) ?? 1) - 1;
      if (left > 0) shaking.set(address, left);
      else shaking.delete(address);
    };
    finishes.set(`${address} ${socket.remotePort}`, finish);
    socket.once('close', () => {
      finish();
      open.delete(socket);
      finishes.delete(`${address} ${socket.remotePort}`);
    });
  });
  server.on('secureConnection', async (socket) => {
    finishes.get(`${socket.remoteAddress} ${socket.remotePort}`)?.();
    const address = socket.remoteAddress;
    const ignore = () => {};
    socket.on('error', ignore);
    const who = await recognise(socket, groups, world.clock.now());
    if (!who.known) {
      world.log.warn({ address, why: who.why }, 'a connection was refused');
      socket.destroy();
      return;
    }
    socket.off('error', ignore);
    if (socket.destroyed) return;
    accepted(socket, who);
  });
  server.on('tlsClientError', (error, socket) => {
    world.log.debug({ address: socket.remoteAddress, error: error.name }, 'a TLS handshake failed');
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => world.log.error({ error: error.name }, 'the SIP listener has trouble'));
  const address: AddressInfo | string | null = server.address();
  return {
    port: address === null || typeof address === 'string' ? options.port : address.port,
    present: (own) => server.setSecureContext(contextOf(own)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
