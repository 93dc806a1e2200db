// What can the stream do? Features, limits, and a ping there and back (XEP-0198, XEP-0199, XEP-0478).
import type { Finding } from '@sallyport/shared/finding.ts';
import { bestWalk, type Examined } from './examine-place.ts';
import { found } from './findings.ts';
import { offersOf } from './offers.ts';
import type { PingResult } from './ping.ts';

/** About a stream that came to life; nothing else. `stanzaBytes`: the largest that we take. */
export function* explainStream(examined: Examined, stanzaBytes: number): Generator<Finding> {
  const { at } = examined;
  const walk = bestWalk(examined);
  if (walk?.reached !== 'live') return;
  const { streamManagement, maxBytes, idleSeconds } = offersOf(walk.features);
  const { bidi, dialback } = offersOf(walk.firstInTls);
  const says = [
    streamManagement ? 'stream management' : 'no stream management',
    ...(bidi ? ['bidi'] : []),
    ...(dialback ? ['dialback'] : []),
    maxBytes === undefined ? 'no limits told' : `stanzas up to ${maxBytes} bytes`,
    ...(idleSeconds === undefined ? [] : [`idle up to ${idleSeconds} s`]),
  ];
  yield found('features', says.join(', '), { at });
  if (!streamManagement) yield found('no-stream-management', 'offers no stream management between servers', { at });
  if (maxBytes !== undefined && maxBytes < stanzaBytes) {
    yield found('limits-small', `takes ${maxBytes} bytes a stanza, we take ${stanzaBytes}`, { at });
  }
}

export function* explainPing(result: PingResult | undefined): Generator<Finding> {
  if (result === undefined) return;
  const { at } = result;
  if (result.ms === undefined)
    yield found('ping-unanswered', `no answer to a ping within ${result.waitedMs / 1000} s`, { at });
  else yield found('ping-answered', `a ping there and back took ${result.ms} ms`, { at });
}
