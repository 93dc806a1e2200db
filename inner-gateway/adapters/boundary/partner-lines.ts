// The partners in the words of `sallyport status`, as the proxies last told of them.
import type { PartnerState__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnerState.ts';

/** `people` says of a domain how many of its devices somebody inside sees as available. */
export function partnerLines(
  states: readonly PartnerState__Output[],
  people: (domain: string) => string,
): readonly object[] {
  return states.map((state) => ({
    domain: state.domain,
    inbound: state.streams.filter((stream) => stream.direction === 'INBOUND').length,
    outbound: state.streams.filter((stream) => stream.direction === 'OUTBOUND').length,
    waiting: state.waiting,
    people: standings[state.standing] ?? (people(state.domain) || 'nobody seen'),
    lastError: state.lastError.slice(0, 200),
    ...(state.policy === null ? {} : { policy: state.policy }),
  }));
}

const standings: Readonly<Partial<Record<PartnerState__Output['standing'], string>>> = {
  PARTNER_REMOVED: 'off: no partner any more',
  PARTNER_UNPROVED: 'off: its certificate no longer holds',
};
