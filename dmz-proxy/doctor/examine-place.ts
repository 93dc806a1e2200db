// One address: does it take connections, which TLS does it speak, and how far does a stream come? At most four connections,
// one after the other, each closed in order (RFC 6120 §3 to §6; xmpp-boundary N10, T13).
import type { TlsVersion } from '@sallyport/shared/policy/policy.ts';
import type { Channel } from '../stream/channel.ts';
import { connectTcp, placeOf } from '../stream/connect-tcp.ts';
import type { Ending } from '../stream/ending.ts';
import type { Caller } from '../stream/negotiate-outbound.ts';
import type { Place } from './examine-dns.ts';
import { type Walk, walkStream } from './walk-stream.ts';

export type Examined = {
  /** `192.0.2.10:5269`. */
  readonly at: string;
  readonly tls: Place['tls'];
  readonly connection: { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly note: string };
  /** As a stream of ours goes, on the terms of its entry. */
  readonly walk: Walk | undefined;
  /** One try a version, as far as the features inside TLS; absent where it was not needed. */
  readonly only: Readonly<Partial<Record<TlsVersion, Walk>>>;
  /** The walk with TLS 1.2 alone, where 1.3 broke it. */
  readonly without13: Walk | undefined;
};

/** Whether TLS stood and the stream went on inside it; an error that the partner said there is no fault of TLS. */
export function tlsWorks(walk: Walk | undefined): boolean {
  if (walk?.shaken === undefined) return false;
  const said = walk.ending?.kind === 'closed';
  return said || (walk.reached !== 'tls' && (walk.features !== undefined || walk.ending?.kind !== 'cut'));
}

/** `mayGoOn` is asked before each further connection; `whenLive` may use the live stream. */
export async function examinePlace(
  caller: Caller,
  place: Place,
  mayGoOn: () => boolean,
  whenLive: (channel: Channel) => Promise<Ending | undefined>,
): Promise<Examined> {
  const { tls, port, address } = place;
  const at = placeOf(address, port);
  const connect = () => connectTcp([address], port, { attempt: caller.times.attempt, stagger: 0 });

  async function again(min: TlsVersion, max: TlsVersion, asFarAs: 'tls' | 'live'): Promise<Walk | undefined> {
    if (!mayGoOn()) return undefined;
    const connected = await connect();
    if (!connected.ok) return undefined;
    const terms = { ...caller, partner: { ...caller.partner, tls: { min, max } } };
    return walkStream(terms, connected.socket, tls, asFarAs, whenLive);
  }

  const begun = caller.clock.now();
  const connected = await connect();
  if (!connected.ok) {
    const note = connected.note.replace(`${at}: `, '');
    return { at, tls, connection: { ok: false, note }, walk: undefined, only: {}, without13: undefined };
  }
  const connection = { ok: true, ms: caller.clock.now() - begun } as const;
  const walk = await walkStream(caller, connected.socket, tls, 'live', whenLive);
  if (walk.reached === 'connected') return { at, tls, connection, walk, only: {}, without13: undefined };

  const spoken = tlsWorks(walk) ? walk.shaken?.version : undefined;
  const twelve = spoken === 'TLSv1.2' ? undefined : await again('1.2', '1.2', 'tls');
  const thirteen = spoken === 'TLSv1.3' ? undefined : await again('1.3', '1.3', 'tls');
  const only = {
    ...(twelve === undefined ? {} : { '1.2': twelve }),
    ...(thirteen === undefined ? {} : { '1.3': thirteen }),
  };
  const mended = spoken === undefined && tlsWorks(twelve) && caller.partner.tls?.min !== '1.3';
  return { at, tls, connection, walk, only, without13: mended ? await again('1.2', '1.2', 'live') : undefined };
}

/** The walk that says most about what comes behind TLS. */
export function bestWalk(examined: Examined): Walk | undefined {
  return examined.without13 ?? examined.walk;
}

/** The certificates as they were sent, if any of the handshakes showed it. */
export function sentChain({ walk, only, without13 }: Examined): readonly Uint8Array[] | undefined {
  return [walk, only['1.2'], without13].find((each) => each?.shaken?.sent !== undefined)?.shaken?.sent;
}
