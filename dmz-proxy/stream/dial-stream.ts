// One connection to a partner: its servers one after the other, until both ends have authenticated (RFC 6120 §3 to §6, N10).
import type { Socket } from 'node:net';
import type { Target } from '../dns/find-partner.ts';
import { keyInvalid } from './ask-dialback.ts';
import { bytesBeforeAuthentication, type Channel, openChannel } from './channel.ts';
import { describeEnding, type Ending } from './ending.ts';
import { farewell } from './farewell.ts';
import { authenticateBoth, beginStream, type Caller, type DialledStream } from './negotiate-outbound.ts';
import { type DialFailure, type Failed, type ServersWorld, tryServers } from './try-servers.ts';

export type Dialled = { readonly ok: true; readonly stream: DialledStream } | ({ readonly ok: false } & DialFailure);

export type DialWorld = Caller &
  ServersWorld & {
    /** Told of each channel at once, so that the sweep can keep its deadlines. */
    readonly watch: (channel: Channel) => void;
  };

/** Tries the partner's servers in their order; the first that authenticates both ends is taken. */
export function dialStream(world: DialWorld): Promise<Dialled> {
  return tryServers(world, (socket, tls, place) => speak(world, socket, tls, place));
}

/** The negotiation on a connection that stands. */
async function speak(
  world: DialWorld,
  socket: Socket,
  tls: Target['tls'],
  place: string,
): Promise<Extract<Dialled, { ok: true }> | Failed> {
  const channel = openChannel(socket, world.clock, bytesBeforeAuthentication);
  world.watch(channel);
  channel.expect(world.clock.now() + world.times.negotiation, 'the negotiation');
  const proved = await authenticateBoth(world, channel, tls);
  const begun = proved.ok ? await beginStream(world, channel, proved.value) : proved;
  if (begun.ok) {
    channel.expect(undefined, '');
    return { ok: true, stream: begun.value };
  }
  const { ending } = begun;
  void farewell(channel, ending, { ourHeader: '', closeMs: world.times.close });
  const condition = ending.kind === 'closed' ? ending.condition : undefined;
  const unknown = condition === 'host-unknown' || condition === 'host-gone';
  return {
    ok: false,
    code: unknown ? 'partner-not-found' : condition === keyInvalid ? 'far-trust-broken' : 'partner-unreachable',
    refused: unknown || isRefusal(ending),
    certificate: ending.kind === 'error' && ending.refusal === 'certificate-refused',
    authenticated: proved.ok,
    text: `${place}: ${describeEnding(ending)}`,
  };
}

// A peer that is going down, restarting or short of something may be well again in a moment.
function isRefusal(ending: Ending): boolean {
  if (ending.kind === 'cut') return false;
  const condition = ending.condition;
  return condition !== undefined && !passing.has(condition);
}
const passing: ReadonlySet<string> = new Set([
  'connection-timeout',
  'conflict',
  'internal-server-error',
  'remote-connection-failed',
  'reset',
  'remote-server-timeout',
  'resource-constraint',
  'system-shutdown',
]);
