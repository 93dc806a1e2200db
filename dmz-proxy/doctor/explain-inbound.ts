// And their way to us: the streams that live, what became of their last attempts, and why (xmpp-boundary H16, L11).
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Finding } from '@sallyport/shared/finding.ts';
import type { StreamFacts } from '../stream/facts.ts';
import type { Attempt } from './attempts.ts';
import { spanOf } from './certificate-words.ts';
import { found } from './findings.ts';

/** `attempts`: oldest first, those that are over; `streams`: those that live. */
export function* explainInbound(
  attempts: readonly Attempt[],
  streams: readonly StreamFacts[],
  now: Instant,
): Generator<Finding> {
  const inbound = streams.filter(({ direction }) => direction === 'inbound');
  const outbound = streams.length - inbound.length;
  if (streams.length > 0) {
    yield found('streams-live', `${countOf(inbound.length)} from them and ${outbound} of ours live now`);
  }
  const failed = attempts.findLast(({ joined }) => !joined);
  const joined = attempts.findLast(({ joined: wasIn }) => wasIn);
  const lastIn = Math.max(joined?.at ?? 0, ...inbound.map(({ since }) => since));
  if (inbound.length === 0 && joined !== undefined) {
    yield found('came-in', `their last stream ended ${spanOf(now - joined.at)} ago: ${joined.note}`, {
      at: joined.address,
    });
  }
  if (failed === undefined) {
    if (lastIn === 0) yield found('never-came', 'they have not dialled us since the proxy started');
    return;
  }
  const often = failed.times > 1 ? `, ${failed.times} times in a row` : '';
  const says = `not let in ${spanOf(now - failed.at)} ago${often}: ${failed.note}`;
  yield found(lastIn > failed.at ? 'kept-out-before' : 'kept-out', says, { at: failed.address });
}

function countOf(streams: number): string {
  return streams === 1 ? '1 stream' : `${streams} streams`;
}
