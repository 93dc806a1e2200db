// The partners as operators see them: their streams, what waits for them, what went wrong last.
import type { Policy } from '@sallyport/shared/policy/policy.ts';
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
) {
  const streams = [...listener.streams(), ...outbound.streams()];
  return [...policy.partners.keys(), ...standings.removed()].map((domain) => {
    const error = outbound.lastError(domain);
    return {
      domain,
      standing: words[standings.of(domain, streams)],
      streams: streams.filter((each) => each.remoteDomain === domain).map(streamState),
      waiting: outbound.waiting(domain),
      ...(error === undefined ? {} : { lastError: error.text.slice(0, 512), lastErrorAtMs: error.at }),
    };
  });
}

const words = {
  good: 'PARTNER_GOOD',
  removed: 'PARTNER_REMOVED',
  unproved: 'PARTNER_UNPROVED',
} as const satisfies Record<Standing, string>;

/** The same in the words of `sallyport status`. */
export function partnerLines(policy: Policy, listener: Listener, outbound: OutboundStreams): readonly object[] {
  const inbound = listener.streams();
  const outward = outbound.streams();
  const count = (streams: readonly StreamFacts[], domain: string) =>
    streams.filter((each) => each.remoteDomain === domain).length;
  return [...policy.partners.keys()].map((domain) => ({
    domain,
    inbound: count(inbound, domain),
    outbound: count(outward, domain),
    waiting: outbound.waiting(domain),
    lastError: outbound.lastError(domain)?.text ?? '',
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
