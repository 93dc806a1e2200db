// TLS handshakes over a connected socket, as promises; the certificate is judged afterwards, by us (T3, T7, T8, T9).
import type { Socket } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import { toAsciiDomain } from '@sallyport/shared/address/domain-name.ts';
import type { Partner } from '@sallyport/shared/policy/policy.ts';
import type { Credentials } from './credentials.ts';
import type { CredentialsOf } from './own-credentials.ts';

export type Handshaken =
  | {
      readonly ok: true;
      readonly socket: TLSSocket;
      readonly version: string;
      /** The server name that a client asked for, or empty. */
      readonly serverName: string;
      /** DER, leaf first, as the peer sent it. */
      readonly chain: readonly Uint8Array[];
    }
  | { readonly ok: false; readonly note: string };

const alpn = ['xmpp-server'];

/**
 * As the server: the client sees what `show` says for the server name in its hello, or for `domain` where it has none (T11).
 * Its own certificate is asked for, and whatever it shows is let through to our own check.
 */
export function shakeAsServer(raw: Socket, show: CredentialsOf, domain: string, withinMs: number): Promise<Handshaken> {
  const socket = new TLSSocket(raw, {
    isServer: true,
    secureContext: show(domain).context,
    SNICallback: (name, choose) => choose(null, show(name.toLowerCase()).context),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: alpn,
  });
  return settled(socket, 'secure', withinMs);
}

/** As the client: the server name is always the domain of the partner, never a host name (N7, T8). */
export function shakeAsClient(
  raw: Socket,
  credentials: Credentials,
  { domain, tls }: Pick<Partner, 'domain' | 'tls'>,
  withinMs: number,
): Promise<Handshaken> {
  const socket = connect({
    socket: raw,
    secureContext: credentials.contextFor(tls),
    servername: toAsciiDomain(domain),
    rejectUnauthorized: false,
    ALPNProtocols: alpn,
  });
  return settled(socket, 'secureConnect', withinMs);
}

function settled(socket: TLSSocket, event: 'secure' | 'secureConnect', withinMs: number): Promise<Handshaken> {
  return new Promise((resolve) => {
    let note = 'the connection was cut in the TLS handshake';
    const fail = (): void => {
      clearTimeout(timer);
      resolve({ ok: false, note });
      socket.destroy();
    };
    const hear = (error: unknown): void => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      note = `the TLS handshake failed: ${code}`;
    };
    const timer = setTimeout(() => {
      note = 'the TLS handshake took too long';
      fail();
    }, withinMs);
    // A server's socket tells the reason by '_tlsError' alone; without it the note is poorer, nothing else.
    socket.on('_tlsError', hear);
    socket.on('error', hear);
    socket.once('close', fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.removeListener('close', fail);
      const serverName = 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : '';
      resolve({ ok: true, socket, version: socket.getProtocol() ?? 'TLS', serverName, chain: chainOf(socket) });
    });
  });
}

// DER, leaf first, as the peer sent it; ten at most (C11). The trust is not ours to build here.
function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  let each = socket.getPeerX509Certificate();
  while (each !== undefined && chain.length < 10 && !seen.has(each.fingerprint256)) {
    seen.add(each.fingerprint256);
    chain.push(each.raw);
    each = each.issuerCertificate;
  }
  return chain;
}
