// The partners as operators see them: their streams, what waits for them, what went wrong last.
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { RevisionMark, RevisionStates } from '@sallyport/shared/policy/revision-states.ts';
import type { Listener } from './listener.ts';
import type { PartnerStandings, Standing } from './partner-standings.ts';
import { provenName, type StreamFacts } from './stream/facts.ts';
import type { OutboundStreams } from './stream/outbound-streams.ts';

/** One state a partner, for the `Partners` call of the wall. */
export function partnerStates(
  policy: Policy,
  listener: Listener,
  outbound: OutboundStreams,
  standings: PartnerStandings,
  revisions: RevisionStates,
) {
  const policyStanding = standingOf(revisions);
  const streams = [...listener.streams(), ...outbound.streams()];
  return [...policy.partners.keys(), ...standings.removed()].map((domain) => {
    const error = outbound.lastError(domain);
    return {
      domain,
      standing: words[standings.of(domain, streams)],
      policy: policyStanding,
      streams: streams.filter((each) => each.remoteDomain === domain).map(streamState),
      waiting: outbound.waiting(domain),
      ...(error === undefined ? {} : { lastError: error.text.slice(0, 512), lastErrorAtMs: error.at }),
    };
  });
}

function standingOf({ published, received, verified, active }: RevisionStates) {
  const named = (mark: RevisionMark | undefined) => mark?.revision ?? '';
  return { published: named(published), received: named(received), verified: named(verified), active: named(active) };
}

const words = {
  good: 'PARTNER_GOOD',
  removed: 'PARTNER_REMOVED',
  unproved: 'PARTNER_UNPROVED',
} as const satisfies Record<Standing, string>;

/** A connection that was not let in under a partner's name; nobody knows whose it was. */
type TurnedAway = { readonly at: Instant; readonly address: string; readonly note: string };

/** The same in the words of `sallyport status`; `turnedAway` tells the last of a domain. */
export function partnerLines(
  policy: Policy,
  listener: Listener,
  outbound: OutboundStreams,
  turnedAway: (domain: string) => TurnedAway | undefined,
): readonly object[] {
  const inbound = listener.streams();
  const outward = outbound.streams();
  const count = (streams: readonly StreamFacts[], domain: string) =>
    streams.filter((each) => each.remoteDomain === domain).length;
  return [...policy.partners.keys()].map((domain) => {
    const error = outbound.lastError(domain);
    const refused = turnedAway(domain);
    return {
      domain,
      inbound: count(inbound, domain),
      outbound: count(outward, domain),
      waiting: outbound.waiting(domain),
      lastError: error?.text ?? '',
      lastErrorAt: error?.at,
      lastRefused: refused === undefined ? '' : `${refused.address}: ${refused.note}`,
      lastRefusedAt: refused?.at,
    };
  });
}

/** Each live stream, for `sallyport status`. */
export function streamLines(listener: Listener, outbound: OutboundStreams): readonly object[] {
  return [...listener.streams(), ...outbound.streams()].map((facts) => ({
    partner: facts.remoteDomain,
    domain: facts.localDomain,
    direction: facts.direction,
    bidi: facts.bidi,
    address: facts.remoteAddress,
    since: facts.since,
    tls: facts.tls,
    provedBy: provenName(facts),
    certificateUntil: facts.certificate?.notAfter,
    managed: facts.managed,
    heardAt: facts.heardAt,
    missedPings: facts.missedPings,
    stanzasIn: facts.stanzasIn,
    stanzasOut: facts.stanzasOut,
  }));
}

function streamState(facts: StreamFacts) {
  return {
    direction: facts.direction === 'inbound' ? ('INBOUND' as const) : ('OUTBOUND' as const),
    localDomain: facts.localDomain,
    remoteAddress: facts.remoteAddress,
    sinceMs: facts.since,
    tls: facts.tls,
    certificateSha256: facts.certificate?.sha256 ?? '',
    certificateNotAfterMs: facts.certificate?.notAfter ?? 0,
    matchedName: provenName(facts),
    stanzasIn: facts.stanzasIn,
    stanzasOut: facts.stanzasOut,
  };
}
