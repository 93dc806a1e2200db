// May these two talk? The domain first, then the pair (xmpp-boundary S4; I5: unknown and forbidden users answer alike).
import type { Packet } from '@sallyport/shared/packet.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { ReleaseSituation, Situation } from '../situation.ts';
import type { Envelope } from '../stanza/stanza.ts';

/**
 * Refuses with `domain-not-ours` what is not for the domain of this stream, and messages and presence with
 * `not-permitted` unless the partner's entry lets this pair talk. Errors pass: whether they answer something of ours is
 * known inside. Queries are answered here without looking at users; whoever asks for a card is judged inside.
 */
export function checkPartner<S extends Envelope>(subject: S, { stream, partner }: Situation): Verdict<S> {
  const { name, type, from, to } = subject;
  if (to.domain !== stream.localDomain) return refuse('domain-not-ours');
  if (name === 'iq') return pass(subject);
  if (to.local === '') return refuse('not-permitted', { note: 'to the domain' });
  if (type === 'error') return pass(subject);
  if (from.local === '') return refuse('not-permitted', { note: 'from the domain' });
  return partner.mayTalk(from, to) ? pass(subject) : refuse('not-permitted');
}

/** The same for what leaves. The refusal of what they wrote is told to them, whatever the entry says by now. */
export function checkPartnerOutward(packet: Packet, { partner, domains }: ReleaseSituation): Verdict<Packet> {
  const { from, to, content } = packet;
  if (!domains.has(from.domain)) return refuse('not-permitted', { note: 'the sender is not of our domains' });
  if (to.domain !== partner.domain) return refuse('partner-unknown', { note: 'another domain than the partner' });
  if (content.kind === 'bounce') return pass(packet);
  return partner.mayTalk(to, from) ? pass(packet) : refuse('not-permitted');
}
