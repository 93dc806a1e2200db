// What a live stream needs now and then: spaces, a second look at its certificate, the policy of the day (L4, T12, I9).
import type { Clock, Instant } from '@sallyport/shared/clock.ts';
import type { Log } from '@sallyport/shared/log.ts';
import type { Partner, Policy } from '@sallyport/shared/policy/policy.ts';
import { allVersions } from '../tls/credentials.ts';
import type { CredentialsOf } from '../tls/own-credentials.ts';
import type { Channel } from './channel.ts';
import { type Ending, streamError } from './ending.ts';
import type { CertificateFacts } from './facts.ts';
import { provePeer } from './prove-peer.ts';
import { keepaliveFor, type Times } from './times.ts';

export type Supervised = { readonly check: (now: Instant, close: (ending: Ending) => void) => void };

const endless = Number.POSITIVE_INFINITY;
/** Streams made with an older certificate of ours are renewed within this time, not all at once. */
const renewalSpreadMs = 30_000;

export function superviseStream(world: {
  readonly channel: Channel;
  readonly chain: readonly Uint8Array[];
  readonly partner: Partner;
  /** Of the certificate that proved the peer; without one dialback did, or where we dial, nothing. */
  readonly certificate: CertificateFacts | undefined;
  /** Which certificate of ours the peer has seen: the one of this name, and its generation. */
  readonly shown: { readonly domain: string; readonly generation: number };
  /** The stream carries stanzas both ways: as long as the partner's entry says so. */
  readonly bidi: boolean;
  /** How long the peer bears silence, where it says so (XEP-0478). */
  readonly idleSeconds: number | undefined;
  readonly policy: () => Policy;
  readonly credentials: CredentialsOf;
  readonly clock: Clock;
  readonly times: Times;
  readonly log: Log;
  /** Told with which certificates a partner is proved, and when these no longer hold. */
  readonly onProved?: (domain: string, chain: readonly Uint8Array[]) => void;
  readonly onUnproved?: (domain: string) => void;
}): Supervised {
  const { channel, times, certificate, shown } = world;
  const keepalive = keepaliveFor(times, world.idleSeconds);
  let { partner } = world;
  let { revision, revocation } = world.policy();
  let nextProof = Math.min(world.clock.now() + times.recheck, (certificate?.notAfter ?? endless) + 1);
  let renewAt: Instant | undefined;
  if (certificate !== undefined) world.onProved?.(partner.domain, world.chain);

  function prove(close: (ending: Ending) => void): void {
    if (certificate === undefined) {
      close(streamError('reset', 'what dialback proved is to be proved anew'));
      return;
    }
    provePeer(world.chain, partner, world.clock.now()).then(
      (proof) => {
        if (!proof.ok) {
          world.onUnproved?.(partner.domain);
          close(streamError('reset', `the certificate no longer holds: ${proof.reason}`));
          return;
        }
        nextProof = Math.min(world.clock.now() + times.recheck, proof.certificate.notAfter + 1);
      },
      (error: unknown) => {
        world.log.error({ err: error }, 'a certificate could not be checked again');
        close(streamError('reset', 'the certificate could not be checked again'));
      },
    );
  }

  return {
    check(now, close) {
      if (now - channel.lastOutput() >= keepalive && !channel.isFull()) channel.write(' ');
      const policy = world.policy();
      if (policy.revision !== revision || policy.revocation !== revocation) {
        ({ revision, revocation } = policy);
        const current = policy.partners.get(partner.domain);
        if (current === undefined) {
          close(streamError('policy-violation', 'the domain is no partner any more'));
          return;
        }
        if (!sameVersions(partner, current)) {
          close(streamError('reset', 'other TLS versions are agreed now'));
          return;
        }
        if (world.bidi && current.bidi !== true) {
          close(streamError('reset', 'bidi is not agreed any more'));
          return;
        }
        if (!sameTrust(partner, current)) nextProof = now;
        partner = current;
      }
      if (now >= nextProof) {
        nextProof = now + times.recheck;
        prove(close);
      }
      if (world.credentials(shown.domain).generation !== shown.generation) {
        renewAt ??= now + Math.random() * Math.min(renewalSpreadMs, times.idle);
        if (now >= renewAt) close(streamError('reset', 'our own certificate was renewed'));
      }
    },
  };
}

/** Whether both entries believe the same certificates, and the same dialback; an entry that is gone believes none. */
export function sameTrust(before: Partner, after: Partner | undefined): boolean {
  return after !== undefined && trustOf(after) === trustOf(before);
}

function trustOf({ trust, pins = [], pinsOnly = false, crl, external = 'required', dialback }: Partner): string {
  const revocation = [crl?.required === true, crl?.lists.join() ?? ''];
  return [trust.join(), pins.join(), pinsOnly, ...revocation, external, dialback ?? 'never'].join(' ');
}

function sameVersions({ tls: before = allVersions }: Partner, { tls: after = allVersions }: Partner): boolean {
  return before.min === after.min && before.max === after.max;
}
