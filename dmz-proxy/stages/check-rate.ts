// Is this stream, and is its partner with all its streams, within the agreed rate? (xmpp-boundary L7, XEP-0205)
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Flow } from '@sallyport/shared/policy/rate-schema.ts';
import { charged, excessMs } from '@sallyport/shared/rate.ts';
import { pass, refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { FlowAccount, Situation } from '../situation.ts';
import type { Envelope } from '../stanza/stanza.ts';

/**
 * Counts the stanza and its bytes. What is beyond the burst passes, since the stream is read slower from then on
 * (`overdrawnMs`); what is a second burst beyond it is refused with `rate-exceeded`: the slowing did not help.
 */
export function checkRate<S extends Envelope>(subject: S, { rates, partner, now }: Situation): Verdict<S> {
  const { stream, partner: all } = rates;
  const { rates: paces } = partner;
  if (!draw(stream, paces.stream, subject.bytes, now)) return refuse('rate-exceeded', { note: 'stream' });
  if (!draw(all, paces.partner, subject.bytes, now)) return refuse('rate-exceeded', { note: 'partner' });
  return pass(subject);
}

/** So long the stream should not be read, in milliseconds; 0 as long as it and its partner are within their bursts. */
export function overdrawnMs({ rates, partner, now }: Pick<Situation, 'rates' | 'partner' | 'now'>): number {
  const stream = overdrawn(rates.stream, partner.rates.stream, now);
  const all = overdrawn(rates.partner, partner.rates.partner, now);
  return stream > all ? stream : all;
}

function draw(account: FlowAccount, pace: Flow, bytes: number, now: Instant): boolean {
  const stanzasDue = charged(account.stanzas, now, 1, pace.stanzas);
  const bytesDue = charged(account.bytes, now, bytes, pace.bytes);
  if (excessMs(stanzasDue, now, pace.stanzas) > pace.stanzas.burstMs) return false;
  if (excessMs(bytesDue, now, pace.bytes) > pace.bytes.burstMs) return false;
  account.stanzas = stanzasDue;
  account.bytes = bytesDue;
  return true;
}

function overdrawn(account: FlowAccount, pace: Flow, now: Instant): number {
  const stanzas = excessMs(account.stanzas, now, pace.stanzas);
  const bytes = excessMs(account.bytes, now, pace.bytes);
  return stanzas > bytes ? stanzas : bytes;
}
