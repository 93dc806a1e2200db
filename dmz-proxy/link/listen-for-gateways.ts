// The port that inner-gateway dials: mutual TLS 1.3 of our own in front of gRPC, so that whoever is not a known
// gateway is turned away before a byte of HTTP/2 is read. No method can forget the check, because none is reached.
import { isIP } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { Log } from '@sallyport/shared/log.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import { type LinkFiles, linkCredentials, uriNames, watchLinkCredentials } from '@sallyport/shared/mutual-tls.ts';

export type GatewayDoorWorld = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly files: LinkFiles;
  /** The URI names that may come in, compared exactly. */
  readonly gateways: readonly string[];
  readonly admit: (socket: TLSSocket, uri: string) => void;
  /** Certificates or CRL have changed: whoever is connected must prove itself anew. */
  readonly onRenewed: () => void;
  readonly log: Log;
};

export type GatewayDoor = { readonly port: number; readonly close: () => void };

const handshakeMs = 10_000;
const turnedAway = counter('link_turned_away', 'Connections to the link port that were no known gateway', ['why']);

/** Listens; rejects with one plain line when a file or the port is wrong. */
export async function listenForGateways(world: GatewayDoorWorld): Promise<GatewayDoor> {
  const credentials = linkCredentials(world.files);
  const server = createServer({
    ...contextOptions(credentials.read()),
    requestCert: true,
    // Judged by ourselves below, so that the log can say what is wrong with a certificate.
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeMs,
    maxVersion: 'TLSv1.3',
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (!socket.authorized) {
      turnedAway.inc({ why: 'certificate' });
      world.log.warn(
        { peer: socket.remoteAddress, why: `${socket.authorizationError}` },
        'a certificate that our link CA does not vouch for: turned away',
      );
      socket.destroy();
      return;
    }
    const names = uriNames(socket.getPeerX509Certificate()?.raw ?? new Uint8Array());
    const uri = names.length === 1 ? world.gateways.find((known) => known === names[0]) : undefined;
    if (uri === undefined) {
      turnedAway.inc({ why: 'name' });
      world.log.warn(
        { peer: socket.remoteAddress, names: names.slice(0, 4) },
        'a certificate of our CA, but none of link.gateways: turned away',
      );
      socket.destroy();
      return;
    }
    world.admit(socket, uri);
  });
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    turnedAway.inc({ why: 'handshake' });
    world.log.warn(
      { peer: socket.remoteAddress, error: error.message.slice(0, 200) },
      'a handshake on the link port failed',
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(world.listen.port, world.listen.host, resolve);
  });
  const stopWatching = watchLinkCredentials(world.files, () => renew(server, world));
  return {
    port: portOf(server),
    close() {
      stopWatching();
      server.close();
    },
  };
}

function renew(server: Server, world: GatewayDoorWorld): void {
  try {
    server.setSecureContext(contextOptions(linkCredentials(world.files).read()));
    world.log.info('link certificates and CRL were read again');
    world.onRenewed();
  } catch (error) {
    world.log.error(
      { error: error instanceof Error ? error.message : 'unknown' },
      'the new link certificates cannot be used; the old ones stay',
    );
  }
}

function contextOptions(read: ReturnType<ReturnType<typeof linkCredentials>['read']>): SecureContextOptions {
  return {
    cert: read.cert,
    key: read.key,
    ca: read.ca,
    minVersion: 'TLSv1.3',
    ...(read.crl === undefined ? {} : { crl: read.crl }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string' || isIP(address.address) === 0)
    throw new Error('the link port has no address');
  return address.port;
}
