// Times that a partner tells us: as XEP-0082 writes them, and believed within bounds (XEP-0203, XEP-0319).
import { parseJid } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Envelope } from './stanza.ts';

const oldestDelayMs = 30 * 86_400_000;
const idleStepMs = 5 * 60_000;

/** When a late stanza was said: believed from the sender or its server, of the past, and 30 days at most. */
export function trustedDelay(delay: XmlElement, { from }: Envelope, now: Instant): Instant | undefined {
  const by = delay.attributes.from === undefined ? from : parseJid(delay.attributes.from);
  if (by?.bare !== from.bare && by?.bare !== from.domain) return undefined;
  return instantOf(delay.attributes.stamp, now, oldestDelayMs);
}

/** Since when somebody is idle, to five minutes, since the exact time tells of working hours; 30 days at most. */
export function idleSince(idle: XmlElement, now: Instant): Instant | undefined {
  const since = instantOf(idle.attributes.since, now, oldestDelayMs);
  return since === undefined ? undefined : since - (since % idleStepMs);
}

function instantOf(stamp: string | undefined, now: Instant, oldestMs: number): Instant | undefined {
  if (stamp === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(stamp)) return undefined;
  const at = Date.parse(stamp);
  return at <= now && at >= now - oldestMs ? at : undefined;
}
