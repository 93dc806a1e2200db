// The marks of the quarantine on an offered packet, there and back: what the one end may say the other may not.
import type { Offered, Offered__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Offered.ts';
import type { Packet } from '../packet.ts';
import { pass, refuse, type Verdict } from '../verdict.ts';

/** The gateway takes `held`: it only ever holds more. The proxy takes `released`, from inside, where operators are. */
export type MarksTaken = 'held' | 'released' | 'none';

const rule = /^[!-~]{1,100}$/;
const incident = /^[!-~]{1,64}$/;

export function marksToWire({ quarantine }: Packet): Pick<Offered, 'held' | 'released'> {
  if (quarantine === undefined) return {};
  if (quarantine.state === 'released') return { released: quarantine.incident };
  return { held: { rule: quarantine.rule, incident: quarantine.incident } };
}

/** The packet with the mark that came with it. Refuses with `origin-disbelieved` a mark that the other end may not make. */
export function withMark(packet: Packet, { held, released }: Offered__Output, taken: MarksTaken): Verdict<Packet> {
  const isHeld = held !== null && held !== undefined;
  const isReleased = released !== '' && released !== undefined;
  if (!isHeld && !isReleased) return pass(packet);
  if (isHeld && (taken !== 'held' || !rule.test(held.rule) || !incident.test(held.incident))) return forged('held');
  if (isReleased && (taken !== 'released' || !incident.test(released))) return forged('released');
  if (isHeld) return pass({ ...packet, quarantine: { state: 'held', rule: held.rule, incident: held.incident } });
  return pass({ ...packet, quarantine: { state: 'released', incident: released } });
}

function forged(field: string): Verdict<Packet> {
  return refuse('origin-disbelieved', { note: `the field ${field} is not one that this end may send` });
}
