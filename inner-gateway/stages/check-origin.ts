// Disbelieves: the packet must be one that can have come from where it came from (architecture §3 I4; xmpp-boundary S16).
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

const idPattern = /^[!-~]{1,128}$/;
const aheadMs = 60 * 60_000;
const behindMs = 24 * 60 * 60_000;
const delayedMs = 366 * 24 * 60 * 60_000;

/**
 * From XMPP: from an outer domain to an inner one. From inside: from an inner domain (where it goes is the next
 * stages' question). An id that can be one; a time at most an hour ahead and a day old, a year where it says delayed.
 * Refuses with `origin-disbelieved`.
 */
export function checkOrigin(packet: Packet, { origin, domains, now }: Situation): Verdict<Packet> {
  if (!idPattern.test(packet.id)) return disbelieved('its id cannot be one');
  if (!Number.isSafeInteger(packet.at)) return disbelieved('its time is no time');
  if (packet.at > now + aheadMs) return disbelieved('it comes from the future');
  if (packet.at < now - (packet.delayed ? delayedMs : behindMs)) return disbelieved('it is too old');
  const fromInside = domains.has(packet.from.domain);
  if (origin.network === 'xmpp') {
    if (fromInside) return disbelieved('its sender is one of ours');
    if (!domains.has(packet.to.domain)) return disbelieved('its recipient is not one of ours');
    return pass(packet);
  }
  return fromInside ? pass(packet) : disbelieved('its sender is not one of ours');
}

function disbelieved(note: string): Verdict<Packet> {
  return refuse('origin-disbelieved', { note });
}
