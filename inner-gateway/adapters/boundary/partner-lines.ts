// The partners in the words of `sallyport status`, as the proxies last told of them.
import type { PartnerState__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/PartnerState.ts';

export function partnerLines(states: readonly PartnerState__Output[]): readonly object[] {
  return states.map((state) => ({
    domain: state.domain,
    inbound: state.streams.filter((stream) => stream.direction === 'INBOUND').length,
    outbound: state.streams.filter((stream) => stream.direction === 'OUTBOUND').length,
    waiting: state.waiting,
    lastError: state.lastError.slice(0, 200),
  }));
}
