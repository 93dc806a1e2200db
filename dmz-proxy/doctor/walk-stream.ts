// One probe: the way of every stream of ours to one address, with the parts that every stream is made of, and a record of
// how far it came. It looks like any other stream, says nothing of users, and is closed in order.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Target } from '../dns/find-partner.ts';
import { bytesBeforeAuthentication, type Channel, openChannel } from '../stream/channel.ts';
import type { Ending } from '../stream/ending.ts';
import { farewell } from '../stream/farewell.ts';
import {
  authenticateBoth,
  awaitFeatures,
  beginStream,
  type Caller,
  openSecured,
} from '../stream/negotiate-outbound.ts';
import type { XmlElement } from '../xml/element.ts';
import { tapChain } from './tap-chain.ts';

/** How far it came: each word says what stands. */
export type Reached = 'connected' | 'asked-for-tls' | 'tls' | 'header-in-tls' | 'authenticated' | 'live';

export type Walk = {
  readonly tls: Target['tls'];
  readonly reached: Reached;
  /** Whether the partner answered with a header before TLS. */
  readonly greeted: boolean;
  /** The features that the partner sent last, as they came. */
  readonly features: XmlElement | undefined;
  /** Those inside TLS before anybody had authenticated: mechanisms, dialback, bidi. */
  readonly firstInTls: XmlElement | undefined;
  readonly shaken: Shaken | undefined;
  /** What proved us, once it stands. */
  readonly provedBy: 'external' | 'dialback' | undefined;
  /** Undefined: it went as far as it was to go. */
  readonly ending: Ending | undefined;
};

export type Shaken = {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  /** The protocol that the server chose; empty where it chose none (RFC 7301). */
  readonly alpn: string;
  /** DER, leaf first, linked by who issued whom. */
  readonly chain: readonly Uint8Array[];
  /** DER in the order in which they came; undefined with TLS 1.3, where nobody sees it. */
  readonly sent: readonly Uint8Array[] | undefined;
};

const closeMsAtMost = 1_000;
const lookEveryMs = 100;
/** How long we wait for features that nobody will use. */
const moreMs = 1_500;

/**
 * Walks down the stream. `asFarAs` TLS: to the features inside it, and nothing is proved or asked. `live`: through the
 * authentication, and `whenLive` may use the stream; what it returns ends the walk.
 */
export async function walkStream(
  caller: Caller,
  socket: Socket,
  tls: Target['tls'],
  asFarAs: 'tls' | 'live',
  whenLive: (channel: Channel) => Promise<Ending | undefined>,
): Promise<Walk> {
  const { clock, times } = caller;
  const seen: { reached: Reached; greeted: boolean; inTls: boolean } = {
    reached: 'connected',
    greeted: false,
    inTls: false,
  };
  let features: XmlElement | undefined;
  let firstInTls: XmlElement | undefined;
  let shaken: Omit<Shaken, 'chain'> | undefined;
  let chain: readonly Uint8Array[] = [];
  let provedBy: Walk['provedBy'];
  let sent = (): readonly Uint8Array[] | undefined => undefined;
  const channel = openChannel(socket, clock, bytesBeforeAuthentication);
  channel.expect(clock.now() + times.negotiation, 'the negotiation');
  const look = setInterval(
    () => channel.check(clock.now(), { assembly: times.assembly, idle: Number.POSITIVE_INFINITY }),
    lookEveryMs,
  );

  // The same channel, with somebody who watches what passes.
  const watched: Channel = {
    ...channel,
    async next() {
      const event = await channel.next();
      if (event.kind === 'element' && event.element.name === 'features') {
        features = event.element;
        if (seen.inTls) firstInTls ??= features;
      }
      if (event.kind === 'open') {
        if (seen.inTls && seen.reached === 'tls') seen.reached = 'header-in-tls';
        if (!seen.inTls) seen.greeted = true;
      }
      return event;
    },
    take() {
      seen.reached = 'asked-for-tls';
      const tapped = tapChain(channel.take());
      sent = tapped.chain;
      return tapped.socket;
    },
    give(secured) {
      seen.reached = 'tls';
      seen.inTls = true;
      features = undefined;
      shaken = secured instanceof TLSSocket ? shakenOf(secured, sent()) : undefined;
      channel.give(secured);
    },
  };

  const watchedCaller: Caller = {
    ...caller,
    onChain(shown) {
      chain = shown;
    },
  };

  async function walk(): Promise<Ending | undefined> {
    if (asFarAs === 'tls') {
      const opened = await openSecured(watchedCaller, watched, tls);
      const offered = opened.ok ? await awaitFeatures(watched) : opened;
      return offered.ok ? undefined : offered.ending;
    }
    const proved = await authenticateBoth(watchedCaller, watched, tls);
    if (!proved.ok) {
      // What it would have offered helps to explain; a certificate that is refused ends a stream before that.
      const refused = proved.ending.kind === 'error' && proved.ending.refusal === 'certificate-refused';
      if (refused) {
        channel.expect(clock.now() + moreMs, 'the features');
        await awaitFeatures(watched);
      }
      return proved.ending;
    }
    seen.reached = 'authenticated';
    provedBy = proved.value.begun === undefined ? 'external' : 'dialback';
    const begun = await beginStream(watchedCaller, watched, proved.value);
    if (!begun.ok) return begun.ending;
    seen.reached = 'live';
    channel.expect(undefined, '');
    return whenLive(watched);
  }

  try {
    const ending = await walk();
    await farewell(channel, ending ?? { kind: 'closed', by: 'us', note: 'examined' }, {
      ourHeader: '',
      closeMs: Math.min(times.close, closeMsAtMost),
    });
    return {
      tls,
      reached: seen.reached,
      greeted: seen.greeted,
      features,
      firstInTls,
      shaken: shaken && { ...shaken, chain },
      provedBy,
      ending,
    };
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    clearInterval(look);
  }
}

function shakenOf(socket: TLSSocket, sent: readonly Uint8Array[] | undefined): Omit<Shaken, 'chain'> {
  const { alpnProtocol } = socket;
  return {
    version: socket.getProtocol() ?? 'TLS',
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : '',
    sent,
  };
}
