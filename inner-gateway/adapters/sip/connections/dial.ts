// Keeps one connection of our own to a peer group: dials, proves who answers, dials again after a pause.
import { connect, type TLSSocket } from 'node:tls';
import { backoff } from '@sallyport/shared/backoff.ts';
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { OwnTls } from './credentials.ts';
import { type PeerGroup, type Recognised, recognise } from './peer-group.ts';

export type Dialler = {
  /** Somebody wants to send: an attempt is made as soon as the pause allows, 5 s at most. */
  readonly want: () => void;
  /** The connection is gone; another one is made after a pause. */
  readonly lost: () => void;
  /** The connection shall be replaced: another one is dialled beside it. */
  readonly renew: () => void;
  /** Once a second: starts an attempt whose time has come. */
  readonly tick: () => void;
  readonly trouble: () => string;
  readonly dialling: () => boolean;
  readonly stop: () => void;
};

const attemptMs = 10_000;
/** Without anything to send, a peer that is away is tried so often. */
const probeMs = 60_000;
// Deliveries wait ten seconds for a connection: a peer that is back must be found within that.
const capMs = 5_000;

/** Dials the group at once and whenever its connection was lost. `connected` gets each connection that was proved. */
export function keepDialled(
  group: PeerGroup,
  own: () => OwnTls,
  world: { readonly clock: Clock; readonly log: Log },
  connected: (socket: TLSSocket, who: Extract<Recognised, { known: true }>, generation: number) => void,
): Dialler {
  let failures = 0;
  let wanted = false;
  let state: 'idle' | 'dialling' | 'up' | 'stopped' = 'idle';
  let nextAt: Instant = 0;
  let trouble = '';
  let socket: TLSSocket | undefined;

  function attempt(): void {
    state = 'dialling';
    wanted = false;
    const { host, port, fqdn, tls } = group.settings;
    const { certPem, keyPem, generation } = own();
    const started = connect({
      host,
      port,
      servername: fqdn,
      cert: certPem,
      key: keyPem,
      minVersion: tls === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
      // INVARIANT: nothing is written before `recognise` has said who it is.
      rejectUnauthorized: false,
    });
    socket = started;
    const fail = (why: string) => {
      if (socket !== started) return;
      socket = undefined;
      started.destroy();
      failed(why);
    };
    started.setTimeout(attemptMs, () => fail('no answer'));
    started.once('error', (error) => fail('code' in error ? String(error.code) : error.name));
    started.once('close', () => fail('closed during the handshake'));
    started.once('secureConnect', async () => {
      const who = await recognise(started, [group], world.clock.now());
      if (socket !== started) return;
      if (!who.known) {
        fail(who.why);
        return;
      }
      socket = undefined;
      started.setTimeout(0);
      state = 'up';
      failures = 0;
      trouble = '';
      connected(started, who, generation);
    });
  }

  function failed(why: string): void {
    if (state === 'stopped') return;
    state = 'idle';
    if (why !== trouble) world.log.warn({ peer: group.settings.fqdn, why }, 'the peer is not reached');
    trouble = why;
    failures++;
    nextAt = world.clock.now() + backoff(failures, { firstMs: 1_000, capMs: probeMs });
  }

  return {
    want() {
      if (wanted || state !== 'idle') return;
      wanted = true;
      nextAt = Math.min(nextAt, world.clock.now() + backoff(failures, { firstMs: 1_000, capMs }));
      if (failures === 0) attempt();
    },
    lost() {
      if (state !== 'up') return;
      state = 'idle';
      nextAt = world.clock.now() + backoff(0, { firstMs: 1_000, capMs });
    },
    renew() {
      if (state !== 'up') return;
      state = 'idle';
      nextAt = world.clock.now();
    },
    tick() {
      if (state === 'idle' && world.clock.now() >= nextAt) attempt();
    },
    trouble: () => trouble,
    dialling: () => state === 'dialling',
    stop() {
      state = 'stopped';
      socket?.destroy();
    },
  };
}
