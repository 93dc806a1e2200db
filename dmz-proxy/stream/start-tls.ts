// STARTTLS, both ends (RFC 6120 §5; xmpp-boundary T1 to T4): not one byte may stand between the word and TLS.
import type { Handshaken } from '../tls/handshake.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Channel } from './channel.ts';
import { ended, type Step, streamError, went } from './ending.ts';
import { saslNs, tlsNs } from './features.ts';
import { readStreamError } from './stream-error.ts';

const injected = 'bytes behind the STARTTLS exchange: STARTTLS injection';
export const startTlsFailure = `<failure xmlns="${tlsNs}"/>`;

/** As the receiver: waits for `<starttls/>` behind our features, and takes nothing else on a stream in plain text. */
export async function awaitStartTls(channel: Channel): Promise<Step<undefined>> {
  const event = await channel.next();
  switch (event.kind) {
    case 'ends':
      return ended(event.ending);
    case 'close':
      return ended({ kind: 'closed', by: 'peer', note: 'the peer left before TLS' });
    case 'open':
      return ended(streamError('invalid-xml', 'a second header'));
    case 'element': {
      if (!is(event.element, tlsNs, 'starttls')) {
        const said = readStreamError(event.element);
        if (said !== undefined) return ended(said);
        if (event.element.ns === saslNs) {
          channel.write(`<failure xmlns="${saslNs}"><encryption-required/></failure>`);
        }
        return ended(streamError('policy-violation', 'something else than STARTTLS on a stream in plain text'));
      }
      if (!channel.isQuiet()) return ended({ kind: 'cut', note: injected });
      return went(undefined);
    }
    default:
      return event satisfies never;
  }
}

/** As the initiator: asks for TLS and waits for `<proceed/>`. */
export async function requestStartTls(channel: Channel): Promise<Step<undefined>> {
  channel.write(`<starttls xmlns="${tlsNs}"/>`);
  const event = await channel.next();
  if (event.kind === 'ends') return ended(event.ending);
  if (event.kind !== 'element') return ended({ kind: 'cut', note: 'the peer closed instead of proceeding to TLS' });
  const said = readStreamError(event.element);
  if (said !== undefined) return ended(said);
  if (is(event.element, tlsNs, 'failure')) return ended({ kind: 'cut', note: 'the peer cannot start TLS' });
  if (!is(event.element, tlsNs, 'proceed')) {
    return ended(streamError('policy-violation', 'the peer answered STARTTLS with something else'));
  }
  if (!channel.isQuiet()) return ended({ kind: 'cut', note: injected });
  return went(undefined);
}

/** Lets TLS take the socket. After a failure nothing may be said: what arrives is not ours to read (T3, T13). */
export async function secure(
  channel: Channel,
  shake: (socket: ReturnType<Channel['take']>) => Promise<Handshaken>,
): Promise<Step<Omit<Extract<Handshaken, { ok: true }>, 'ok' | 'socket'>>> {
  const raw = channel.take();
  const shaken = await shake(raw);
  if (!shaken.ok) {
    raw.destroy();
    return ended({ kind: 'cut', note: shaken.note });
  }
  const { socket, version, serverName, chain } = shaken;
  channel.give(socket);
  return went({ version, serverName, chain });
}

function is(element: XmlElement, ns: string, name: string): boolean {
  return element.ns === ns && element.name === name;
}
