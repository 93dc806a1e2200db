// Who may talk with whom: the internal user must be listed, the partner must exist and allow this pair.
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';

/**
 * Refuses with `user-unknown` or `not-permitted`, which both read alike to the sender (I5), and with
 * `partner-unknown` where an internal user writes to a domain that we do not federate with.
 */
export function checkPermission(packet: Packet, { direction, users, policy }: Situation): Verdict<Packet> {
  const inward = direction === 'inward';
  const internal = inward ? packet.to : packet.from;
  const external = inward ? packet.from : packet.to;
  if (!users.has(internal.bare)) return refuse(inward ? 'user-unknown' : 'not-permitted');
  const partner = policy.partners.get(external.domain);
  if (partner === undefined) return refuse(inward ? 'not-permitted' : 'partner-unknown');
  return partner.mayTalk(external, internal) ? pass(packet) : refuse('not-permitted');
}
