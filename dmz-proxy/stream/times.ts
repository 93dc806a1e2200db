// The times of a stream (xmpp-boundary §0.2), all in milliseconds; tests make them shorter.
import type { ProxySettings } from '../settings.ts';
import type { StreamLimits } from './stream-limits.ts';

export type Times = {
  /** From the connection of an appliance to the end of its PROXY header. */
  readonly announcement: number;
  /** From the connection to the first whole header. */
  readonly header: number;
  readonly handshake: number;
  /** From the connection to the end of the negotiation. */
  readonly negotiation: number;
  /** One dialback: ours until its answer, a partner's until its own server has answered (XEP-0220). */
  readonly dialback: number;
  /** From the first byte of a first-level element to its last (L8). */
  readonly assembly: number;
  readonly idle: number;
  /** After so long without output a space is sent (L4). */
  readonly keepalive: number;
  /** How long we read on after our closing tag (L1). */
  readonly close: number;
  /** How long a stream that ends waits for what is under way to be kept, so that it can be acknowledged. */
  readonly confirm: number;
  /** What was handled is acknowledged unasked after so long at the latest (XEP-0198). */
  readonly acknowledge: number;
  /**
   * While something is under way the count is said again so often: a request may be among what we do not read, and
   * Prosody waits 30 s for its answer (B6).
   */
  readonly acknowledgeAgain: number;
  /** How long a shipment waits for its stream. */
  readonly connect: number;
  /** One attempt to reach one address. */
  readonly attempt: number;
  /** A stream that lived so long after a write has delivered it (architecture §4.1 point 2). */
  readonly lived: number;
  /** The same for a partner that has answered our pings before: it must answer within this time. */
  readonly pong: number;
  /** A partner of whom nothing was heard for so long is asked whether it lives, and not more often (L5). */
  readonly ping: number;
  /** New traffic may try an unreachable partner again after so long. */
  readonly retry: number;
  /** The same for a partner that refused us, or that we refused. */
  readonly retryRefused: number;
  /** The longest pause between attempts of our own. */
  readonly backoffCap: number;
  /** At the latest after so long a peer's certificate is checked again (T12). */
  readonly recheck: number;
  /** How often all streams are looked at. */
  readonly sweep: number;
};

/** The times that the settings and xmpp-boundary §0.2 ask for. */
export function timesOf(limits: ProxySettings['limits'], changed: Partial<Times> = {}): Times {
  return {
    announcement: 5_000,
    header: 15_000,
    handshake: 15_000,
    negotiation: limits.negotiationSeconds * 1000,
    dialback: 30_000,
    assembly: 30_000,
    idle: limits.idleSeconds * 1000,
    keepalive: limits.keepaliveSeconds * 1000,
    close: 5_000,
    confirm: 2_000,
    acknowledge: 1_000,
    acknowledgeAgain: 15_000,
    connect: limits.connectSeconds * 1000,
    attempt: 10_000,
    lived: 5_000,
    pong: 30_000,
    ping: 300_000,
    retry: 2_000,
    retryRefused: 10_000,
    backoffCap: 300_000,
    recheck: 86_400_000,
    sweep: 1_000,
    ...changed,
  };
}

/** How often a space must be said so that a peer which bears silence for `idleSeconds` alone does not leave (XEP-0478). */
export function keepaliveFor(times: Pick<Times, 'keepalive'>, idleSeconds: number | undefined): number {
  return idleSeconds === undefined ? times.keepalive : Math.min(times.keepalive, idleSeconds * 500);
}

/** What we tell peers: they should end first, so that we need not call it a timeout (XEP-0478). */
export function advertisedLimits(limits: ProxySettings['limits']): StreamLimits {
  return { maxBytes: limits.stanzaBytes, idleSeconds: Math.floor(limits.idleSeconds * 0.93) };
}
